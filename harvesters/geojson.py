"""GeoJSON geometries (RFC 7946) from strangers: a plausible one, or none."""

from __future__ import annotations

import math
from typing import Any

from ckanext.digitalcity.core.model import Json

DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
MOST_POSITIONS = 2_000


def geometry(value: Any) -> Json | None:
    """The geometry in a GeoJSON value, also one wrapped in a Feature; None if it is not on this Earth or too detailed.

    Positions keep longitude and latitude (WGS 84, in this order); a height is left out.
    """
    if isinstance(value, dict) and value.get("type") == "Feature":
        value = value.get("geometry")
    if not isinstance(value, dict) or str(value.get("type")) not in DEPTHS:
        return None
    coordinates = _coordinates(value.get("coordinates"), DEPTHS[value["type"]])
    if coordinates is None or _count(coordinates) > MOST_POSITIONS:
        return None
    return {"type": value["type"], "coordinates": coordinates}


def point(value: Json | None) -> tuple[float, float] | None:
    """Longitude and latitude of a geometry that is a Point."""
    if value is None or value["type"] != "Point":
        return None
    longitude, latitude = value["coordinates"]
    return longitude, latitude


def _coordinates(value: Any, depth: int) -> list[Any] | None:
    if not isinstance(value, list) or not value:
        return None
    if depth == 0:
        return value[:2] if len(value) >= 2 and _within(value[0], 180) and _within(value[1], 90) else None
    inner = [_coordinates(item, depth - 1) for item in value]
    return None if None in inner else inner


def _within(value: Any, most: float) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and abs(value) <= most


def _count(coordinates: list[Any]) -> int:
    return sum(_count(item) for item in coordinates) if isinstance(coordinates[0], list) else 1
