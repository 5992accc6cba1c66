"""The screen's report is Frictionless's report, on every CSV file of the cases."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest
from differential import verdicts
from frictionless import FrictionlessException, Resource, Schema

from ckanext.digitalcity.core.validate.fast import engine

Json = dict[str, Any]
# bytes; at night all but one, for which Frictionless alone takes half a minute
LARGEST = 400_000 if "DIGITALCITY_DIFFERENTIAL_CASES" in os.environ else 12_000
# wrong on purpose: what a column holds is hardly ever all of this
WRONG: list[Json] = [
    {"type": "integer", "constraints": {"minimum": 5, "required": True}},
    {"type": "date"},
    {"type": "string", "constraints": {"pattern": "[A-Z][a-z ]+", "maxLength": 12}},
    {"type": "number", "constraints": {"maximum": 50}},
    {"type": "boolean"},
    {"type": "string", "constraints": {"unique": True}},
    {"type": "datetime"},
    {"type": "year"},
    {"type": "geopoint"},
]


def tables(folder: Path) -> list[Path]:
    """The CSV and TSV files of the cases that are quick enough for the slower of the two."""
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in (".csv", ".tsv")]
    return [path for path in found if path.is_file() and path.stat().st_size <= LARGEST]


def inferred(path: Path) -> Json | None:
    """The schema that Frictionless infers from the first rows, to be kept by all others."""
    kind = "tsv" if path.suffix == ".tsv" else "csv"
    try:
        with Resource(path=path.name, basepath=str(path.parent), format=kind) as table:
            descriptor: Json = table.schema.to_descriptor()
    except FrictionlessException:
        return None
    return descriptor if _valid(descriptor) else None


def _valid(schema: Json) -> bool:
    try:
        Schema.from_descriptor(schema)
    except FrictionlessException:
        return False
    return True


def test_every_real_table_is_judged_alike_with_the_schema_that_fits_it(cases: Path) -> None:
    found = tables(cases)
    assert found
    for path in found:
        ours, theirs = verdicts(path, inferred(path), encoding=None, block=1 << 14)
        assert ours == theirs, path


def test_every_real_table_is_judged_alike_with_a_schema_that_does_not_fit(cases: Path) -> None:
    wrong = itertools.cycle(WRONG)
    for path in tables(cases):
        schema = inferred(path)
        if not schema:
            continue
        for field in schema["fields"]:
            field.pop("constraints", None)
            field.pop("format", None)
            field |= next(wrong)
        ours, theirs = verdicts(path, schema, {"csv": {"quoteChar": '"'}}, encoding=None, limit=50, block=1 << 13)
        assert ours == theirs, path


@pytest.mark.parametrize("kind", ["comptage-mobilites-measure", "comptage-mobilites-channel", "irve"])
def test_official_schemas_judge_their_own_examples_alike(cases: Path, kind: str) -> None:
    judged = 0
    folder = cases / "table_schemas" / f"etalab__schema-{kind}"
    for descriptor in sorted(folder.rglob("schema*.json")):
        schema = json.loads(descriptor.read_text())
        for field in schema["fields"]:
            field.pop("required", None)  # strict Frictionless refuses these schemas as they are
            field.pop("example", None)
        for path in tables(descriptor.parent):
            ours, theirs = verdicts(path, schema, block=1 << 12)
            assert ours == theirs, path
            judged += isinstance(ours, dict)
    assert judged


def test_small_files_never_load_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "small.csv"
    path.write_text("a,b\n1,2\n")
    monkeypatch.setitem(__import__("sys").modules, f"{engine.__package__}.survey", None)  # importing it would fail
    assert engine.validate(str(path), schema=None)["valid"]
