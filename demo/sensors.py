"""Aberfal's sensors as OGC SensorThings entities (OGC 18-088), with their readings up to now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from .places import PLACES, Place
from .readings import Stream, is_missing

Entity = dict[str, Any]

HOUR = timedelta(hours=1)


def things(now: datetime) -> list[Entity]:
    """All Things with their observations from the first of last month (UTC) to the last full hour.

    Args:
        now: time zone aware.
    """
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    begin = (end.replace(day=1, hour=0) - timedelta(days=1)).replace(day=1)
    return [_thing(place, begin, end) for place in PLACES]


def _thing(place: Place, begin: datetime, end: datetime) -> Entity:
    point = {"type": "Point", "coordinates": [place.longitude, place.latitude]}
    location = {
        "@iot.id": f"{place.id}-location",
        "name": place.name,
        "description": "Where it hangs.",
        "encodingType": "application/geo+json",
        "location": point,
    }
    return {
        "@iot.id": place.id,
        "name": place.name,
        "description": place.description,
        "properties": {"licence": place.licence} if place.licence else {},
        "Locations": [location],
        "Datastreams": [_datastream(stream, begin, end) for stream in place.streams],
    }


def _datastream(stream: Stream, begin: datetime, end: datetime) -> Entity:
    return {
        "@iot.id": stream.id,
        "name": stream.name,
        "description": f"{stream.observed}, one value for each hour.",
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": stream.unit,
        "ObservedProperty": {"@iot.id": stream.id, "name": stream.observed, "definition": stream.definition},
        "Sensor": {
            "@iot.id": stream.id,
            "name": stream.sensor,
            "encodingType": "text/plain",
            "metadata": stream.sensor,
        },
        "Observations": list(_observations(stream, begin, end)),
    }


def _observations(stream: Stream, begin: datetime, end: datetime) -> Iterator[Entity]:
    for number in range(int((end - begin) / HOUR)):
        start = begin + number * HOUR
        if is_missing(stream, start):
            continue
        value = stream.curve(start, stream)
        if not isinstance(value, str):
            value = round(value) if stream.whole else round(value, 1)
        yield {
            "@iot.id": f"{stream.id}-{start:%Y%m%d%H}",
            "phenomenonTime": f"{_iso(start)}/{_iso(start + HOUR)}",
            "resultTime": _iso(start + HOUR),
            "result": value,
        }


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
