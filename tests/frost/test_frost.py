"""SensorThings sources against the real FROST-Server: what it really pages, expands, filters and orders.

Run by ``./portal test frost``, which starts one. Never seen running so far: see portal/frost.py.
"""

from __future__ import annotations

import csv
import io
import os
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from ckanext.digitalcity.core.model import Recipe, Record, Ref
from ckanext.digitalcity.harvesters.http import Http, HttpLimits
from ckanext.digitalcity.harvesters.sensorthings import SensorThings

FROST = os.environ.get("FROST_URL", "")
pytestmark = pytest.mark.skipif(not FROST, reason="needs a FROST-Server: ./portal test frost")
COUNT = 250  # more than the hundred that FROST gives at a time
NO2 = {"name": "Nitrogen dioxide", "definition": "https://example.org/no2", "description": "NO2"}
SENSOR = {"name": "S", "description": "S", "encodingType": "application/pdf", "metadata": "https://example.org/s.pdf"}
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


def thing(name: str, observations: list[dict[str, Any]]) -> str:
    """Puts a Thing with one Datastream there: its id."""
    stream = {
        "name": f"NO2 of {name}", "description": "Roadside", "observationType": MEASUREMENT,
        "unitOfMeasurement": {"name": "microgram per cubic metre", "symbol": "µg/m³", "definition": "ucum:ug/m3"},
        "ObservedProperty": NO2, "Sensor": SENSOR, "Observations": observations,
    }  # fmt: skip
    place = {"name": "Here", "description": "Here", "encodingType": "application/vnd.geo+json",
             "location": {"type": "Point", "coordinates": [-4.3, 52.3]}}  # fmt: skip
    facts = {"name": name, "description": "A station", "Locations": [place], "Datastreams": [stream]}
    made = requests.post(f"{FROST}/Things", json=facts, timeout=60)
    made.raise_for_status()
    return made.headers["Location"].rpartition("(")[2].rstrip(")").strip("'")


def source(**options: Any) -> SensorThings:
    recipe = Recipe("frost", "FROST", "sensorthings", FROST, "aberfal", options=options)
    return SensorThings(recipe, Http(["127.0.0.0/8"], limits=HttpLimits(retries=0)))


def listed(**options: Any) -> dict[str, Ref]:
    return {ref.remote_id: ref for ref in source(**options).gather()}


def table(record: Record, month: str) -> list[dict[str, str]]:
    (file,) = (file for file in record.files if file.key.endswith(month))
    return list(csv.DictReader(io.StringIO(b"".join(file.read()).decode())))


def hourly(month: str, count: int = COUNT) -> list[dict[str, Any]]:
    times = [f"{month}-{number // 24 + 1:02}T{number % 24:02}:00:00Z" for number in range(count)]
    return [{"phenomenonTime": time, "result": number / 8} for number, time in enumerate(times)]


def test_every_observation_of_many_pages_comes_in_its_month_and_order() -> None:
    id_ = thing("Harbour", hourly("2026-03") + hourly("2026-01", 3))
    record = source().fetch(listed()[id_], None)
    assert [file.key[-7:] for file in record.files] == ["2026-01", "2026-03"]
    rows = table(record, "2026-03")
    assert [float(row["result"]) for row in rows] == [number / 8 for number in range(COUNT)]
    assert {(row["unit"], row["longitude"], row["observed_property"]) for row in rows} == {
        ("ug/m3", "-4.3", "Nitrogen dioxide")
    }


def test_more_things_than_fit_a_page_are_each_listed_once() -> None:
    made = {thing(f"Station {number}", []) for number in range(120)}
    refs = [ref.remote_id for ref in source().gather()]
    assert made <= set(refs)
    assert len(refs) == len(set(refs))


def test_a_version_changes_with_a_new_observation_and_not_before() -> None:
    id_ = thing("School", hourly("2026-03", 2))
    before = listed()[id_]
    assert before.version == listed()[id_].version is not None
    (stream,) = requests.get(f"{FROST}/Things({id_})/Datastreams", timeout=60).json()["value"]
    more = {"phenomenonTime": "2026-03-09T00:00:00Z", "result": 1}
    requests.post(f"{FROST}/Datastreams({stream['@iot.id']})/Observations", json=more, timeout=60).raise_for_status()
    assert listed()[id_].version != before.version


def test_an_old_month_with_a_newer_result_is_read_again() -> None:
    id_ = thing("Bridge", hourly("2025-11", 2) + hourly("2026-01", 2))
    cursor = source().fetch(listed()[id_], None).cursor
    (stream,) = requests.get(f"{FROST}/Things({id_})/Datastreams", timeout=60).json()["value"]
    late = {"phenomenonTime": "2025-11-09T00:00:00Z", "resultTime": datetime.now(UTC).isoformat(), "result": 1}
    requests.post(f"{FROST}/Datastreams({stream['@iot.id']})/Observations", json=late, timeout=60).raise_for_status()
    record = source().fetch(listed()[id_], cursor)
    assert [file.key[-7:] for file in record.files] == ["2025-11", "2026-01"]
    assert len(table(record, "2025-11")) == 3


@pytest.mark.parametrize("dataset", ["datastream", "property"])
def test_other_datasets_than_things_have_the_same_observations(dataset: str) -> None:
    thing("Park", hourly("2026-03", 5))
    found = [source(dataset=dataset).fetch(ref, None) for ref in source(dataset=dataset).gather()]
    assert any(row["result"] == "0.5" for record in found for file in record.files
               for row in table(record, file.key[-7:]))  # fmt: skip
