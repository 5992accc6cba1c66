"""Esri's JSON: fields, domains, dates and geometries of a layer (Esri GeoServices REST, "Common data types")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from ckanext.digitalcity.core.model import Json

from .observations import cell
from .text import line

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGE = 10**15
OID = "esriFieldTypeOID"
TYPES = {
    OID: "integer",
    "esriFieldTypeSmallInteger": "integer",
    "esriFieldTypeInteger": "integer",
    "esriFieldTypeBigInteger": "integer",
    "esriFieldTypeSingle": "number",
    "esriFieldTypeDouble": "number",
    "esriFieldTypeString": "string",
    "esriFieldTypeGUID": "string",
    "esriFieldTypeGlobalID": "string",
    "esriFieldTypeXML": "string",
    "esriFieldTypeDate": "datetime",
    "esriFieldTypeDateOnly": "date",
    "esriFieldTypeTimeOnly": "time",
    "esriFieldTypeTimestampOffset": "datetime",
}
NO_CELLS = {"esriFieldTypeGeometry", "esriFieldTypeBlob", "esriFieldTypeRaster"}

Point = tuple[Any, Any]
Ring = list[Point]


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a layer and how its values are written.

    Attributes:
        names: of a coded-value domain, what each code means.
        zoned: whether the layer's dates are moments in UTC; else their zone is not known.
    """

    name: str
    type: str
    names: dict[str, str]
    schema: Json
    zoned: bool = True

    def cell(self, value: Any) -> str:
        """A value as text. What is wrong with it stays wrong, for the check to find."""
        if self.names and (found := self.names.get(cell(value))) is not None:
            return found
        if self.type == "esriFieldTypeDate" and _is_number(value):
            return _date(value, self.zoned)
        return cell(value)


def columns(layer: Json) -> list[Column]:
    """The fields that become columns. Those that say who edited a row stay behind: they name people."""
    edits = layer.get("editFieldsInfo")
    people = {edits.get("creatorField"), edits.get("editorField")} if isinstance(edits, dict) else set()
    found: dict[str, Column] = {}
    fields = layer.get("fields")
    for field in fields if isinstance(fields, list) else []:
        name = field.get("name") if isinstance(field, dict) else None
        if not isinstance(name, str) or not 0 < len(name) <= 200 or not name.isprintable() or name in people:
            continue
        if field.get("type") in NO_CELLS:
            continue
        found.setdefault(name, _column(name, field, layer.get("datesInUnknownTimezone") is not True))
    return list(found.values())


def object_id(layer: Json) -> str | None:
    """Name of the field that numbers the rows; None if there is none."""
    stated = layer.get("objectIdField")
    names = [column.name for column in columns(layer) if column.type == OID or column.name == stated]
    return stated if isinstance(stated, str) and stated in names else next(iter(names), None)


def _column(name: str, field: Json, zoned: bool) -> Column:
    domain = field.get("domain")
    names = _codes(domain) if isinstance(domain, dict) else {}
    type_ = TYPES.get(str(field.get("type")), "any")
    if field.get("type") == "esriFieldTypeDate" and not zoned:
        type_ = "any"
    constraints: Json = {}
    if names:
        type_, constraints = "string", {"enum": sorted(set(names.values()))}
    elif type_ in ("integer", "number") and isinstance(domain, dict) and domain.get("type") == "range":
        constraints = _range(domain.get("range"))
    facts = {"name": name, "type": type_, "title": line(field.get("alias")), "constraints": constraints}
    return Column(name, str(field.get("type")), names, {k: v for k, v in facts.items() if v}, zoned)


def _codes(domain: Json) -> dict[str, str]:
    listed = domain.get("codedValues")
    if domain.get("type") != "codedValue" or not isinstance(listed, list):
        return {}
    pairs = ((cell(pair.get("code")), line(pair.get("name"))) for pair in listed if isinstance(pair, dict))
    return {code: name for code, name in pairs if code and name}


def _range(value: Any) -> Json:
    numbers = isinstance(value, list) and len(value) == 2 and all(_is_number(number) for number in value)
    return {"minimum": float(value[0]), "maximum": float(value[1])} if numbers else {}


def iso_date(value: Any) -> str:
    """Milliseconds since 1970 in UTC as ISO 8601; "" if it is no such number."""
    return _date(value, True) if _is_number(value) else ""


def _date(value: Any, zoned: bool) -> str:
    try:
        text = (EPOCH + timedelta(milliseconds=int(value))).isoformat().removesuffix("+00:00")
    except (OverflowError, ValueError):
        return str(value)
    return f"{text}Z" if zoned else text


def point(geometry: Any) -> tuple[str, str]:
    """x and y of a point; empty if it has none."""
    found = (geometry.get("x"), geometry.get("y")) if isinstance(geometry, dict) else (None, None)
    return (str(found[0]), str(found[1])) if all(_is_number(number) for number in found) else ("", "")


def wkt(geometry: Any) -> str:
    """Lines, areas and groups of points as well-known text (OGC 06-103r4, section 7); "" for anything else."""
    if not isinstance(geometry, dict):
        return ""
    if "points" in geometry:
        points = _positions(geometry["points"])
        return f"MULTIPOINT ({', '.join(f'({x} {y})' for x, y in points)})" if points else ""
    if "paths" in geometry:
        paths = [path for path in _rings(geometry["paths"]) if len(path) > 1]
        return f"MULTILINESTRING ({', '.join(map(_text, paths))})" if paths else ""
    if "rings" in geometry:
        areas = _areas([ring for ring in _rings(geometry["rings"]) if len(ring) > 3])
        texts = (f"({', '.join(map(_text, area))})" for area in areas)
        return f"MULTIPOLYGON ({', '.join(texts)})" if areas else ""
    return ""


def _areas(rings: list[Ring]) -> list[list[Ring]]:
    """Each outer ring (clockwise) with the holes (anticlockwise) that lie in it; a hole in none stands for itself."""
    areas = [[ring] for ring in rings if _turn(ring) <= 0]
    outer = list(areas)
    for hole in (ring for ring in rings if _turn(ring) > 0):
        around = next((area for area in outer if _inside(hole[0], area[0])), None)
        if around is None:
            areas.append([hole])
        else:
            around.append(hole)
    return areas


def _turn(ring: Ring) -> float:
    """Twice the area within a ring; positive if it runs anticlockwise."""
    x0, y0 = map(float, ring[0])
    near = [(float(x) - x0, float(y) - y0) for x, y in ring]
    return sum(a * d - c * b for (a, b), (c, d) in pairwise(near))


def _inside(point: Point, ring: Ring) -> bool:
    """Whether a ray from the point crosses the ring an odd number of times."""
    px, py = map(float, point)
    odd = False
    for (xa, ya), (xb, yb) in pairwise(ring):
        ax, ay, bx, by = float(xa), float(ya), float(xb), float(yb)
        if (ay > py) != (by > py) and px < (bx - ax) * (py - ay) / (by - ay) + ax:
            odd = not odd
    return odd


def _rings(value: Any) -> Iterator[Ring]:
    return (_positions(ring) for ring in (value if isinstance(value, list) else []))


def _positions(value: Any) -> Ring:
    """The positions of a list without heights and measures; what is none is left out."""
    listed = value if isinstance(value, list) else []
    return [
        (position[0], position[1])
        for position in listed
        if isinstance(position, list) and len(position) >= 2 and _is_number(position[0]) and _is_number(position[1])
    ]


def _text(ring: Ring) -> str:
    return f"({', '.join(f'{x} {y}' for x, y in ring)})"


def _is_number(value: Any) -> bool:
    """Whether a value is a number of a bearable size: no date, place or limit has a larger one."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and -LARGE < value < LARGE
