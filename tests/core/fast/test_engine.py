"""Whole files: what happens between blocks, at the limits, and where Frictionless has to take over."""

from __future__ import annotations

import csv
import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from differential import verdicts
from frictionless import Checklist, Schema, checks, errors
from frictionless.resources import TableResource

from ckanext.digitalcity.core.validate.fast import survey, validate, validate_table
from ckanext.digitalcity.core.validate.fast.descriptor import Everything, _exported
from ckanext.digitalcity.core.validate.fast.engine import Options

Json = dict[str, Any]
ROWS = 1500
BLOCK = 1 << 12
SCHEMA: Json = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"unique": True}},
        {"name": "name", "type": "string", "constraints": {"required": True, "maxLength": 20}},
        {"name": "day", "type": "date"},
        {"name": "value", "type": "number", "constraints": {"minimum": 0}},
    ]
}
NO_KEY: Json = {"fields": [{**field, "constraints": {}} for field in SCHEMA["fields"]]}
PRIMARY: Json = {**NO_KEY, "primaryKey": ["id", "day"]}


def rows(change: Callable[[int, list[str]], list[str]] = lambda number, row: row) -> Iterator[list[str]]:
    """A header and many good rows, each passed through ``change`` with its number in the file."""
    yield ["id", "name", "day", "value"]
    for number in range(2, ROWS + 2):
        yield change(number, [str(number), f"Street {number}", f"2024-0{number % 9 + 1}-1{number % 9}", f"{number}.25"])


def written(path: Path, lines: Iterator[list[str]], encoding: str = "utf-8", quoting: int = csv.QUOTE_MINIMAL) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\n", quoting=quoting).writerows(lines)  # type: ignore[arg-type]
    return path


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the rows that were handed to Frictionless."""
    numbers: list[int] = []
    real = survey.survey

    def spy(*args: Any) -> Iterator[Any]:
        for found in real(*args):
            numbers.append(found[1])
            yield found

    monkeypatch.setattr(survey, "survey", spy)
    return numbers


@pytest.mark.parametrize("schema", [SCHEMA, NO_KEY, PRIMARY])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_clean_file_shows_frictionless_its_first_row_only(
    tmp_path: Path, seen: list[int], schema: Json, quoting: int
) -> None:
    ours, theirs = verdicts(written(tmp_path / "t.csv", rows(), quoting=quoting), schema, block=BLOCK)
    assert ours == theirs
    assert ours["valid"]
    assert seen == [2]


def test_only_wrong_rows_and_rows_with_equal_keys_are_looked_at(tmp_path: Path, seen: list[int]) -> None:
    changes: dict[int, list[str]] = {
        700: ["700", "", "2024-01-01", "1"],
        900: ["10", "Street", "2024-01-01", "1"],  # the key of row 10
        901: [" 11", "Street", "2024-01-01", "1"],  # that of row 11, written in another way
        1200: ["1200", "Street", "2024-01-01"],
        1201: [],
    }
    path = written(tmp_path / "t.csv", rows(lambda number, row: changes.get(number, row)))
    ours, theirs = verdicts(path, SCHEMA, block=BLOCK)
    assert ours == theirs
    assert [error["rowNumber"] for error in ours["tasks"][0]["errors"]] == [700, 900, 901, 1200, 1201]
    assert seen == [2, 10, 11, 700, 900, 901, 1200, 1201]


@pytest.mark.parametrize("schema", [SCHEMA, NO_KEY, PRIMARY])
@pytest.mark.parametrize("limit", [1, 7, 1000, 0])
def test_reading_stops_where_frictionless_stops(tmp_path: Path, schema: Json, limit: int) -> None:
    path = written(tmp_path / "t.csv", rows(lambda n, row: ["x", *row[1:]] if n % 50 == 0 else row))
    ours, theirs = verdicts(path, schema, limit=limit, block=BLOCK)
    assert ours == theirs


def test_unusual_but_valid_texts_are_read_once_each_and_accepted(tmp_path: Path, seen: list[int]) -> None:
    path = written(tmp_path / "t.csv", rows(lambda n, row: [*row[:2], "2024-1-5", "1_000.5"]))
    ours, theirs = verdicts(path, NO_KEY, block=BLOCK)
    assert ours == theirs
    assert ours["valid"]
    assert seen == [2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_every_encoding_is_read_alike(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "t.csv", rows(lambda n, row: [row[0], f"Café {n}", *row[2:]]), encoding=encoding)
    for stated in (encoding, None):
        ours, theirs = verdicts(path, SCHEMA, encoding=stated, block=BLOCK)
        assert ours == theirs


@pytest.mark.parametrize("schema", [SCHEMA, NO_KEY])
@pytest.mark.parametrize("broken", [b"\xff", b"\0", b'"', b"\r", b"a,b\n,,,,\n", b"\n\n\n"])
def test_a_file_that_breaks_deep_inside_breaks_alike(tmp_path: Path, schema: Json, broken: bytes) -> None:
    path = written(tmp_path / "t.csv", rows())
    content = path.read_bytes()
    path.write_bytes(content[:20_000] + broken + content[20_000:])
    ours, theirs = verdicts(path, schema, block=BLOCK)
    assert ours == theirs


def test_a_cell_longer_than_python_allows_ends_the_reading_alike(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", rows(lambda n, row: [row[0], "x" * 5000, *row[2:]] if n == 900 else row))
    before = csv.field_size_limit(3000)
    try:
        ours, theirs = verdicts(path, NO_KEY, block=1 << 16)
    finally:
        csv.field_size_limit(before)
    assert ours == theirs
    assert ours["tasks"][0]["errors"][0]["type"] == "source-error"


def test_a_file_with_more_doubtful_rows_than_are_kept_is_read_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "KEPT", 5)
    path = written(tmp_path / "t.csv", rows(lambda n, row: [str(n % 100), *row[1:]] if n % 3 else ["", *row[1:]]))
    for schema in (SCHEMA, PRIMARY):
        ours, theirs = verdicts(path, schema, block=BLOCK)
        assert ours == theirs


def test_checklists_and_limits_of_rows_give_frictionless_s_report(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", rows(lambda n, row: ["x", "", *row[2:]] if n % 400 == 0 else row))

    def build() -> TableResource:
        return TableResource(path=path.name, basepath=str(path.parent), schema=Schema.from_descriptor(SCHEMA))

    for options in (
        {"checklist": Checklist(skip_errors=["type-error"])},
        {"checklist": Checklist(pick_errors=["type-error"])},
        {"checklist": Checklist(checks=[checks.duplicate_row()])},
        {"limit_rows": 500},
    ):
        ours = validate_table(build, options=Options(block=BLOCK, small=0), **options).to_descriptor()
        theirs = build().validate(options.get("checklist"), limit_rows=options.get("limit_rows")).to_descriptor()
        for report in (ours, theirs):
            del report["stats"]["seconds"], report["tasks"][0]["stats"]["seconds"]
        assert ours == theirs


def test_a_foreign_key_goes_to_frictionless_whole(tmp_path: Path) -> None:
    schema = {**NO_KEY, "foreignKeys": [{"fields": ["name"], "reference": {"resource": "", "fields": ["day"]}}]}
    ours, theirs = verdicts(written(tmp_path / "t.csv", rows()), schema, limit=20, block=BLOCK)
    assert ours == theirs
    assert not ours["valid"]


def test_a_value_that_breaks_frictionless_behind_the_row_where_it_stops_breaks_nothing(tmp_path: Path) -> None:
    number = {"name": "value", "type": "number", "constraints": {"unique": True, "enum": ["0", "1"]}}
    path = tmp_path / "t.csv"
    path.write_text("value\n0\n0\nsNaN\n1\n")
    for limit in (1, 1000):
        ours, theirs = verdicts(path, {"fields": [number]}, limit=limit, block=1 << 10)
        assert ours == theirs


def test_what_is_asked_of_frictionless_s_metadata_is_answered_as_by_itself() -> None:
    schema = Schema.from_descriptor({**SCHEMA, "primaryKey": ["id"], "missingValues": ["", "-"]})
    error = errors.TypeError(note="n", cells=["a"], row_number=2, cell="a", field_name="id", field_number=1)
    for thing in (schema, *schema.fields, error, Checklist(pick_errors=["type-error"]), Checklist()):
        for name in {*vars(thing), *thing.metadata_defaults, "title", "cells", "nothing"}:
            assert thing.has_defined(name) == (name in thing.list_defined()), name
    assert _exported(error) == error.to_descriptor()
    assert Everything().scope == Checklist().scope


def test_a_reading_that_stops_at_a_limit_leaves_no_thread_to_pythons_collector(tmp_path: Path) -> None:
    """It would wait for them in the middle of anything, also of what they need to end."""
    path = written(tmp_path / "table.csv", rows(lambda number, row: ["x", *row[1:]] if number % 50 == 0 else row))
    before = set(threading.enumerate())
    gc.disable()
    try:
        report = validate(str(path), schema=NO_KEY, limit_errors=1, options=Options(block=256, small=0))
        left = set(threading.enumerate()) - before
    finally:
        gc.enable()
    assert report["stats"]["errors"] == 1
    assert left == set()
