"""Foreign keys across the files of one record: what Frictionless says of the same files as a package."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopackages
import openpyxl
import polars as pl
import pytest
from frictionless import Package, Resource, Schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.core.check import Checker
from ckanext.digitalcity.core.model import CheckResult, FileDraft, Json, Outcome, Recipe, Record
from ckanext.digitalcity.core.pipeline import Kept, check_candidate, stage_record

KINDS = "code,name\nQ,Oak\nF,Beech\n"
TREES = "id,kind\n1,Q\n2,F\n3,X\n4,\n"


def refers(resource: str, fields: object = "kind", to: object = "code") -> Json:
    return {
        "fields": [{"name": "id", "type": "integer"}, {"name": "kind", "type": "string"}],
        "foreignKeys": [{"fields": fields, "reference": {"resource": resource, "fields": to}}],
    }


class Folder:
    """A stage that is a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, chunks: Iterable[bytes]) -> Kept:
        body = b"".join(chunks)
        sha256 = hashlib.sha256(body).hexdigest()
        (self.folder / sha256).write_bytes(body)
        return Kept(sha256, len(body))

    def path(self, sha256: str) -> str:
        return str(self.folder / sha256)

    def digest(self, sha256: str) -> str:
        return sha256


def draft(key: str, body: str | bytes, schema: Json | None = None, filename: str = "") -> FileDraft:
    content = body if isinstance(body, bytes) else body.encode()
    return FileDraft(key, key, filename or f"{key}.csv", "", "", lambda: iter([content]), schema=schema)


def check(
    checker: Checker, folder: Path, *files: FileDraft, reading: dict[str, Json] | None = None
) -> dict[str, CheckResult]:
    recipe = Recipe(
        "test", "Test", "csv-index", "https://example.org/", "aberfal", repair_schema=True, reading=reading or {}
    )
    stage = Folder(folder)
    candidate = stage_record(Record("r", "R", files=files), recipe, stage)
    _, results = check_candidate(candidate, recipe, stage, checker.check, lambda name: {})
    return dict(zip([file.key for file in files], results, strict=True))


def found(result: CheckResult) -> list[tuple[str, int | None]]:
    return [(fault.rule, fault.row) for fault in result.faults]


@pytest.mark.parametrize("name", ["kinds", "Kinds", "kinds.csv"])
def test_a_reference_that_leads_nowhere_in_another_file_of_the_record_is_a_fault_of_its_row(
    checker: Checker, tmp_path: Path, name: str
) -> None:
    results = check(checker, tmp_path, draft("trees", TREES, refers(name)), draft("kinds", KINDS))
    assert found(results["trees"]) == [("foreign-key", 4)]
    assert "not_checked" not in results["trees"].detected
    assert results["kinds"].outcome is Outcome.PASSED
    assert "X" not in str(results["trees"].report["tasks"][0]["errors"])


def test_the_faults_are_those_that_frictionless_finds_in_the_same_package(checker: Checker, tmp_path: Path) -> None:
    towns = "id,kind,town\n1,Q,Aber\n2,F,Aber\n3,Q,Nant\n4,Q,\n5,,\n"
    codes = "code,place\nQ,Aber\nF,Nant\nQ,Nant\n"
    schema = refers("codes", ["kind", "town"], ["code", "place"])
    schema["fields"].append({"name": "town", "type": "string"})
    ours = found(check(checker, tmp_path, draft("trees", towns, schema), draft("codes", codes))["trees"])
    tables: list[Any] = []
    for key, text in (("trees", towns), ("codes", codes)):
        rows = [[cell or None for cell in line.split(",")] for line in text.splitlines()]
        tables.append(Resource(name=key, data=rows))
    tables[0].schema = Schema.from_descriptor(schema)
    task = Package(resources=tables).validate().tasks[0]
    assert ours == [(error.type, error.row_number) for error in task.errors] != []


@pytest.mark.parametrize("mine", ["csv", "json", "csv.zip", "gpkg"])
@pytest.mark.parametrize(
    "theirs", ["json", "ndjson", "parquet", "gpkg", "xlsx", "csv.zip", "csv.gz", "json.zip", "json.gz", "gpkg.zip"]
)
def test_both_files_may_be_of_any_format_that_is_checked_packed_or_not(
    checker: Checker, tmp_path: Path, mine: str, theirs: str
) -> None:
    trees = draft("trees", written(TREE_ROWS, mine, tmp_path), refers("kinds"), f"trees.{mine}")
    kinds = draft(
        "kinds", written([["code", "name"], ["Q", "Oak"], ["F", "Beech"]], theirs, tmp_path), None, f"k.{theirs}"
    )
    results = check(checker, tmp_path, trees, kinds)
    assert found(results["trees"]) == [("foreign-key", 4)]
    assert "not_checked" not in results["trees"].detected
    assert results["kinds"].outcome is Outcome.PASSED


def test_the_key_that_programs_add_to_a_layer_can_be_led_to(checker: Checker, tmp_path: Path) -> None:
    rows = [["fid", "name", "geom"], [1, "Oak", None], [2, "Beech", None]]
    layer = geopackages.write(tmp_path / "layer", {"kinds": rows}, "INTEGER_PRIMARY_KEY TEXT POINT").read_bytes()
    schema = refers("kinds", "kind", "fid")
    schema["fields"][1]["type"] = "integer"
    for theirs in (None, {"fields": [{"name": "fid", "type": "integer"}, {"name": "name", "type": "string"}]}):
        kinds = draft("kinds", layer, theirs, "kinds.gpkg")
        results = check(checker, tmp_path, draft("trees", "id,kind\n1,2\n2,9\n", schema), kinds)
        assert found(results["trees"]) == [("foreign-key", 3)]


TREE_ROWS: list[list[Any]] = [["id", "kind"], [1, "Q"], [2, "F"], [3, "X"], [4, None]]


def written(rows: list[list[Any]], kind: str, folder: Path) -> bytes:
    """A table in one of the formats, perhaps packed."""
    kind, _, packing = kind.partition(".")
    objects = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    target = io.BytesIO()
    match kind:
        case "csv":
            text = "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
            target.write(text.encode())
        case "json":
            target.write(json.dumps(objects).encode())
        case "ndjson":
            target.write("\n".join(json.dumps(row) for row in rows).encode())
        case "parquet":
            pl.DataFrame(objects).write_parquet(target)
        case "gpkg":
            target.write(geopackages.write(folder / "layer", {"layer": rows}).read_bytes())
        case "xlsx":
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append(row)
            book.save(target)
    if packing == "gz":
        return gzip.compress(target.getvalue())
    if packing == "zip":
        with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
            archive.writestr(f"table.{kind}", target.getvalue())
        return packed.getvalue()
    return target.getvalue()


CODES = st.sampled_from(["Q", "F", "", None, 1, 2, 1.5, "1", True])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    refs=st.lists(st.tuples(CODES, CODES), min_size=1, max_size=8),
    codes=st.lists(st.tuples(CODES, CODES), min_size=1, max_size=6),
    kinds=st.lists(st.sampled_from(["string", "integer", "number", "any"]), min_size=4, max_size=4),
    both=st.booleans(),
)
def test_keys_between_json_tables_are_judged_as_frictionless_does(
    checker: Checker,
    tmp_path: Path,
    refs: list[tuple[Any, Any]],
    codes: list[tuple[Any, Any]],
    kinds: list[str],
    both: bool,
) -> None:
    fields = [{"name": name, "type": kind} for name, kind in zip("abcd", kinds, strict=True)]
    keys = {"fields": ["a", "b"], "reference": {"resource": "codes", "fields": ["c", "d"]}}
    if not both:
        keys = {"fields": ["a"], "reference": {"resource": "codes", "fields": ["c"]}}
    mine, other = {"fields": fields[:2], "foreignKeys": [keys]}, {"fields": fields[2:]}
    rows, lookup = [["a", "b"], *map(list, refs)], [["c", "d"], *map(list, codes)]
    trees = draft("trees", written(rows, "json", tmp_path), mine, "trees.json")
    results = check(checker, tmp_path, trees, draft("codes", written(lookup, "json.zip", tmp_path), other, "codes.zip"))
    tables: list[Any] = [Resource(name="trees", data=rows), Resource(name="codes", data=lookup)]
    tables[0].schema, tables[1].schema = Schema.from_descriptor(mine), Schema.from_descriptor(other)
    task = Package(resources=tables).validate().tasks[0]
    assert found(results["trees"]) == [(error.type, error.row_number) for error in task.errors]


def test_a_key_into_a_file_with_a_schema_compares_values_of_its_types(checker: Checker, tmp_path: Path) -> None:
    numbers = {"fields": [{"name": "no", "type": "integer"}]}
    schema = refers("numbers", "id", "no")
    results = check(
        checker, tmp_path, draft("trees", "id,kind\n01,Q\n3,Q\n", schema), draft("numbers", "no\n1\n", numbers)
    )
    assert found(results["trees"]) == [("foreign-key", 3)]


def test_a_key_into_a_file_whose_schema_was_mended_is_followed(checker: Checker, tmp_path: Path) -> None:
    broken = {"fields": [{"name": "code", "required": True}, {"name": "name"}]}
    results = check(checker, tmp_path, draft("trees", TREES, refers("kinds")), draft("kinds", KINDS, broken))
    assert found(results["trees"]) == [("foreign-key", 4)]


def test_a_key_that_calls_the_file_itself_by_name_is_followed_within_it(checker: Checker, tmp_path: Path) -> None:
    fields = [{"name": "id", "type": "string"}, {"name": "kind", "type": "string"}]
    parents = {**refers("trees", "kind", "id"), "fields": fields}
    results = check(checker, tmp_path, draft("trees", "id,kind\n1,\n2,1\n3,9\n", parents))
    assert found(results["trees"]) == [("foreign-key", 4)]


@pytest.mark.parametrize(
    "others",
    [
        (),
        (draft("kinds", b"%PDF-1.7\n"),),
        (draft("kinds", ""),),
        (draft("kinds", KINDS), draft("more", KINDS, filename="kinds.csv")),
        (draft("kinds", KINDS, {"fields": "none"}),),
    ],
    ids=["missing", "no table", "empty", "two of that name", "broken schema"],
)
def test_a_key_that_cannot_be_followed_is_said_to_be_unchecked_and_the_rest_is_checked(
    checker: Checker, tmp_path: Path, others: tuple[FileDraft, ...]
) -> None:
    result = check(checker, tmp_path, draft("trees", "id,kind\nx,Q\n", refers("kinds")), *others)["trees"]
    assert found(result) == [("type-error", 2)]
    assert result.detected["not_checked"] == ["foreignKeys"]


def test_what_a_recipe_states_of_a_file_also_holds_where_a_key_leads_into_it(checker: Checker, tmp_path: Path) -> None:
    kinds = "Kinds of trees, 2026\ncode!name\nQ!'Oak! English'\nÉ!Beech\n".encode("cp1252")
    trees = "id,kind\n1,Q\n2,É\n3,X\n"
    files = (draft("trees", trees, refers("kinds")), draft("kinds", kinds))
    stated = {"kinds": {"encoding": "windows-1252", "delimiter": "!", "quote": "'", "header_row": 2}}
    found = check(checker, tmp_path, *files, reading=stated)["trees"]
    assert [(fault.rule, fault.row) for fault in found.faults] == [("foreign-key", 4)]
    assert "not_checked" not in found.detected


def test_files_that_refer_to_each_other_are_both_checked(checker: Checker, tmp_path: Path) -> None:
    back = {
        "fields": [{"name": "code"}, {"name": "name"}],
        "foreignKeys": refers("trees", "code", "kind")["foreignKeys"],
    }
    results = check(checker, tmp_path, draft("trees", TREES, refers("kinds")), draft("kinds", KINDS + "Z,Lime\n", back))
    assert found(results["trees"]) == [("foreign-key", 4)]
    assert found(results["kinds"]) == [("foreign-key", 4)]
