"""ArcGIS services: layers as datasets, and their rows page by page."""

from __future__ import annotations

import csv
import gc
import io
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import Resource, Schema, system
from pytest_httpserver import HTTPServer
from werkzeug import Response
from world_arcgis import ROOT, Service, answer, error

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, RecipeError, Retriable, Skippable
from ckanext.digitalcity.core.model import FileDraft, Record
from ckanext.digitalcity.harvesters.arcgis import ArcGIS
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]


@pytest.fixture
def service(httpserver: HTTPServer) -> Service:
    service = Service(httpserver)
    service.add(0)
    return service


@pytest.fixture
def source(service: Service, door: Door) -> ArcGIS:
    return ArcGIS(service.recipe(), door())


def fetch(source: ArcGIS) -> Record:
    return source.fetch(next(source.gather()), None)


def the_file(source: ArcGIS) -> FileDraft:
    (file,) = fetch(source).files
    return file


def table(source: ArcGIS) -> list[dict[str, str]]:
    text = b"".join(the_file(source).read()).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def with_field(service: Service, type_: str, value: Any, **more: Any) -> None:
    """Adds a field ``f`` to the layer, and its value to the only row."""
    service.layers[0]["fields"].append({"name": "f", "type": type_, "alias": "f", **more})
    service.rows[0][0]["attributes"]["f"] = value


# -- layers


def test_layers_and_tables_with_rows_are_listed_and_groups_are_not(service: Service, source: ArcGIS) -> None:
    service.add(1, type="Group Layer")
    service.add(2, type="Table", geometryType=None, name="Owners")
    service.add(3, type="Raster Layer")
    assert [(ref.remote_id, ref.title) for ref in source.gather()] == [("0", "Trees"), ("2", "Owners")]


def test_the_recipe_can_choose_layers(service: Service, door: Door) -> None:
    service.add(1)
    service.add(2)
    source = ArcGIS(service.recipe(options={"layers": [2, 0]}), door())
    assert [ref.remote_id for ref in source.gather()] == ["0", "2"]


@pytest.mark.parametrize("value", [[], "0", 0, ["0"], [True], {}])
def test_a_choice_of_layers_that_is_no_list_of_numbers_is_refused(service: Service, door: Door, value: Any) -> None:
    with pytest.raises(RecipeError, match="layers"):
        ArcGIS(service.recipe(options={"layers": value}), door())


def test_an_address_with_a_query_is_refused(service: Service, door: Door) -> None:
    with pytest.raises(RecipeError, match="question mark"):
        ArcGIS(service.recipe(address=service.server.url_for(ROOT) + "?token=x"), door())


def test_a_layer_that_cannot_be_read_does_not_hide_the_others(service: Service, source: ArcGIS) -> None:
    service.listed.append({"id": 9, "name": "Secret"})
    good, bad = source.gather()
    assert (good.remote_id, bad.remote_id, bad.title) == ("0", "9", "Secret")
    with pytest.raises(Skippable, match="code 400"):
        source.fetch(bad, None)


@pytest.mark.parametrize(
    ("code", "expected"), [(400, Fatal), (403, Fatal), (404, Fatal), (499, Fatal), (500, IncompleteGather),
                           (429, IncompleteGather), ("x", Fatal), (None, Fatal)]
)  # fmt: skip
def test_an_error_of_the_service_that_comes_as_http_200_is_an_error(
    service: Service, source: ArcGIS, code: Any, expected: type[Exception]
) -> None:
    service.list_fault = error(code, "<script>secret")
    with pytest.raises(expected) as caught:
        list(source.gather())
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("code", "reason"), [(499, "no-access"), (498, "no-access"), (404, "file-gone")])
def test_an_error_of_a_layer_says_what_can_be_done(service: Service, source: ArcGIS, code: int, reason: str) -> None:
    ref = next(source.gather())
    service.list_fault = error(code)
    with pytest.raises(Skippable) as caught:
        source.fetch(ref, None)
    assert caught.value.reason == reason


def test_another_layer_than_the_one_asked_for_is_refused(service: Service, source: ArcGIS) -> None:
    ref = next(source.gather())
    service.list_fault = answer({"id": 1, "name": "Other"})
    with pytest.raises(Skippable, match="not the layer"):
        source.fetch(ref, None)


def test_a_layer_without_a_time_of_editing_has_no_version(service: Service, source: ArcGIS) -> None:
    del service.layers[0]["editingInfo"]
    assert next(source.gather()).version is None


def test_the_description_keeps_the_copyright_and_the_last_edit_is_the_last_change(
    service: Service, source: ArcGIS
) -> None:
    service.change(0, description="<p>All &amp; sundry</p>", copyrightText="Contains OS data")  # type: ignore[arg-type]
    record = fetch(source)
    assert record.notes == "All & sundry\n\nContains OS data"
    assert record.metadata == {"modified": "2026-03-01T09:00:00Z"}


@pytest.mark.parametrize("abilities", ["Map", "", "Uploads,Editing"])
def test_a_layer_that_cannot_be_queried_has_no_file(service: Service, source: ArcGIS, abilities: str) -> None:
    service.layers[0]["capabilities"] = abilities
    assert fetch(source).files == ()


def test_a_layer_without_object_ids_is_refused(service: Service, source: ArcGIS) -> None:
    del service.layers[0]["fields"][0], service.layers[0]["objectIdField"]
    with pytest.raises(Skippable) as caught:
        fetch(source)
    assert caught.value.reason == "no-object-id"


# -- rows


def test_all_rows_come_however_few_the_server_gives_at_once(service: Service, source: ArcGIS) -> None:
    for number in range(24):
        service.grow(0, Species=f"Tree {number}")
    assert [row["OBJECTID"] for row in table(source)] == [str(number) for number in range(1, 26)]


def test_rows_removed_while_they_are_paged_push_no_others_out_of_sight(service: Service, source: ArcGIS) -> None:
    for number in range(5):
        service.grow(0, Species=f"Tree {number}")
    answered = service.file

    def removing(request: Any) -> Response:
        response = answered(request)
        service.rows[0].pop(0)
        return response

    service.file = removing  # type: ignore[method-assign]
    numbers = [int(row["OBJECTID"]) for row in table(source)]
    assert numbers == sorted(set(numbers))
    assert {4, 5, 6} <= set(numbers)  # three pages, and after each the first row went


def test_no_more_rows_are_asked_for_at_once_than_the_layer_gives(service: Service, source: ArcGIS) -> None:
    service.layers[0]["maxRecordCount"] = 7
    table(source)
    service.layers[0]["maxRecordCount"] = 100_000
    table(source)
    asked = [request.args["resultRecordCount"] for request, _ in service.server.log if "where" in request.args]
    assert asked == ["7", "7", "2000", "2000"]


def test_a_page_that_is_too_large_is_asked_for_again_in_smaller_parts(service: Service, door: Door) -> None:
    service.most = 2000
    for _ in range(40):
        service.grow(0, Species="x" * 500)
    assert len(table(ArcGIS(service.recipe(), door(json=9_000)))) == 41


def test_rows_out_of_order_are_refused(service: Service, source: ArcGIS) -> None:
    file = the_file(source)
    service.file_fault = answer({"features": [{"attributes": {"OBJECTID": 2}}, {"attributes": {"OBJECTID": 1}}]})
    with pytest.raises(Skippable) as caught:
        b"".join(file.read())
    assert caught.value.reason == "no-order"


def test_a_server_that_always_gives_the_same_rows_does_not_go_on_for_ever(service: Service, source: ArcGIS) -> None:
    file = the_file(source)
    service.file_fault = answer({"features": [{"attributes": {"OBJECTID": 1}}]})
    with pytest.raises(Skippable, match="order"):
        b"".join(file.read())


@pytest.mark.parametrize(
    "feature",
    [None, 7, {}, {"attributes": None}, *({"attributes": {"OBJECTID": value}} for value in ("1", True, None, 1.0))],
)
def test_a_row_without_an_object_id_is_refused(service: Service, source: ArcGIS, feature: Any) -> None:
    file = the_file(source)
    service.file_fault = answer({"features": [feature]})
    with pytest.raises(Skippable):
        b"".join(file.read())


@pytest.mark.parametrize(
    ("page", "expected"),
    [({"features": None}, Skippable), ({}, Skippable), ([], Skippable),
     ({"features": [], "exceededTransferLimit": True}, Retriable), ({"error": {"code": 504}}, Retriable)],
)  # fmt: skip
def test_an_absurd_page_is_no_end_of_the_rows(
    service: Service, source: ArcGIS, page: Any, expected: type[Exception]
) -> None:
    file = the_file(source)
    service.file_fault = answer(page)
    with pytest.raises(expected):
        b"".join(file.read())


# -- values


@pytest.mark.parametrize(
    ("value", "text"),
    [(1772355600000, "2026-03-01T09:00:00Z"), (-1, "1969-12-31T23:59:59.999000Z"), (None, ""), ("x", "x"),
     (10**14, "5138-11-16T09:46:40Z"), (10**20, "1" + "0" * 20), (True, "true")],
)  # fmt: skip
def test_a_date_becomes_iso_8601_in_utc(service: Service, source: ArcGIS, value: Any, text: str) -> None:
    with_field(service, "esriFieldTypeDate", value)
    assert table(source)[0]["f"] == text


def test_a_date_of_a_size_that_no_computer_holds_stays_what_it_is(service: Service, source: ArcGIS) -> None:
    body = '{"features": [{"attributes": {"OBJECTID": 1, "Species": 1e999999999}}]}'
    service.layers[0]["fields"][1]["type"] = "esriFieldTypeDate"
    file = the_file(source)
    service.file_fault = Response(body)
    with pytest.raises(Skippable, match="order"):  # the same row again
        list(file.read())


def test_no_zone_is_made_up_for_dates_whose_zone_is_unknown(service: Service, source: ArcGIS) -> None:
    with_field(service, "esriFieldTypeDate", 1772355600000)
    service.layers[0]["datesInUnknownTimezone"] = True
    assert table(source)[0]["f"] == "2026-03-01T09:00:00"
    assert (the_file(source).schema or {})["fields"][2]["type"] == "any"


def test_codes_become_the_words_of_their_domain(service: Service, source: ArcGIS) -> None:
    codes = [{"code": 1, "name": "Good"}, {"code": 2, "name": "Bad"}, {"code": None, "name": "?"}, 7]
    with_field(service, "esriFieldTypeInteger", 2, domain={"type": "codedValue", "codedValues": codes})
    service.grow(0, f=3)
    service.grow(0, f=None)
    assert [row["f"] for row in table(source)] == ["Bad", "3", ""]
    assert (the_file(source).schema or {})["fields"][2] == {
        "name": "f", "type": "string", "title": "f", "constraints": {"enum": ["Bad", "Good"]}
    }  # fmt: skip


def test_a_range_becomes_limits(service: Service, source: ArcGIS) -> None:
    with_field(service, "esriFieldTypeDouble", 1.50, domain={"type": "range", "range": [0, 9.5]})
    assert (the_file(source).schema or {})["fields"][2]["constraints"] == {"minimum": 0.0, "maximum": 9.5}


def test_who_edited_a_row_is_left_out(service: Service, source: ArcGIS) -> None:
    with_field(service, "esriFieldTypeString", "j.jones")
    service.layers[0]["editFieldsInfo"] = {"editorField": "f", "creatorField": None}
    assert "f" not in table(source)[0]


def test_shapes_and_blobs_are_no_columns(service: Service, source: ArcGIS) -> None:
    with_field(service, "esriFieldTypeGeometry", None)
    assert list(table(source)[0]) == ["OBJECTID", "Species", "x", "y"]


# -- places


def test_a_point_is_asked_for_in_wgs84_and_becomes_two_columns(service: Service, source: ArcGIS) -> None:
    service.grow(0, geometry={"x": "NaN", "y": "NaN"})
    service.grow(0, geometry={})
    assert [(row["x"], row["y"]) for row in table(source)] == [("-4.3", "52.3"), ("", ""), ("", "")]
    assert service.server.log[-1][0].args["outSR"] == "4326"


def test_a_column_that_is_called_x_already_stays_itself(service: Service, source: ArcGIS) -> None:
    service.layers[0]["fields"][1]["name"] = "X"
    service.rows[0][0]["attributes"]["X"] = 263000
    assert table(source) == [{"OBJECTID": "1", "X": "263000", "x_wgs84": "-4.3", "y_wgs84": "52.3"}]


def test_a_server_that_does_not_convert_its_places_is_refused(service: Service, source: ArcGIS) -> None:
    service.wkid = 27700
    with pytest.raises(Skippable) as caught:
        table(source)
    assert caught.value.reason == "not-wgs84"


def test_a_table_has_no_columns_of_places(service: Service, source: ArcGIS) -> None:
    service.layers[0] |= {"type": "Table", "geometryType": None}
    assert table(source) == [{"OBJECTID": "1", "Species": "Oak"}]


SQUARE = [[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]]
HOLE = [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]
FAR = [[20, 20], [20, 29], [29, 29], [29, 20], [20, 20]]


@pytest.mark.parametrize(
    ("geometry", "text"),
    [
        ({"points": [[1, 2], [3.50, 4, 100]]}, "MULTIPOINT ((1 2), (3.5 4))"),
        ({"paths": [[[1, 2], [3, 4]], [[5, 6]], None]}, "MULTILINESTRING ((1 2, 3 4))"),
        ({"rings": [HOLE, SQUARE, FAR]}, "MULTIPOLYGON (((0 0, 0 9, 9 9, 9 0, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1)), "
                                         "((20 20, 20 29, 29 29, 29 20, 20 20)))"),
        ({"rings": [HOLE]}, "MULTIPOLYGON (((1 1, 2 1, 2 2, 1 2, 1 1)))"),
        ({"rings": []}, ""), ({"rings": None}, ""), ({"rings": [[[0, 0]]]}, ""), ({"paths": 7}, ""), ({}, ""),
        ({"points": ["x", [1], [None, 2], [True, 1]]}, ""), (7, ""), ({"curveRings": []}, ""),
    ],
)  # fmt: skip
def test_other_shapes_become_well_known_text(service: Service, source: ArcGIS, geometry: Any, text: str) -> None:
    service.layers[0]["geometryType"] = "esriGeometryPolygon"
    service.rows[0][0]["geometry"] = geometry
    assert table(source)[0]["geometry"] == text


def test_the_file_keeps_to_the_schema_made_of_its_fields(service: Service, source: ArcGIS, tmp_path: Path) -> None:
    values = {"SmallInteger": 1, "Integer": 2, "BigInteger": 3, "Single": 1.5, "Double": 2.5e-7, "String": "ü,\n\"x",
              "GUID": "{1}", "Date": 1772355600123, "DateOnly": "2026-03-01", "TimeOnly": "10:00:00",
              "TimestampOffset": "2026-03-01T10:00:00-08:00", "New": [1]}  # fmt: skip
    for name, value in values.items():
        service.layers[0]["fields"].append({"name": name, "type": f"esriFieldType{name}"})
        service.rows[0][0]["attributes"][name] = value
    service.grow(0)
    file = the_file(source)
    (tmp_path / "x.csv").write_bytes(b"".join(file.read()))
    with system.use_context(trusted=True):
        report = Resource(path=str(tmp_path / "x.csv"), schema=Schema.from_descriptor(file.schema or {})).validate()
    assert report.flatten(["rowNumber", "fieldName", "type", "note"]) == []
    assert {field["name"]: field["type"] for field in (file.schema or {})["fields"]} == {
        "OBJECTID": "integer", "Species": "string", "SmallInteger": "integer", "Integer": "integer",
        "BigInteger": "integer", "Single": "number", "Double": "number", "String": "string", "GUID": "string",
        "Date": "datetime", "DateOnly": "date", "TimeOnly": "time", "TimestampOffset": "datetime", "New": "any",
        "x": "number", "y": "number",
    }  # fmt: skip


def test_memory_stays_flat_over_many_rows(service: Service, source: ArcGIS) -> None:
    file = the_file(source)
    pages = {
        first: json.dumps({"features": [{"attributes": {"OBJECTID": n}} for n in range(first, first + 2000)]})
        for first in range(1, 40_000, 2000)
    }

    def page(request: Any) -> Response:
        service.server.log.clear()  # which holds every answer
        first = int(request.args["where"].partition(">")[2] or 0) + 1
        return Response(pages.get(first, '{"features": []}'))

    service.file = page  # type: ignore[method-assign]
    held = []
    tracemalloc.start()
    for _ in file.read():
        gc.collect()  # in a process that has run many tests Python collects seldom by itself
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert len(held) > 3
    assert max(held) < 4 << 20  # a page or two; all of them would be 16 MB
