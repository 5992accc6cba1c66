"""Observations of one Datastream as a CSV file, written while the pages come in (OGC 18-088, section 8.2.6)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ckanext.digitalcity.core.errors import Retriable
from ckanext.digitalcity.core.model import Json

from .geojson import geometry, point
from .text import SURROGATE, line

# Names and order of schemas/table/sensor-observations
COLUMNS = (
    "phenomenon_time",
    "phenomenon_time_end",
    "result_time",
    "result",
    "unit",
    "datastream_id",
    "thing_id",
    "observed_property",
    "longitude",
    "latitude",
    "quality",
)
CHUNK = 1 << 16  # characters
ALREADY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|", re.ASCII)  # a time just as iso would write it, or none


@dataclass(frozen=True, slots=True)
class Context:
    """What all observations of a Datastream share.

    Attributes:
        part: which part of each result is meant, where a result has several (MultiDatastream).
        features: whether an observation is where its FeatureOfInterest is.
    """

    datastream_id: str
    thing_id: str
    observed_property: str
    unit: str
    longitude: float | None
    latitude: float | None
    part: int | None = None
    features: bool = False


def as_csv(observations: Iterable[Json], contexts: Sequence[Context]) -> Iterator[bytes]:
    """A header and a row for each part of an observation: UTF-8, commas, CRLF (RFC 4180), some 64 KiB at a time."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for observation in observations:
        for context in contexts:
            writer.writerow(row(observation, context))
        if buffer.tell() > CHUNK:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def row(observation: Json, context: Context) -> tuple[Any, ...]:
    """One observation's cells. What is wrong with them stays wrong, for the check to find."""
    begin, _, end = line(observation.get("phenomenonTime")).partition("/")
    result, longitude, latitude = observation.get("result"), context.longitude, context.latitude
    if context.part is not None:
        result = result[context.part] if isinstance(result, list) and context.part < len(result) else None
    if context.features:
        longitude, latitude = _feature(observation.get("FeatureOfInterest")) or (None, None)
    return (
        iso(begin),
        iso(end),
        iso(line(observation.get("resultTime"))),
        cell(result),
        context.unit,
        context.datastream_id,
        context.thing_id,
        context.observed_property,
        longitude,
        latitude,
        cell(observation.get("resultQuality")),
    )


def _feature(stated: Any) -> tuple[float, float] | None:
    """Where a feature of interest is, if it is a point."""
    return point(geometry(stated.get("feature"))) if isinstance(stated, dict) else None


def cell(value: Any) -> str:
    """A result as text: numbers as they were written, true and false, lists and objects as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, (bool, dict, list)):
        return json.dumps(value, default=str)
    return str(value)


def iso(text: str) -> str:
    """A time in ISO 8601 with the zone it came with. Without a zone it stays without; no time stays as it is."""
    if ALREADY.fullmatch(text):  # most are, and millions of times pass through here
        return text
    moment = parsed(text)
    return text if moment is None else moment.isoformat().replace("+00:00", "Z")


def parsed(text: str) -> datetime | None:
    """The moment that a text names, with or without a zone; None if it names none."""
    try:
        return datetime.fromisoformat(text) if "T" in text.upper() else None
    except ValueError:
        return None


def start(observation: Json) -> datetime | None:
    """When the observed thing was so, or began to be."""
    return instant(line(observation.get("phenomenonTime")).partition("/")[0])


def instant(text: str) -> datetime | None:
    """The moment that a text names, in UTC. Without a zone it counts as UTC, only to sort it somewhere."""
    moment = parsed(text)
    try:
        return moment.astimezone(UTC) if moment and moment.tzinfo else moment and moment.replace(tzinfo=UTC)
    except OverflowError:  # the first or last hours that there are
        return None


def between(observations: Iterable[Json], begin: datetime, end: datetime) -> Iterator[Json]:
    """Those that start in a span of time, up to the first that starts after it; the pages after that are not read.

    Args:
        observations: in the order of phenomenonTime.

    Raises:
        Retriable: they are not in this order, so some could have been missed.
    """
    last, same = begin, set[str]()
    for observation in observations:
        moment = start(observation)
        if moment is None:
            yield observation
            continue
        if moment < begin:
            continue
        if moment >= end:
            return
        if moment < last:
            raise Retriable(
                "The observations did not come in the order of their times.",
                "They may have changed while they were read; else tell whoever runs the server.",
            )
        if moment > last:
            last, same = moment, set()
        # what is added meanwhile pushes the last one onto the next page, where it comes again
        if "@iot.id" in observation:
            id_ = repr(observation["@iot.id"])
            if id_ in same:
                continue
            same.add(id_)
        yield observation
