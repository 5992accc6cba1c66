"""The opt-in repair of a Table Schema: only what is certain, and every change said."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from frictionless import Schema
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.core.shipped import names, shipped
from ckanext.digitalcity.core.validate.schema_repair import repair_schema
from ckanext.digitalcity.core.validate.schema_report import schema_faults

FRENCH = ("etalab__schema-comptage-mobilites-channel", "etalab__schema-comptage-mobilites-measure")


@pytest.mark.parametrize("folder", FRENCH)
def test_an_official_french_schema_is_accepted_after_its_repair_and_asks_for_the_same(cases: Path, folder: str) -> None:
    descriptor = json.loads((cases / "table_schemas" / folder / "schema.json").read_text("utf-8"))
    repaired, changes = repair_schema(descriptor)
    schema = Schema.from_descriptor(deepcopy(repaired))
    wanted = {field["name"]: field["required"] for field in descriptor["fields"] if "required" in field}
    assert wanted.items() <= {field.name: field.required for field in schema.fields}.items()
    assert len(changes) == len(wanted) > 0
    assert all("“required” was moved into “constraints”" in change for change in changes)


def test_whatever_repair_leaves_is_still_reported(cases: Path) -> None:
    mended = 0
    for path in (cases / "table_schemas").rglob("*.json"):
        descriptor = json.loads(path.read_text("utf-8"))
        if not isinstance(descriptor, dict):
            continue
        before = deepcopy(descriptor)
        repaired, changes = repair_schema(descriptor)
        assert descriptor == before, "the schema that was given is left alone"
        assert bool(changes) == (repaired != descriptor)
        assert len(schema_faults(repaired)) <= len(schema_faults(descriptor)), path
        mended += bool(schema_faults(descriptor)) and not schema_faults(repaired)
    assert mended >= 6


@pytest.mark.parametrize("name", names())
def test_a_shipped_schema_needs_no_repair(name: str) -> None:
    assert repair_schema(shipped(name)) == (shipped(name), ())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"required": True}, {"constraints": {"required": True}}, "“required” was moved into “constraints”"),
        (
            {"required": "false", "constraints": {"unique": True}},
            {"constraints": {"unique": True, "required": False}},
            "“required” was moved into “constraints”",
        ),
        ({"name": " b "}, {"name": "b"}, "the spaces around its name were removed"),
        ({"title": None}, {}, "“title”, which had no value, was left out"),
        ({"type": "string", "format": ""}, {"type": "string"}, "“format”, which was empty, was left out"),
        ({"type": " Integer"}, {"type": "integer"}, "its type is written “integer” now"),
        (
            {"constraints": {"required": "True"}},
            {"constraints": {"required": True}},
            "the quotation marks around the value of “required” were removed",
        ),
        (
            {"type": "string", "constraints": {"minLength": "2"}},
            {"type": "string", "constraints": {"minLength": 2}},
            "the quotation marks around the value of “minLength” were removed",
        ),
        ({"missingValues": "n/a"}, {"missingValues": ["n/a"]}, "“missingValues” was made a list"),
        (
            {"missingValues": ["", -999]},
            {"missingValues": ["", "-999"]},
            "a number in “missingValues” was put in quotation marks",
        ),
        (
            {"type": "boolean", "trueValues": [1]},
            {"type": "boolean", "trueValues": ["1"]},
            "a number in “trueValues” was put in quotation marks",
        ),
        (
            {"type": "date", "example": "31/03/2026"},
            {"type": "date"},
            "“example”, which the field itself would not accept, was left out",
        ),
    ],
)
def test_what_is_certain_in_a_field_is_mended_and_said(
    before: dict[str, Any], after: dict[str, Any], said: str
) -> None:
    repaired, changes = repair_schema({"fields": [{"name": "a"}, {"name": "b", **before}]})
    assert repaired == {"fields": [{"name": "a"}, {"name": "b", **after}]}
    assert changes == (f"Field 2 (“b”): {said}.",)
    assert schema_faults(repaired) == ()


def test_the_name_of_a_schema_loses_its_spaces_and_capitals() -> None:
    repaired, changes = repair_schema({"name": " City  trees", "fields": [{"name": "a"}]})
    assert repaired["name"] == "city-trees"
    assert changes == ("The schema: its name is written “city-trees” now.",)


def test_a_key_follows_the_trimmed_name_of_its_field() -> None:
    repaired, changes = repair_schema({"fields": [{"name": "id "}], "primaryKey": "id "})
    assert repaired == {"fields": [{"name": "id"}], "primaryKey": "id"}
    assert len(changes) == 2


@pytest.mark.parametrize(
    "field",
    [
        {"name": "a", "required": "perhaps"},
        {"name": "a", "required": True, "constraints": {"required": False}},
        {"name": "a", "type": "text"},
        {"name": "a", "type": "integer", "constraints": {"pattern": "[0-9]+"}},
        {"name": "a", "type": "string", "constraints": {"maxLength": "three"}},
        {"name": "a", "type": "integer", "constraints": {"minimum": "one"}},
        {"name": "a", "missingValues": [-99.5]},
        {"type": "string"},
        "a",
    ],
)
def test_what_is_not_certain_stays_and_is_reported(field: Any) -> None:
    descriptor = {"fields": [field]}
    assert repair_schema(descriptor) == (descriptor, ())
    assert schema_faults(descriptor)


def test_a_name_is_not_trimmed_into_one_that_is_taken() -> None:
    descriptor = {"fields": [{"name": "a"}, {"name": "a "}]}
    assert repair_schema(descriptor) == (descriptor, ())


ATOMS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", " a", "True", "7", "String", "x y"])
LISTS = st.lists(ATOMS, max_size=3)
RULES = st.dictionaries(st.sampled_from(["required", "unique", "minLength", "pattern", "minimum", "enum"]), ATOMS)
FIELDS = st.fixed_dictionaries(
    {"name": ATOMS},
    optional={
        "type": ATOMS | st.sampled_from(["date", "Number ", "boolean"]),
        "format": ATOMS,
        "required": ATOMS,
        "title": ATOMS,
        "example": ATOMS,
        "missingValues": ATOMS | LISTS,
        "trueValues": ATOMS | LISTS,
        "constraints": ATOMS | RULES,
    },
)
SCHEMAS = st.fixed_dictionaries(
    {"fields": ATOMS | st.lists(FIELDS | ATOMS, max_size=3)},
    optional={
        "name": ATOMS,
        "missingValues": ATOMS | LISTS,
        "primaryKey": ATOMS | LISTS,
        "foreignKeys": ATOMS | st.lists(st.fixed_dictionaries({"fields": ATOMS | LISTS, "reference": ATOMS}) | ATOMS),
    },
)


@settings(max_examples=200, deadline=None)
@given(SCHEMAS)
def test_repairing_twice_changes_no_more_than_once_and_never_makes_a_schema_worse(descriptor: dict[str, Any]) -> None:
    repaired, changes = repair_schema(descriptor)
    assert repair_schema(repaired) == (repaired, ())
    assert bool(changes) == (json.dumps(repaired) != json.dumps(descriptor))
    if not schema_faults(descriptor):
        assert schema_faults(repaired) == ()
