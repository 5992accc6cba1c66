"""JSON, JSON lines, GeoJSON and Parquet: the verdict is Frictionless's, nothing in them goes public without a look."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from frictionless.resources import TableResource

from ckanext.digitalcity.core.check import Checker, Limits, Request
from ckanext.digitalcity.core.model import CheckResult, Outcome

Examine = Callable[..., CheckResult]

TREES = [{"id": 1, "name": "Derwen", "height": 4.5}, {"id": 2, "name": "Onnen", "height": None}]
SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"unique": True}},
        {"name": "name", "type": "string", "constraints": {"maxLength": 6}},
        {"name": "height", "type": "number"},
    ]
}
WRONG = [*TREES, {"id": 2, "name": "Derwen ddu", "height": "tall"}, {"id": "x", "name": None, "height": 3}]


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    target = io.BytesIO()
    pl.DataFrame(rows).write_parquet(target)
    return target.getvalue()


def as_lines(rows: list[Any]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def points(*properties: dict[str, Any], **members: Any) -> str:
    point = {"type": "Point", "coordinates": [-3.18, 51.48]}
    features = [{"type": "Feature", "properties": one, "geometry": point} | members for one in properties]
    return json.dumps({"type": "FeatureCollection", "features": features})


def errors(result: CheckResult) -> list[tuple[Any, ...]]:
    return [(e["type"], e.get("rowNumber"), e.get("fieldNumber")) for e in result.report["tasks"][0]["errors"]]


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (json.dumps(TREES).encode(), "trees.json"),
        (json.dumps([list(TREES[0]), *(list(tree.values()) for tree in TREES)]).encode(), "trees.json"),
        (json.dumps({"success": True, "results": TREES}).encode(), "trees.json"),
        (json.dumps(TREES).encode("utf-16"), "trees.json"),
        (as_lines(TREES), "trees.ndjson"),
        (as_parquet(TREES), "trees.parquet"),
    ],
)
@pytest.mark.parametrize("packing", ["", "gz", "zip"])
def test_a_table_passes_in_each_format_packed_or_not(
    content: bytes, filename: str, packing: str, checker: Checker, tmp_path: Path
) -> None:
    path = tmp_path / "staged"
    if packing == "gz":
        content = gzip.compress(content)
    elif packing == "zip":
        with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
            archive.writestr(filename, content)
        content = packed.getvalue()
    path.write_bytes(content)
    name = f"{filename}.{packing}" if packing else filename
    result = checker.check(Request(str(path), "0" * 64, name, schema=SCHEMA))
    assert (result.outcome, result.reason) == (Outcome.PASSED, "")
    assert (result.stats["rows"], result.stats["fields"]) == (2, 3)
    assert "screen" in result.method


@pytest.mark.parametrize("schema", [SCHEMA, None])
@pytest.mark.parametrize("rows", [TREES, WRONG, [*TREES, *TREES]])
def test_the_errors_are_those_that_frictionless_finds_in_the_same_rows(
    rows: list[dict[str, Any]], schema: dict[str, Any] | None, check_bytes: Examine
) -> None:
    table = TableResource.from_descriptor({"name": "t", "data": rows} | ({"schema": schema} if schema else {}))
    expected = [
        (e.type, getattr(e, "row_number", None), getattr(e, "field_number", None))
        for e in table.validate().tasks[0].errors
    ]
    assert errors(check_bytes(json.dumps(rows), "trees.json", schema=schema)) == expected
    assert errors(check_bytes(as_lines(rows), "trees.jsonl", schema=schema)) == expected


def test_what_only_a_later_object_has_is_a_column_and_is_screened(check_bytes: Examine) -> None:
    rows = [{"id": n} for n in range(9)] + [{"id": 9, "email": "jo.bloggs@example.org"}]
    result = check_bytes(json.dumps(rows), "trees.json")
    assert result.reason == "personal-data"
    assert result.findings[0].field == "email"


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([{"id": 1, "owner": {"contact": ["jo.bloggs@example.org"]}}]),
        json.dumps({"author": "jo.bloggs@example.org", "data": TREES}),
        points({"id": 1, "note": "jo.bloggs@example.org"}),
        points({"id": 1}, id="jo.bloggs@example.org"),
        as_parquet([{"id": 1, "note": ["jo.bloggs@example.org"]}]),
    ],
)
def test_nothing_nested_or_beside_the_table_goes_public_without_a_look(
    content: bytes | str, check_bytes: Examine
) -> None:
    result = check_bytes(content, "")
    assert (result.outcome, result.reason) == (Outcome.HELD, "personal-data")
    assert "jo.bloggs" not in str(result)


def test_the_properties_of_geojson_are_columns_and_its_geometry_is_one_where_the_schema_knows_it(
    check_bytes: Examine,
) -> None:
    content, plain = points({"id": 1}, {"id": 2}), {"fields": [{"name": "id", "type": "integer"}]}
    with_place = {"fields": [*plain["fields"], {"name": "geometry", "type": "geojson"}]}
    for schema, fields in ((plain, 1), (with_place, 2), (None, 2)):
        result = check_bytes(content, "trees.geojson", schema=schema)
        assert (result.outcome, result.stats["fields"], result.detected["format"]) == (
            Outcome.PASSED,
            fields,
            "geojson",
        )


def test_a_geometry_that_is_no_geojson_fails_its_schema(check_bytes: Examine) -> None:
    content = points({"id": 1}).replace("Point", "Dot")
    schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "geometry", "type": "geojson"}]}
    result = check_bytes(content, "trees.geojson", schema=schema)
    assert (result.outcome, errors(result)) == (Outcome.FAILED, [("type-error", 2, 2)])


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "[1, 2]",
        '[{"id": 1}, [2]]',
        "[{}]",
        '{"a": 1}',
        '{"fields": [{"a": 1}]}',
        '{"data": [{"a": 1}], "more": [{"b": 2}]}',
        '{"type": "FeatureCollection", "features": [1]}',
    ],
)
def test_json_that_is_no_table_waits_for_a_person(content: str, check_bytes: Examine) -> None:
    result = check_bytes(content, "a.json")
    assert (result.outcome, result.reason) == (Outcome.HELD, "cannot-check")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[" * 100_000 + "]" * 100_000, "unreadable"),
        ('[{"a": ' + "[" * 200 + "]" * 200 + "}]", "unreadable"),
        ('[{"a": 1}', "unreadable"),
        ('{"a": 1}\n{"a": \n', "unreadable"),
        ('[{"a": NaN}]', "unreadable"),
        ('[{"a": "\\ud800"}]', "unreadable"),
        ('[{"a": 1e999999999}]', "unreadable"),
        ('[{"a": ' + "9" * 5000 + "}]", "unreadable"),
        (b'[{"a": "\xff"}]', "unreadable"),
        ('[{"a": 1, "a": "jo.bloggs@example.org"}]', "ambiguous-columns"),
        ('[{"a": "' + "x" * 2000 + '"}]', "giant-cell"),
        ('[{"a": ["' + "x" * 2000 + '"]}]', "giant-cell"),
        (as_parquet([{"a": "x" * 2000}]), "giant-cell"),
        (as_parquet(TREES)[:-20], "unreadable"),
        (b"PAR1", "unreadable"),
    ],
)
def test_a_hostile_or_broken_file_is_an_error(content: bytes | str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "staged"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with Checker(Limits(cell=1000)) as strict:
        result = strict.check(Request(str(path), "0" * 64, ""))
    assert (result.outcome, result.reason) == (Outcome.ERROR, reason)


def test_integers_with_a_gap_among_them_stay_integers_in_parquet(check_bytes: Examine) -> None:
    schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "n", "type": "integer"}]}
    result = check_bytes(as_parquet([{"id": 1, "n": 1}, {"id": None, "n": 2}]), "a.parquet", schema=schema)
    assert result.outcome is Outcome.PASSED


def test_real_files_are_read(cases: Path, checker: Checker) -> None:
    seen = 0
    for path in sorted([*cases.rglob("*.geojson"), *cases.rglob("*.parquet"), *cases.rglob("*.json")]):
        result = checker.check(Request(str(path), "0" * 64, ""))
        assert result.detected.get("error") is None, (path, result.detected)
        assert result.reason != "crash", path
        seen += result.outcome is Outcome.PASSED
    assert seen >= 5
