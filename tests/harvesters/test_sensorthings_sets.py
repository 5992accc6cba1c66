"""SensorThings services: other datasets than Things, several results in one, moving things, units, corrections."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from frictionless import Resource, Schema
from observing import keys, observe, table
from werkzeug import Response
from worlds import Things

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.sensorthings import SensorThings
from ckanext.digitalcity.harvesters.units import ucum

Door = Callable[..., Http]
NO2 = {"@iot.id": 1, "name": "Nitrogen dioxide"}
NOISE = {"@iot.id": 2, "name": "Noise"}


@pytest.fixture
def city(things: Things) -> Things:
    """Two Things; each measures NO2, the second also noise."""
    first = things.data["Things"][0]
    first["Datastreams"][0] |= {"@iot.id": 1, "ObservedProperty": NO2}
    second = copy.deepcopy(first)
    second |= {"@iot.id": "u", "name": "Second", "properties": {"licence": "CC0-1.0"}}
    second["Locations"][0]["location"] = {"type": "Point", "coordinates": [-3, 53]}
    second["Datastreams"][0] |= {"@iot.id": 2}
    second["Datastreams"].append({**copy.deepcopy(second["Datastreams"][0]), "@iot.id": 3, "ObservedProperty": NOISE})
    things.data["Things"].append(second)
    return things


def multi(**facts: Any) -> dict[str, Any]:
    """A MultiDatastream of a weather station; facts of its own come in place of ours."""
    return {
        "@iot.id": 1,
        "name": "Weather",
        "unitOfMeasurements": [{"symbol": "°C"}, {"symbol": "%"}],
        "ObservedProperties": [{"@iot.id": 8, "name": "Temperature"}, {"@iot.id": 9, "name": "Humidity"}],
        "Observations": [
            {"@iot.id": 1, "phenomenonTime": "2026-03-01T00:00:00Z", "result": [11.5, 80]},
            {"@iot.id": 2, "phenomenonTime": "2026-03-01T01:00:00Z", "result": [12, None]},
        ],
        **facts,
    }


def records(world: Things, door: Door, **options: Any) -> dict[str, Record]:
    source = SensorThings(world.recipe(options=options), door())
    refs = [Ref(r.remote_id, r.version, r.title, json.loads(json.dumps(r.hint))) for r in source.gather()]
    return {ref.remote_id: source.fetch(ref, None) for ref in refs}


# -- what a dataset is


def test_a_dataset_can_be_a_datastream(city: Things, door: Door) -> None:
    found = records(city, door, dataset="datastream")
    assert {id_: keys(record) for id_, record in found.items()} == {
        "1": ["ds-1/2026-03"], "2": ["ds-2/2026-03"], "3": ["ds-3/2026-03"]
    }  # fmt: skip
    assert (found["3"].title, found["3"].notes) == ("NO2", "Nitrogen dioxide")
    assert found["3"].metadata["keyword"] == ["Noise"]
    assert [found[id_].metadata["spatial"]["coordinates"] for id_ in ("1", "2")] == [[-4.3, 52.3], [-3, 53]]
    row = table(found["2"], "ds-2/2026-03")[0]
    assert (row["thing_id"], row["longitude"]) == ("u", "-3")


def test_a_dataset_can_be_an_observed_property_of_all_things(city: Things, door: Door) -> None:
    found = records(city, door, dataset="property")
    assert {id_: (record.title, keys(record)) for id_, record in found.items()} == {
        "1": ("Nitrogen dioxide", ["ds-1/2026-03", "ds-2/2026-03"]), "2": ("Noise", ["ds-3/2026-03"])
    }  # fmt: skip
    assert [table(found["1"], f"ds-{number}/2026-03")[0]["thing_id"] for number in (1, 2)] == ["t", "u"]
    assert "spatial" not in found["1"].metadata
    assert found["2"].metadata["spatial"]["coordinates"] == [-3, 53]


@pytest.mark.parametrize("dataset", ["thing", "datastream", "property"])
def test_each_dataset_has_another_version_once_it_was_observed_again(city: Things, door: Door, dataset: str) -> None:
    source = SensorThings(city.recipe(options={"dataset": dataset}), door())

    def versions() -> dict[str, str | None]:
        return {ref.remote_id: ref.version for ref in source.gather()}

    before = versions()
    assert before == versions()
    city.change_file("t")  # the first Thing, its Datastream 1, which observes property 1
    changed = {id_ for id_, version in versions().items() if version != before[id_]}
    assert changed == {"t" if dataset == "thing" else "1"}


@pytest.mark.parametrize("dataset", ["datastream", "property"])
def test_a_service_that_does_not_expand_is_asked_for_all_that_belongs_together(
    city: Things, door: Door, dataset: str
) -> None:
    city.data["Things"][1]["MultiDatastreams"] = [multi()]
    expanding = city.app

    def unwilling(environ: Any, start_response: Any) -> Any:
        environ["QUERY_STRING"] = "&".join(p for p in environ["QUERY_STRING"].split("&") if "expand" not in p)
        return expanding(environ, start_response)

    whole = {id_: table(r, keys(r)[0]) for id_, r in records(city, door, dataset=dataset).items()}
    city.app = unwilling
    found = {id_: table(r, keys(r)[0]) for id_, r in records(city, door, dataset=dataset).items()}
    assert found == whole


@pytest.mark.parametrize("options", [{"dataset": "sensor"}, {"dataset": 7}, {"place": "nowhere"}, {"place": ["thing"]}])
def test_an_option_that_makes_no_sense_is_refused(things: Things, door: Door, options: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=next(iter(options))):
        SensorThings(things.recipe(options=options), door())


# -- several results in one


def test_each_part_of_a_result_is_a_row_with_its_own_property_and_unit(city: Things, door: Door) -> None:
    city.data["Things"][0]["MultiDatastreams"] = [multi()]
    record = records(city, door)["t"]
    assert keys(record) == ["ds-1/2026-03", "mds-1/2026-03"]
    rows = table(record, "mds-1/2026-03")
    assert [row["datastream_id"] for row in rows] == ["1/1", "1/2", "1/1", "1/2"]
    assert [(r["observed_property"], r["unit"], r["result"]) for r in rows] == [
        ("Temperature", "Cel", "11.5"), ("Humidity", "%", "80"), ("Temperature", "Cel", "12"), ("Humidity", "%", "")
    ]  # fmt: skip
    assert record.metadata["keyword"] == ["Humidity", "Nitrogen dioxide", "Temperature"]


def test_the_two_kinds_of_datastreams_are_told_apart(city: Things, door: Door) -> None:
    city.data["Things"][0]["MultiDatastreams"] = [multi()]
    found = records(city, door, dataset="datastream")
    assert [keys(found[id_]) for id_ in ("1", "MultiDatastream 1")] == [["ds-1/2026-03"], ["mds-1/2026-03"]]
    assert keys(records(city, door, dataset="property")["9"]) == ["mds-1/2026-03"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"unitOfMeasurements": None, "ObservedProperties": []}, [("", "", "11.5"), ("", "", "12")]),
        ({"unitOfMeasurements": [{"symbol": "m"}],
          "ObservedProperties": [{"@iot.id": 5, "name": None}, {"@iot.id": 6, "name": "B"}]},
         [("", "m", "11.5"), ("B", "", "80"), ("", "m", "12"), ("B", "", "")]),
        ({"Observations": [{"phenomenonTime": "2026-03-01T00:00:00Z", "result": 7}]},
         [("Temperature", "Cel", ""), ("Humidity", "%", "")]),
    ],
)  # fmt: skip
def test_parts_that_are_missing_stay_empty(
    city: Things, door: Door, facts: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    city.data["Things"][0]["MultiDatastreams"] = [multi(**facts)]
    rows = table(records(city, door)["t"], "mds-1/2026-03")
    assert [(row["observed_property"], row["unit"], row["result"]) for row in rows] == expected


# -- where and in what


def test_a_moving_thing_was_where_its_feature_of_interest_is(things: Things, door: Door) -> None:
    def at(place: Any) -> dict[str, Any]:
        return {"@iot.id": 1, "feature": place}

    features = [at({"type": "Point", "coordinates": [1, 2]}), at({"type": "Feature", "geometry": {"type": "Point",
                "coordinates": [3, 4]}}), at({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}),
                at(None), None]  # fmt: skip
    observe(things, *({"phenomenonTime": f"2026-03-0{n}T00:00:00Z", "result": 1, "FeatureOfInterest": feature}
                      for n, feature in enumerate(features, 1)))  # fmt: skip
    rows = table(records(things, door, place="feature")["t"], "ds-t-no2/2026-03")
    places = [(row["longitude"], row["latitude"]) for row in rows]
    assert places == [("1", "2"), ("3", "4"), ("", ""), ("", ""), ("", "")]
    assert "FeatureOfInterest" in things.server.log[-1][0].query_string.decode()
    rows = table(records(things, door)["t"], "ds-t-no2/2026-03")
    assert {row["longitude"] for row in rows} == {"-4.3"}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"symbol": "°C"}, "Cel"),
        ({"symbol": "µg/m³", "name": "microgram per cubic metre"}, "ug/m3"),
        ({"symbol": "mg/m3"}, "mg/m3"),
        ({"symbol": "°C", "definition": "ucum:K"}, "K"),
        ({"symbol": "x", "definition": "urn:ogc:def:uom:UCUM::[degF]"}, "[degF]"),
        ({"symbol": "degC", "definition": "http://unitsofmeasure.org/ucum.html#para-30"}, "Cel"),
        ({"symbol": "", "name": "vehicles"}, "vehicles"),
        ({"symbol": None, "name": None, "definition": None}, ""),
        ("m", ""),
        (None, ""),
    ],
)
def test_a_unit_is_written_as_ucum_does_where_it_can_only_be_that(stated: Any, expected: str) -> None:
    assert ucum(stated) == expected


# -- schemas

OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/"


@pytest.mark.parametrize(
    ("stated", "type_", "result", "valid"),
    [
        ("OM_Measurement", "number", 11.5, True),
        ("OM_Measurement", "number", "broken", False),
        ("OM_CountObservation", "integer", 7, True),
        ("OM_CountObservation", "integer", 7.5, False),
        ("OM_TruthObservation", "boolean", True, True),
        ("OM_TruthObservation", "boolean", "maybe", False),
        ("OM_CategoryObservation", "string", "raining", True),
        ("OM_Observation", "any", {"a": 1}, True),
        (None, "any", "whatever", True),
    ],
)
def test_a_file_must_keep_to_what_its_datastream_says_of_its_results(
    things: Things, door: Door, tmp_path: Path, stated: str | None, type_: str, result: Any, valid: bool
) -> None:
    things.data["Things"][0]["Datastreams"][0]["observationType"] = stated and OM + stated
    observe(things, {"phenomenonTime": "2026-03-01T00:00:00Z", "result": result})
    (file,) = records(things, door)["t"].files
    assert file.schema is not None
    (field,) = (field for field in file.schema["fields"] if field["name"] == "result")
    assert field == {"name": "result", "type": type_, "title": "Nitrogen dioxide, ug/m3"}
    (tmp_path / "a.csv").write_bytes(b"".join(file.read()))
    report = Resource(path="a.csv", basepath=str(tmp_path), schema=Schema.from_descriptor(file.schema)).validate()
    assert report.valid == valid


# -- corrections


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def observed(*pairs: tuple[str, str | None]) -> list[dict[str, Any]]:
    return [{"phenomenonTime": time, "resultTime": made, "result": 1} for time, made in pairs]


def again(things: Things, door: Door, *late: tuple[str, str | None], **options: Any) -> Record:
    """What is fetched after observations came to those of January, February and March."""
    first = [(f"2026-0{month}-05T00:00:00Z", f"2026-0{month}-05T00:00:00Z") for month in (1, 2, 3)]
    observe(things, *observed(*first))
    source = SensorThings(things.recipe(options=options), door())
    (ref,) = source.gather()
    cursor = source.fetch(ref, None).cursor
    observe(things, *observed(*first, *late))
    return source.fetch(ref, cursor)


def test_an_old_month_with_a_newer_result_is_read_again(things: Things, door: Door) -> None:
    record = again(things, door, ("2026-01-07T00:00:00Z", ago(0)))
    assert keys(record) == ["ds-t-no2/2026-01", "ds-t-no2/2026-03"]
    assert record.kept == ("ds-t-no2/2026-02",)
    assert len(table(record, "ds-t-no2/2026-01")) == 2
    assert json.loads(record.cursor or "")["t-no2"]["months"] == ["2026-01", "2026-02", "2026-03"]


def test_a_month_that_had_nothing_may_come_late_as_a_whole(things: Things, door: Door) -> None:
    record = again(things, door, ("2025-11-07T00:00:00Z", ago(0)), ("2025-12-07T00:00:00Z", ago(1)))
    assert keys(record) == ["ds-t-no2/2025-11", "ds-t-no2/2025-12", "ds-t-no2/2026-03"]


@pytest.mark.parametrize("made", [None, "2026-01-07T00:00:00Z"])
def test_a_result_that_does_not_say_that_it_is_new_is_not_noticed(things: Things, door: Door, made: str | None) -> None:
    assert keys(again(things, door, ("2026-01-07T00:00:00Z", made))) == ["ds-t-no2/2026-03"]


def test_without_an_overlap_nothing_old_is_asked_for(things: Things, door: Door) -> None:
    assert keys(again(things, door, ("2026-01-07T00:00:00Z", ago(0)), overlap_days=0)) == ["ds-t-no2/2026-03"]


@pytest.mark.parametrize("answer", ["refuses", "ignores"])
def test_a_service_that_cannot_be_asked_for_new_results_is_read_all_the_same(
    things: Things, door: Door, answer: str
) -> None:
    able = things.app

    def unable(environ: Any, start_response: Any) -> Any:
        if "resultTime" in environ["QUERY_STRING"]:
            if answer == "refuses":
                return Response(status=501)(environ, start_response)
            environ["QUERY_STRING"] = "$orderby=phenomenonTime%20asc&$top=1"
        return able(environ, start_response)

    things.app = unable
    record = again(things, door, ("2026-01-07T00:00:00Z", ago(0)))
    assert (keys(record), len(record.kept)) == (["ds-t-no2/2026-03"], 2)
