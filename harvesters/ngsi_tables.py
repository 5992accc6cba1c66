"""Entities of a context broker as tables: all of them as they are now, and their readings as observations."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ckanext.digitalcity.core.model import Json

from .ngsi_attributes import Attribute, attributes, is_number, observed_at, place
from .observations import COLUMNS, cell, iso
from .text import line

Entities = Callable[[], Iterable[Json]]  # each call reads them anew
Place = tuple[float, float]  # longitude, latitude
CHUNK = 1 << 16  # characters


def snapshot(entities: Entities) -> Iterator[bytes]:
    """One row an entity, one column an attribute; units and times beside it where any entity states them."""
    columns: dict[str, None] = {"id": None, "type": None}
    for entity in entities():
        columns |= dict.fromkeys(_cells(entity))
    yield from as_csv(list(columns), (_cells(entity) for entity in entities()))


def observations(entities: Entities) -> Iterator[bytes]:
    """One row a reading: a number that says when it was observed, itself or with its whole entity."""
    yield from as_csv(list(COLUMNS), (row for entity in entities() for row in readings(entity)))


def readings(entity: Json) -> Iterator[Json]:
    """The readings of an entity, as rows."""
    found = list(attributes(entity))
    whole, where, id_ = observed_at(found), place(found), line(entity.get("id"), 300)
    for attribute in found:
        at = attribute.at or whole
        if at and is_number(attribute.value):
            yield reading(id_, attribute, at, where)


def reading(id_: str, attribute: Attribute, at: str, where: Place | None) -> Json:
    """One row, by column of schemas/table/sensor-observations."""
    begin, _, end = at.partition("/")
    return {
        "phenomenon_time": iso(begin),
        "phenomenon_time_end": iso(end),
        "result": cell(attribute.value),
        "unit": attribute.unit,
        "datastream_id": "/".join(filter(None, (id_, attribute.name, attribute.set))),
        "thing_id": id_,
        "observed_property": attribute.name,
        "longitude": where[0] if where else "",
        "latitude": where[1] if where else "",
    }


def _cells(entity: Json) -> Json:
    """An entity's cells by column. An attribute's own name counts before what we put beside another."""
    found = list(attributes(entity))
    where = place(found)
    beside: Json = {name: value for attribute in found for name, value in _beside(attribute).items() if value}
    if where:
        beside |= {"longitude": where[0], "latitude": where[1]}
    own = {attribute.name: cell(attribute.value) for attribute in found}
    return {"id": cell(entity.get("id")), "type": cell(entity.get("type")), **_in_order(own, beside)}


def _in_order(own: dict[str, str], beside: Json) -> Json:
    cells: Json = {}
    for name, value in own.items():
        cells[name] = value
        cells |= {n: beside[n] for n in (f"{name}_unit", f"{name}_observed_at") if n in beside and n not in own}
    return cells | {n: beside[n] for n in ("longitude", "latitude") if n in beside and n not in own}


def _beside(attribute: Attribute) -> dict[str, str]:
    return {f"{attribute.name}_unit": attribute.unit, f"{attribute.name}_observed_at": iso(attribute.at)}


def as_csv(columns: list[str], rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """A header and the rows, some 64 KiB at a time."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow(row)
        if buffer.tell() > CHUNK:
            yield buffer.getvalue().encode("utf-8", "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", "replace")
