"""SensorThings services: Things as datasets, Observations as a CSV file a month."""

from __future__ import annotations

import json
import socket
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from faultserver import FaultServer, reply
from frictionless import Resource, Schema
from observing import fetch, keys, observe, table, the_ref
from werkzeug import Response
from worlds import Things

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, Retriable, Skippable
from ckanext.digitalcity.core.model import Ref
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.observations import COLUMNS, between
from ckanext.digitalcity.harvesters.sensorthings import SensorThings

Door = Callable[..., Http]


# -- the file


def test_the_columns_are_those_of_the_shipped_schema() -> None:
    path = files("ckanext.digitalcity.schemas") / "table" / "sensor-observations" / "schema.json"
    assert [field["name"] for field in json.loads(path.read_text("utf-8"))["fields"]] == list(COLUMNS)


def test_an_observation_becomes_a_row_with_all_that_is_known(things: Things, source: SensorThings) -> None:
    observe(things, {"phenomenonTime": "2026-03-01T10:00:00.000+01:00/2026-03-01T11:00:00.000+01:00",
                     "resultTime": "2026-03-01T11:00:12Z", "result": 11.10, "resultQuality": "good"})  # fmt: skip
    assert table(fetch(source), "ds-t-no2/2026-03") == [
        {
            "phenomenon_time": "2026-03-01T10:00:00+01:00",
            "phenomenon_time_end": "2026-03-01T11:00:00+01:00",
            "result_time": "2026-03-01T11:00:12Z",
            "result": "11.1",
            "unit": "ug/m3",
            "datastream_id": "t-no2",
            "thing_id": "t",
            "observed_property": "Nitrogen dioxide",
            "longitude": "-4.3",
            "latitude": "52.3",
            "quality": "good",
        }
    ]


def test_the_file_keeps_to_the_shipped_schema(things: Things, source: SensorThings, tmp_path: Path) -> None:
    folder = files("ckanext.digitalcity.schemas") / "table" / "sensor-observations"
    schema = Schema.from_descriptor(json.loads((folder / "schema.json").read_text("utf-8")))
    (tmp_path / "observations.csv").write_bytes(b"".join(fetch(source).files[0].read()))
    report = Resource(path="observations.csv", basepath=str(tmp_path), schema=schema).validate()
    assert report.valid, report.flatten(["type", "fieldName", "note"])


def test_a_time_without_a_zone_is_given_none(things: Things, source: SensorThings) -> None:
    observe(things, "2026-03-01T10:00:00", "2026-03-01T11:00:00.5")
    times = [row["phenomenon_time"] for row in table(fetch(source), "ds-t-no2/2026-03")]
    assert times == ["2026-03-01T10:00:00", "2026-03-01T11:00:00.500000"]


@pytest.mark.parametrize(
    ("result", "text"),
    [(None, ""), (True, "true"), (False, "false"), (0, "0"), (-0.5, "-0.5"), ("NaN", "NaN"), ("=1+1", "=1+1"),
     ("two\nlines", "two\nlines"), ({"a": [1]}, '{"a": [1]}'), ([1, 2], "[1, 2]"), ("\ud800", "\ufffd"), (1e-7, "1E-7"),
     (10**30, "1" + "0" * 30)],
)  # fmt: skip
def test_a_result_of_any_type_is_written_as_it_is(things: Things, source: SensorThings, result: Any, text: str) -> None:
    observe(things, {"phenomenonTime": "2026-03-01T10:00:00Z", "result": result})
    assert table(fetch(source), "ds-t-no2/2026-03")[0]["result"] == text


def test_numbers_keep_the_digits_they_were_sent_with(things: Things, source: SensorThings) -> None:
    ref = the_ref(source)
    things.file_fault = Response('{"value": [{"phenomenonTime": "2026-03-01T10:00:00Z", "result": 11.10}]}')
    assert table(source.fetch(ref, None), "ds-t-no2/2026-03")[0]["result"] == "11.10"


def test_a_time_that_is_none_stays_for_the_check_to_find(things: Things, source: SensorThings) -> None:
    ref = the_ref(source)
    page = [{"phenomenonTime": "2026-03-01T10:00:00Z", "result": 1}, {"phenomenonTime": "yesterday", "result": 2},
            {"phenomenonTime": None, "result": 3}, {"phenomenonTime": ["x"], "result": 4}]  # fmt: skip
    things.file_fault = Response(json.dumps({"value": page}))
    times = [row["phenomenon_time"] for row in table(source.fetch(ref, None), "ds-t-no2/2026-03")]
    assert times == ["2026-03-01T10:00:00Z", "yesterday", "", ""]


def test_observations_come_in_the_order_of_their_times_over_many_pages(things: Things, source: SensorThings) -> None:
    observe(things, *(f"2026-03-{day:02}T00:00:00Z" for day in range(31, 0, -1)))
    times = [row["phenomenon_time"] for row in table(fetch(source), "ds-t-no2/2026-03")]
    assert times == [f"2026-03-{day:02}T00:00:00Z" for day in range(1, 32)]


# -- versions


def test_a_service_that_does_not_say_how_far_it_reaches_is_asked(things: Things, source: SensorThings) -> None:
    things.data["Things"][0]["Datastreams"][0]["phenomenonTime"] = None
    before = the_ref(source).version
    assert before == the_ref(source).version is not None
    things.change_file("t")
    assert before != the_ref(source).version


def test_a_version_does_not_depend_on_pages_counts_or_order(things: Things, source: SensorThings, door: Door) -> None:
    thing = things.data["Things"][0]
    thing["Datastreams"] += [{**thing["Datastreams"][0], "@iot.id": f"s{n}"} for n in range(7)]
    before = the_ref(source).version
    thing["Datastreams"].reverse()
    thing["Datastreams@iot.count"] = 999
    assert the_ref(source).version == before


# -- the record


def test_every_datastream_is_read_also_those_on_further_pages(things: Things, source: SensorThings) -> None:
    thing = things.data["Things"][0]
    thing["Datastreams"] += [{**thing["Datastreams"][0], "@iot.id": number} for number in range(10)]
    assert len(fetch(source).files) == 11


def test_a_service_that_does_not_expand_is_asked_for_each_part(things: Things, source: SensorThings) -> None:
    plain = things.app

    def unwilling(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"].startswith("/v1.1/Things") and not environ["PATH_INFO"].endswith("s"):
            environ["QUERY_STRING"] = ""
        if environ["PATH_INFO"] == "/v1.1/Things":
            environ["QUERY_STRING"] = ""
        return plain(environ, start_response)

    things.app = unwilling
    record = fetch(source)
    assert len(record.files) == 1
    assert record.metadata["spatial"]["type"] == "Point"


def test_only_what_the_thing_states_is_metadata_and_names_of_people_stay_behind(
    things: Things, source: SensorThings
) -> None:
    things.change("t", properties={"Licence": "CC-BY-4.0", "createdBy": "A. Person", "owner": "Somebody"})
    assert fetch(source).metadata == {
        "license": "CC-BY-4.0",
        "keyword": ["Nitrogen dioxide"],
        "spatial": {"type": "Point", "coordinates": [-4.3, 52.3]},
    }
    things.change("t", properties={})
    assert "license" not in fetch(source).metadata


def test_a_thing_without_an_id_is_reported_and_the_others_are_read(things: Things, source: SensorThings) -> None:
    things.server.clear()
    page = {
        "value": [{"name": "A"}, {"@iot.id": None, "name": "B"}, {"@iot.id": 5, "Locations": [], "Datastreams": []}]
    }
    things.server.expect_request("/v1.1").respond_with_json({"value": []})
    things.server.expect_request("/v1.1/Things").respond_with_json(page)
    refs = list(source.gather())
    assert [ref.hint for ref in refs] == [{"error": "no-id"}, {"error": "no-id"}, {"id": 5}]
    with pytest.raises(Skippable) as caught:
        source.fetch(refs[0], None)
    assert caught.value.reason == "no-id"


@pytest.mark.parametrize("id_", [None, 7, "u", ["t"], {}])
def test_another_thing_than_the_one_asked_for_is_not_taken_for_it(
    things: Things, source: SensorThings, id_: Any
) -> None:
    ref = the_ref(source)
    things.list_fault = Response(json.dumps({"@iot.id": id_, "name": "Other", "Locations": [], "Datastreams": 7}))
    with pytest.raises(Skippable) as caught:
        source.fetch(ref, None)
    assert caught.value.reason == "not-a-thing"


def test_a_thing_that_vanished_since_it_was_listed_is_gone(things: Things, source: SensorThings) -> None:
    ref = the_ref(source)
    things.remove("t")
    with pytest.raises(Skippable) as caught:
        source.fetch(ref, None)
    assert caught.value.reason == "file-gone"


# -- servers that cannot be trusted


def test_links_to_another_server_make_the_list_incomplete(things: Things, source: SensorThings, cases: Path) -> None:
    real = json.loads((cases / "feeds/FraunhoferIOSB__FROST-Server/docs/sta_expand_2.json").read_text("utf-8"))
    real["Datastreams@iot.nextLink"] = real["Datastreams"][0]["Observations@iot.nextLink"]  # leads to server.de
    things.list_fault = Response(json.dumps({"value": [real]}))
    with pytest.raises(IncompleteGather, match="leads away"):
        list(source.gather())


def test_observations_out_of_order_are_not_trusted_to_be_all(things: Things, source: SensorThings) -> None:
    ref = the_ref(source)
    page = [{"phenomenonTime": f"2026-03-0{day}T00:00:00Z", "result": 1} for day in (1, 3, 2)]
    things.file_fault = Response(json.dumps({"value": page}))
    with pytest.raises(Retriable, match="order"):
        table(source.fetch(ref, None), "ds-t-no2/2026-03")


def test_an_observation_that_comes_again_on_the_next_page_counts_once() -> None:
    begin, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    rows = [{"@iot.id": id_, "phenomenonTime": f"2026-03-01T00:0{id_ // 2}:00Z"} for id_ in (1, 2, 3, 3, 2, 4)]
    assert [row["@iot.id"] for row in between(rows, begin, end)] == [1, 2, 3, 4]


def test_pages_after_the_month_are_not_read() -> None:
    def rows() -> Any:
        yield {"phenomenonTime": "2026-03-31T00:00:00Z"}
        yield {"phenomenonTime": "2026-04-01T00:00:00Z"}
        raise AssertionError("read on after the end")

    assert len(list(between(rows(), datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)))) == 1


def test_something_else_that_speaks_json_is_no_sensorthings_service(things: Things, source: SensorThings) -> None:
    things.list_fault = Response('{"success": false, "error": "Not found"}')
    with pytest.raises(Fatal, match="value"):
        list(source.gather())


# -- real payloads


def test_a_real_deep_thing_of_frost_is_read(things: Things, source: SensorThings, cases: Path) -> None:
    path = cases / "feeds/FraunhoferIOSB__FROST-Server/FROST-Server.Tests/src/test/resources/entitiesDefault.json"
    thing = json.loads(path.read_text("utf-8")) | {"@iot.id": 1}
    for number, entity in enumerate(thing["Datastreams"] + thing["Locations"]):
        entity["@iot.id"] = number
    things.data["Things"][:] = [thing]
    record = fetch(source)
    assert keys(record) == ["ds-0/2015-03", "ds-1/2015-03"]
    assert [row["result"] for row in table(record, "ds-1/2015-03")] == ["5", "6"]
    assert record.metadata["keyword"] == ["Luminous Flux", "Tempretaure"]


def test_a_real_location_wrapped_in_a_feature_is_a_point(things: Things, source: SensorThings, cases: Path) -> None:
    folder = cases / "feeds/Geonovum__SensorthingsAPI/voorbeeld data grondwaterstanden"
    location = json.loads((folder / "location.json").read_text("utf-8"))
    stream = json.loads((folder / "dataStream1.json").read_text("utf-8")) | {"@iot.id": 7}
    lines = (folder / "observations2.head8.json").read_text("utf-8").splitlines()
    stream["Observations"] = [json.loads(line) for line in lines if line.strip()]
    things.data["Things"][:] = [
        {"@iot.id": 1, "name": "Well", "Locations": [location | {"@iot.id": 1}], "Datastreams": [stream]}
    ]
    record = fetch(source)
    assert record.metadata["spatial"] == {"type": "Point", "coordinates": [-114.06, 51.05]}
    rows = table(record, "ds-7/2018-08")
    assert len(rows) == 8
    assert {row["unit"] for row in rows} == {"Cel"}
    assert {row["result_time"] for row in rows} == {""}


# -- size


def test_a_hundred_thousand_observations_flow_through_a_small_memory(
    things: Things, faulty: Callable[..., FaultServer], door: Door
) -> None:
    total, size = 100_000, 1_000
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    path = "/v1.1/Datastreams(1)/Observations"

    def page(skip: int) -> bytes:
        value = [{"@iot.id": n, "phenomenonTime": f"{begin + timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ}", "result": n / 7}
                 for n in range(skip, skip + size)]  # fmt: skip
        more = skip + size < total
        body = {"value": value, "@iot.nextLink": f"{path}?$skip={skip + size}" if more else None}
        return reply(json.dumps(body).encode())

    thing = {"@iot.id": 1, "name": "T", "Locations": [], "Datastreams": [{"@iot.id": 1}]}
    pages = {skip: page(skip) for skip in range(0, total, size)}  # made before memory is measured

    def answer(connection: socket.socket, head: bytes) -> None:
        asked = unquote(head.split()[1].decode())
        if "Things(1)" in asked:
            connection.sendall(reply(json.dumps(thing).encode()))
        elif "$top=1" in asked:  # the first of all, the newest of all, and none in April
            none = "ge 2026-04" in asked
            connection.sendall(
                reply(json.dumps({"value": [] if none else [{"phenomenonTime": begin.isoformat()}]}).encode())
            )
        else:
            connection.sendall(pages[int(asked.partition("$skip=")[2] or 0)])

    server = faulty(answer)
    source = SensorThings(things.recipe(address=server.url("/v1.1")), door())
    (file,) = source.fetch(Ref("1", hint={"id": 1}), None).files
    rows = 0
    for chunk in file.read():
        rows += chunk.count(b"\n")
        if rows > 75_000 and not tracemalloc.is_tracing():
            tracemalloc.start()  # slows everything down, and the last quarter alone would need far more if it were kept
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == total + 1
    assert peak < 4 << 20
