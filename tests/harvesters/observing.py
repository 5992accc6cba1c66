"""What the tests of SensorThings sources share."""

from __future__ import annotations

import csv
import io
from typing import Any

from worlds import Things

from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.sensorthings import SensorThings


def observe(things: Things, *observations: Any, stream: int = 0) -> None:
    """Puts observations in place of those that are there: dictionaries, or just times."""
    things.data["Things"][0]["Datastreams"][stream]["Observations"] = [
        o if isinstance(o, dict) else {"phenomenonTime": o, "resultTime": None, "result": 1} for o in observations
    ]


def the_ref(source: SensorThings) -> Ref:
    (ref,) = source.gather()
    return ref


def fetch(source: SensorThings, cursor: str | None = None) -> Record:
    return source.fetch(the_ref(source), cursor)


def table(record: Record, key: str) -> list[dict[str, str]]:
    (file,) = (file for file in record.files if file.key == key)
    return list(csv.DictReader(io.StringIO(b"".join(file.read()).decode())))


def keys(record: Record) -> list[str]:
    return [file.key for file in record.files]
