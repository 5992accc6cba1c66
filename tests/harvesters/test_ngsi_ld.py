"""Context brokers: both dialects and all notations, tables of entities, readings, and examples of smart-data-models."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from world_ngsi_ld import Broker

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, RecipeError
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.ngsi_ld import NgsiLd
from ckanext.digitalcity.harvesters.observations import COLUMNS

Door = Callable[..., Http]


@pytest.fixture
def broker(httpserver: HTTPServer) -> Broker:
    return Broker(httpserver)


def source(broker: Broker, door: Door, **options: Any) -> NgsiLd:
    return NgsiLd(broker.recipe(options={"dataset": "type", **options}), door())


def listed(broker: Broker, door: Door, **options: Any) -> list[Ref]:
    return list(source(broker, door, **options).gather())


def fetched(broker: Broker, door: Door, **options: Any) -> list[Record]:
    return [source(broker, door, **options).fetch(ref, None) for ref in listed(broker, door, **options)]


def rows(record: Record, key: str = "entities") -> list[dict[str, str]]:
    (file,) = [file for file in record.files if file.key == key]
    return list(csv.DictReader(io.StringIO(b"".join(file.read()).decode(), newline="")))


def only(broker: Broker, door: Door, entity: dict[str, Any], **options: Any) -> Record:
    broker.entities = [{"id": "x", "type": "T", **entity}]
    (record,) = fetched(broker, door, **options)
    return record


# -- lists


def test_a_type_is_a_dataset_of_all_its_entities(broker: Broker, door: Door) -> None:
    for number in range(8):
        broker.add(f"t{number}")
    broker.entities.append({"id": "b", "type": "https://example.org/terms#Bench"})
    trees, bench = fetched(broker, door)
    assert (trees.remote_id, trees.title) == ("Tree", "Tree")
    assert (bench.remote_id, bench.title) == ("https://example.org/terms#Bench", "Bench")
    assert [row["id"] for row in rows(trees)] == [f"t{number}" for number in range(8)]


def test_only_wanted_types_are_read_and_empty_ones_are_none(broker: Broker, door: Door) -> None:
    broker.add("t")
    assert [ref.remote_id for ref in listed(broker, door, types=["Tree", "Bench"])] == ["Tree"]
    assert not any(request.path.endswith("/types") for request, _ in broker.server.log)


def test_a_type_is_read_at_every_run_and_an_entity_when_it_changed(broker: Broker, door: Door) -> None:
    broker.add("t")
    assert [ref.version for ref in listed(broker, door)] == [None]
    assert all(ref.version for ref in listed(broker, door, dataset="entity"))


def test_an_entity_removed_while_the_list_is_read_hides_no_other(broker: Broker, door: Door) -> None:
    for number in range(8):
        broker.add(f"t{number}")
    answer, asked = broker._page, []

    def later(items: list[Any], request: Any) -> Any:
        asked.append(request.args["offset"])
        if len(asked) == 3:
            del items[0], broker.entities[0]
        return answer(items, request)

    broker._page = later  # type: ignore[method-assign]
    assert {f"t{n}" for n in range(1, 8)} <= {ref.remote_id for ref in listed(broker, door, dataset="entity")}


def test_the_older_api_is_read_too(broker: Broker, door: Door) -> None:
    for number in range(5):
        broker.add(f"t{number}")
        broker.entities.append({"id": f"t{number}", "type": f"Type{number}"})
    assert len(listed(broker, door, api="v2")) == 6
    both = [ref.remote_id for ref in listed(broker, door, api="v2", dataset="entity")]
    assert {"Tree/t1", "Type1/t1"} <= set(both)
    assert len(both) == len(set(both)) == 10


@pytest.mark.parametrize("api", ["ngsi-ld", "v2"])
def test_the_tenant_is_named_in_every_request(broker: Broker, door: Door, api: str) -> None:
    broker.add("t")
    broker.tenant = "aberfal"
    with pytest.raises(Fatal):
        listed(broker, door, api=api)
    (record,) = fetched(broker, door, api=api, tenant="aberfal")
    assert rows(record)[0]["id"] == "t"


def test_an_entity_that_is_another_is_not_taken(broker: Broker, door: Door) -> None:
    broker.add("t")
    (ref,) = listed(broker, door, dataset="entity")
    broker.entity("t")["id"] = "other"
    broker.file = lambda request: broker._json(broker.entities[0])  # type: ignore[method-assign]
    (file,) = source(broker, door, dataset="entity").fetch(ref, None).files
    with pytest.raises(Exception, match="not the entity"):
        list(file.read())


def test_a_page_of_a_table_that_fails_is_worth_another_try(broker: Broker, door: Door) -> None:
    for number in range(7):
        broker.add(f"t{number}")
    broker.page_size = 100
    (record,) = fetched(broker, door)
    broker.page_size, broker.broken_page = 3, True
    with pytest.raises(IncompleteGather):
        list(record.files[0].read())


@pytest.mark.parametrize(
    "options", [{"api": "v3"}, {"dataset": 1}, {"types": "Tree"}, {"types": [1]}, {"tenant": "a\r\nb"}, {"tenant": 1}]
)
def test_options_that_make_no_sense_are_refused(broker: Broker, door: Door, options: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=next(iter(options))):
        source(broker, door, **options)


# -- notations

POINT = {"type": "Point", "coordinates": [-4.1, 52.4]}
NOTATIONS: dict[str, dict[str, Any]] = {
    "normalized": {
        "no2": {"type": "Property", "value": 69, "unitCode": "GQ", "observedAt": "2026-03-01T08:00:00Z"},
        "location": {"type": "GeoProperty", "value": POINT},
        "site": {"type": "Relationship", "object": "urn:ngsi-ld:Site:1"},
    },
    "concise": {
        "no2": {"value": 69, "unitCode": "GQ", "observedAt": "2026-03-01T08:00:00Z"},
        "location": {"value": POINT},
        "site": {"object": "urn:ngsi-ld:Site:1"},
    },
    "v2": {
        "no2": {
            "type": "Number",
            "value": 69,
            "metadata": {
                "unitCode": {"type": "Text", "value": "GQ"},
                "TimeInstant": {"type": "DateTime", "value": "2026-03-01T08:00:00Z"},
            },
        },
        "location": {"type": "geo:point", "value": "52.4, -4.1"},
        "site": {"type": "Relationship", "value": "urn:ngsi-ld:Site:1"},
    },
    "full names": {
        "https://example.org/terms/no2": {"value": 69, "unitCode": "GQ", "observedAt": "2026-03-01T08:00:00Z"},
        "https://uri.etsi.org/ngsi-ld/location": {"value": POINT},
        "https://example.org/terms#site": {"object": "urn:ngsi-ld:Site:1"},
    },
    "several": {
        "no2": [
            {"value": 7, "datasetId": "urn:second"},
            {"value": 69, "unitCode": "GQ", "observedAt": "2026-03-01T08:00:00Z"},
        ],
        "location": {"value": POINT},
        "site": {"object": "urn:ngsi-ld:Site:1"},
    },
}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_gives_the_same_row_and_the_same_reading(broker: Broker, door: Door, notation: str) -> None:
    record = only(broker, door, NOTATIONS[notation], api="v2" if notation == "v2" else "ngsi-ld")
    (row,) = rows(record)
    assert json.loads(row.pop("location")) == POINT
    assert row == {
        "id": "x", "type": "T", "no2": "69", "no2_unit": "ug/m3", "no2_observed_at": "2026-03-01T08:00:00Z",
        "site": "urn:ngsi-ld:Site:1", "longitude": "-4.1", "latitude": "52.4",
    }  # fmt: skip
    (reading,) = rows(record, "observations")
    assert tuple(reading) == COLUMNS
    assert {name: value for name, value in reading.items() if value} == {
        "phenomenon_time": "2026-03-01T08:00:00Z", "result": "69", "unit": "ug/m3", "datastream_id": "x/no2",
        "thing_id": "x", "observed_property": "no2", "longitude": "-4.1", "latitude": "52.4",
    }  # fmt: skip


def test_plain_values_have_neither_unit_nor_time_but_what_the_whole_entity_says(broker: Broker, door: Door) -> None:
    record = only(broker, door, {"no2": 69, "level": "low", "ok": True, "dateObserved": "2026-03-01T08:00:00"})
    assert rows(record)[0]["level"] == "low"
    (reading,) = rows(record, "observations")
    assert (reading["phenomenon_time"], reading["result"], reading["unit"]) == ("2026-03-01T08:00:00", "69", "")


def test_entities_without_readings_have_no_observations(broker: Broker, door: Door) -> None:
    assert [file.key for file in only(broker, door, {"height": 20, "name": "Oak"}).files] == ["entities"]


def test_a_column_of_its_own_counts_before_one_of_ours(broker: Broker, door: Door) -> None:
    entity = {"no2": {"value": 1, "unitCode": "GQ"}, "no2_unit": "theirs", "location": POINT, "latitude": "theirs"}
    (row,) = rows(only(broker, door, entity))
    assert (row["no2_unit"], row["latitude"], row["longitude"]) == ("theirs", "theirs", "-4.1")


def test_columns_are_those_of_all_entities(broker: Broker, door: Door) -> None:
    broker.entities = [{"id": "a", "type": "T", "p": 1}, {"id": "b", "type": "T", "q": {"value": [1, {"x": "é"}]}}]
    (record,) = fetched(broker, door)
    assert [list(row.values()) for row in rows(record)] == [
        ["a", "T", "1", ""],
        ["b", "T", "", '[1, {"x": "\\u00e9"}]'],
    ]


# -- examples of smart-data-models

EXAMPLES = [
    f"smart-data-models__dataModel.{domain}/{type_}/examples/{name}"
    for domain, types in {
        "Environment": ("AeroAllergenObserved", "AirQualityMonitoring", "AirQualityObserved", "FloodMonitoring",
                        "NoiseLevelObserved", "WaterObserved"),
        "Parking": ("OffStreetParking", "OnStreetParking", "ParkingSpot"),
    }.items()
    for type_ in types
    for name in ("example-normalized.jsonld", "example.jsonld", "example-normalized.json", "example.json")
]  # fmt: skip


@pytest.mark.parametrize("name", [*EXAMPLES, "OPSILab__Idra/orion-test/room_entity.json"])
def test_every_attribute_of_a_real_entity_is_in_its_table(broker: Broker, door: Door, cases: Path, name: str) -> None:
    entity = json.loads((cases / "feeds" / name).read_text("utf-8"))
    broker.entities = [entity]
    (record,) = fetched(broker, door, api="ngsi-ld" if name.endswith("jsonld") else "v2")
    (row,) = rows(record)
    assert set(entity) - {"@context"} <= set(row)
    assert row["id"] == entity["id"]


@pytest.mark.parametrize("name", ["AirQualityObserved", "NoiseLevelObserved", "WaterObserved"])
def test_real_observations_become_readings(broker: Broker, door: Door, cases: Path, name: str) -> None:
    path = cases / f"feeds/smart-data-models__dataModel.Environment/{name}/examples/example-normalized.jsonld"
    broker.entities = [json.loads(path.read_text("utf-8"))]
    (record,) = fetched(broker, door)
    found = rows(record, "observations")
    assert len(found) >= 3
    assert all(row["phenomenon_time"][:2] == "20" and float(row["result"]) >= 0 for row in found)
