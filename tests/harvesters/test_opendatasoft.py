"""Opendatasoft portals: datasets of the catalogue, their exports, and what fields say of a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import Resource, Schema, system
from pytest_httpserver import HTTPServer
from werkzeug import Response
from world_opendatasoft import Portal

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, RecipeError, Skippable
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.html_text import plain
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.opendatasoft import Opendatasoft, table_schema

Door = Callable[..., Http]


@pytest.fixture
def portal(httpserver: HTTPServer) -> Portal:
    return Portal(httpserver)


@pytest.fixture
def source(portal: Portal, door: Door) -> Opendatasoft:
    return Opendatasoft(portal.recipe(), door())


def fetch(source: Opendatasoft, id_: str = "x") -> Record:
    return source.fetch(next(ref for ref in source.gather() if ref.remote_id == id_), None)


def listed(source: Opendatasoft) -> list[str]:
    return [ref.remote_id for ref in source.gather()]


# -- the catalogue


def test_a_page_is_asked_for_with_the_most_that_the_api_gives(portal: Portal, source: Opendatasoft) -> None:
    portal.page_size = 100
    for number in range(230):
        portal.add(f"x{number}")
    assert len(listed(source)) == 230
    asked = [request.args.to_dict() for request, _ in portal.server.log]
    assert asked == [{"limit": "100", "offset": offset} for offset in ("0", "100", "200")]


def test_a_catalogue_that_pages_cannot_reach_the_end_of_is_read_from_its_export(
    portal: Portal, source: Opendatasoft
) -> None:
    portal.page_size = 100
    portal.datasets = [{"dataset_id": f"x{number}"} for number in range(10_007)]
    assert listed(source) == [f"x{number}" for number in range(10_007)]
    assert [request.path.rpartition("/catalog/")[2] for request, _ in portal.server.log] == [
        "datasets",
        "exports/json",
    ]


def test_ten_thousand_datasets_are_still_paged(portal: Portal, source: Opendatasoft) -> None:
    portal.page_size = 99
    portal.datasets = [{"dataset_id": f"x{number}"} for number in range(10_000)]
    assert len(set(listed(source))) == 10_000
    assert all(request.path.endswith("/datasets") for request, _ in portal.server.log)


def test_a_dataset_pushed_out_of_sight_by_one_that_came_twice_is_found_in_the_export(
    portal: Portal, source: Opendatasoft
) -> None:
    for id_ in "abcdef":
        portal.add(id_)
    found = []
    for ref in source.gather():
        found.append(ref.remote_id)
        if len(found) == 1:  # what nobody has read yet moves to the front
            portal.datasets.insert(0, portal.datasets.pop())
    assert sorted(found) == list("abcdef")


def test_a_list_that_is_shorter_than_it_says_is_incomplete(portal: Portal, source: Opendatasoft) -> None:
    portal.add("x")
    portal.total = 2
    with pytest.raises(IncompleteGather, match="1 of 2"):
        listed(source)


@pytest.mark.parametrize("total", [None, "7", [], {}])
def test_without_a_usable_count_pages_are_read_until_one_is_empty(
    portal: Portal, source: Opendatasoft, total: Any
) -> None:
    for id_ in "abcd":
        portal.add(id_)
    portal.total = total
    page = portal._page
    portal._page = lambda offset, limit: Response(  # type: ignore[method-assign]
        json.dumps({**json.loads(page(offset, limit).get_data()), "total_count": total})
    )
    assert listed(source) == list("abcd")


def test_an_export_that_is_no_list_is_incomplete(portal: Portal, source: Opendatasoft) -> None:
    portal.datasets = [{"dataset_id": f"x{number}"} for number in range(10_001)]
    json_ = portal._json
    portal._json = lambda value, status=200: json_({} if isinstance(value, list) else value, status)  # type: ignore[method-assign]
    with pytest.raises(IncompleteGather):
        listed(source)


@pytest.mark.parametrize("id_", [None, 7, "", "..", ".", "a\nb", {}, "x" * 300])
def test_a_dataset_without_a_usable_id_is_reported_and_cannot_be_fetched(
    portal: Portal, source: Opendatasoft, id_: Any
) -> None:
    portal.add("x")
    portal.datasets[0]["dataset_id"] = id_
    (ref,) = source.gather()
    assert ref.hint == {"error": "no-id"}
    with pytest.raises(Skippable) as caught:
        source.fetch(ref, None)
    assert caught.value.reason == "no-id"


def test_another_dataset_than_the_one_asked_for_is_refused(portal: Portal, source: Opendatasoft) -> None:
    portal.add("x")
    portal.list_fault = Response(json.dumps({"dataset_id": "y"}))
    with pytest.raises(Skippable, match="not the dataset"):
        source.fetch(Ref("x"), None)


@pytest.mark.parametrize("path", ["", "/", "/api/explore/v2.1", "/api/explore/v2.1/"])
def test_the_address_may_be_the_portals_or_its_apis(portal: Portal, door: Door, path: str) -> None:
    portal.add("x")
    recipe = portal.recipe(address=portal.server.url_for("").rstrip("/") + path)
    assert listed(Opendatasoft(recipe, door())) == ["x"]


def test_the_recipe_can_choose_datasets_by_a_facet(portal: Portal, door: Door) -> None:
    listed(Opendatasoft(portal.recipe(options={"refine": "publisher:Söhne & Co"}), door()))
    assert portal.server.log[0][0].args["refine"] == "publisher:Söhne & Co"


@pytest.mark.parametrize("value", ["publisher", "", 7, ["publisher:x"]])
def test_a_facet_without_a_value_is_refused(portal: Portal, door: Door, value: Any) -> None:
    with pytest.raises(RecipeError, match="refine"):
        Opendatasoft(portal.recipe(options={"refine": value}), door())


def test_the_answer_of_the_old_search_api_is_not_taken_for_a_catalogue(
    portal: Portal, source: Opendatasoft, cases: Path
) -> None:
    folder = cases / "feeds" / "opendatateam__udata-ods" / "tests" / "data"
    portal.list_fault = Response((folder / "no-data.json").read_bytes())
    with pytest.raises(Fatal, match="results"):
        listed(source)


# -- a dataset


def test_the_standard_metadata_become_terms_of_dcat(portal: Portal, source: Opendatasoft) -> None:
    portal.add(
        "x", description="<p>Trees &amp; <b>shrubs</b></p><p>of the city</p>", keyword=["trees", None, " parks "],
        theme=["Environment"], publisher="Aberfal", license="Open Licence v2.0", license_url="https://example.org/l",
        modified="2026-03-01T00:00:00+00:00", language="en", attributions=["Jo"], records_count=1,
    )  # fmt: skip
    record = fetch(source)
    assert record.notes == "Trees & shrubs\n\nof the city"
    assert record.metadata == {
        "keyword": ["Environment", "parks", "trees"],
        "publisher": "Aberfal",
        "license": "Open Licence v2.0",
        "modified": "2026-03-01T00:00:00+00:00",
        "language": "en",
    }


def test_a_licence_that_has_only_an_address_is_stated_by_it(portal: Portal, source: Opendatasoft) -> None:
    portal.add("x", license=None, license_url="https://example.org/licence")
    assert fetch(source).metadata == {"license": "https://example.org/licence"}


@pytest.mark.parametrize("facts", [{"has_records": False}, {"has_records": None}, {"data_visible": False}])
def test_a_dataset_without_open_records_has_no_file(
    portal: Portal, source: Opendatasoft, facts: dict[str, Any]
) -> None:
    portal.add("x")
    portal.dataset("x").update(facts)
    assert fetch(source).files == ()


def test_a_dataset_that_does_not_say_when_it_was_processed_has_no_version(portal: Portal, source: Opendatasoft) -> None:
    portal.add("x", data_processed=None)
    assert next(source.gather()).version is None
    portal.dataset("x")["has_records"] = False
    assert next(source.gather()).version is not None


def test_the_file_is_the_portals_csv_export(portal: Portal, source: Opendatasoft) -> None:
    portal.add("x y")
    (file,) = fetch(source, "x y").files
    assert file.key == "records"
    assert file.filename == "x-y.csv"
    assert file.url.endswith("/catalog/datasets/x%20y/exports/csv?delimiter=%3B&use_labels=false")


@pytest.mark.parametrize(
    "name", ["test-a", "test-b", "test-c", "empty", "inspire", "test-shp-limit", "with-attachments"]
)
def test_a_real_dataset_becomes_a_record(portal: Portal, source: Opendatasoft, cases: Path, name: str) -> None:
    path = cases / "feeds" / "opendatateam__udata-ods" / "tests" / "data" / f"{name}.json"
    real = json.loads(path.read_text("utf-8"))
    id_ = real.pop("datasetid")
    # the descriptions are of the first API; the second keeps the same members one level down
    portal.datasets.append({**real, "dataset_id": id_, "metas": {"default": real["metas"]}})
    portal.rows[id_] = "a\r\n"
    record = fetch(source, id_)
    assert record.title == real["metas"]["title"]
    assert record.metadata["modified"] == real["metas"]["modified"]
    assert [file.key for file in record.files] == ["records"] * real["has_records"]
    for file in record.files:
        assert file.schema
        assert [field["name"] for field in file.schema["fields"]] == [field["name"] for field in real["fields"]]
        assert b"".join(file.read())


# -- fields


def field(type_: str, **more: Any) -> dict[str, Any]:
    schema = table_schema([{"name": "f", "type": type_, **more}])
    assert schema
    found: dict[str, Any] = schema["fields"][0]
    return found


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("text", "string"), ("int", "integer"), ("double", "number"), ("date", "date"), ("datetime", "datetime"),
     ("boolean", "boolean"), ("geo_point_2d", "any"), ("geo_shape", "any"), ("file", "any"), ("new", "any")],
)  # fmt: skip
def test_a_type_is_taken_over_where_its_text_is_certain(theirs: str, ours: str) -> None:
    assert field(theirs) == {"name": "f", "type": ours}


def test_labels_descriptions_and_units_are_kept() -> None:
    found = field("double", label="Height", description="Of the crown", annotations={"unit": "m", "facet": {}})
    assert found == {"name": "f", "type": "number", "title": "Height", "description": "Of the crown", "unit": "m"}


@pytest.mark.parametrize(
    ("type_", "precision", "ours"),
    [("date", "year", "any"), ("date", "month", "any"), ("date", "day", "date"), ("datetime", "hour", "any")],
)
def test_a_time_of_a_coarser_grain_is_not_checked(type_: str, precision: str, ours: str) -> None:
    assert field(type_, annotations={"timeserie_precision": precision})["type"] == ours


@pytest.mark.parametrize(
    "fields", [None, [], {}, "x", [None], [{}], [{"name": None}], [{"name": ""}], [{"name": "a"}, {"name": "a"}]]
)
def test_fields_that_leave_doubt_make_no_schema(fields: Any) -> None:
    assert table_schema(fields) is None


def test_the_schema_is_one_that_frictionless_checks_an_export_with(tmp_path: Path) -> None:
    names = {"t": "text", "i": "int", "d": "double", "day": "date", "at": "datetime", "ok": "boolean",
             "p": "geo_point_2d"}  # fmt: skip
    schema = Schema.from_descriptor(table_schema([{"name": n, "type": t} for n, t in names.items()]) or {})
    (tmp_path / "x.csv").write_text(
        't,i,d,day,at,ok,p\nOak,1,1.5,2026-03-01,2026-03-01T10:00:00+00:00,true,"52.3, -4.3"\n,,,,,,\nOak,x,,,,,\n'
    )
    with system.use_context(trusted=True):
        report = Resource(path=str(tmp_path / "x.csv"), schema=schema).validate()
    assert [error[:2] for error in report.flatten(["rowNumber", "type"])] == [[3, "blank-row"], [4, "type-error"]]


# -- descriptions in HTML


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Plain", "Plain"),
        (None, ""),
        ("a < b &amp; c", "a < b & c"),
        ("<p>One</p>\n<p>Two<br/>Three</p>", "One\n\nTwo\n\nThree"),
        ("<script>alert(1)</script>Yes<style>p {}</style>", "Yes"),
        ("<script>alert(1)", ""),
        ("<b", "<b"),
        ("&lt;script&gt;", "<script>"),
        ("<ul><li>One<li>Two</ul>", "One\n\nTwo"),
    ],
)
def test_html_becomes_its_text(html: Any, text: str) -> None:
    assert plain(html) == text
