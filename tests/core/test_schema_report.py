"""A Table Schema that cannot be used: everything that is wrong with it, each fault with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from frictionless import FrictionlessException, Resource, Schema
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.core.explain import UNKNOWN, explain
from ckanext.digitalcity.core.shipped import names, shipped
from ckanext.digitalcity.core.validate.schema_report import BREAKS, SchemaFault, read_schema, schema_faults

FULL: dict[str, Any] = {
    "name": "trees",
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True, "minimum": 1}},
        {"name": "planted", "type": "date", "format": "%d/%m/%Y", "example": "31/03/2026"},
        {"name": "kind", "type": "string", "constraints": {"pattern": "[A-Z]+", "enum": ["OAK"], "maxLength": 3}},
        {"name": "alive", "type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
        {"name": "height", "type": "number", "bareNumber": False, "constraints": {"maximum": "100"}},
    ],
    "missingValues": ["", "n/a"],
    "primaryKey": "id",
    "foreignKeys": [{"fields": "kind", "reference": {"resource": "kinds", "fields": "code"}}],
}


def accepted(descriptor: Any) -> bool:
    """Whether Frictionless takes a schema, and can check a row with it."""
    try:
        schema = Schema.from_descriptor(deepcopy(descriptor))
        schema.foreign_keys = []  # there is no other table here
        labels = schema.field_names
        table = Resource(name="t", data=[labels, ["1"] * len(labels)], schema=schema)
        table.validate()
    except (FrictionlessException, *BREAKS):
        return False
    return True


def real_schemas(cases: Path) -> list[tuple[Path, Any]]:
    folder = cases / "table_schemas"
    read: dict[str, Callable[[str], Any]] = {".json": json.loads, ".yaml": yaml.safe_load}
    return [(path, read[path.suffix](path.read_text("utf-8"))) for path in folder.rglob("*") if path.suffix in read]


def one(descriptor: Any) -> SchemaFault:
    faults = schema_faults(descriptor)
    assert len(faults) == 1
    return faults[0]


def test_what_frictionless_refuses_has_a_fault_and_what_it_accepts_has_none(cases: Path) -> None:
    schemas = real_schemas(cases)
    assert len(schemas) > 50
    for path, descriptor in schemas:
        try:
            Schema.from_descriptor(deepcopy(descriptor))
        except FrictionlessException:
            assert schema_faults(descriptor), path
            assert all(fault.place or not isinstance(descriptor, dict) for fault in schema_faults(descriptor)), path
        else:
            assert schema_faults(descriptor) == (), path


@pytest.mark.parametrize("name", names())
def test_no_shipped_schema_has_a_fault(name: str) -> None:
    assert schema_faults(shipped(name)) == ()


def test_all_misplaced_rules_of_an_official_french_schema_are_listed_with_their_fields(cases: Path) -> None:
    path = cases / "table_schemas" / "etalab__schema-comptage-mobilites-channel" / "schema.json"
    faults = schema_faults(json.loads(path.read_text("utf-8")))
    assert [(fault.rule, fault.position) for fault in faults] == [("schema-required", n) for n in range(14, 20)]
    assert faults[1].field == "started_at"


def test_a_schema_without_faults_has_none() -> None:
    assert schema_faults(FULL) == ()


@pytest.mark.parametrize(
    ("place", "value", "rule"),
    [
        (("name",), "City trees", "schema-error"),
        (("fields",), {}, "schema-error"),
        (("fields", 1), "planted", "schema-error"),
        (("fields", 1, "name"), "id", "schema-names"),
        (("fields", 1, "type"), "day", "schema-type"),
        (("fields", 2, "format"), "", "schema-type"),
        (("fields", 2, "required"), True, "schema-required"),
        (("fields", 2, "title"), None, "schema-error"),
        (("fields", 2, "constraints"), [], "schema-constraint"),
        (("fields", 2, "constraints", "maxLength"), "3", "schema-constraint"),
        (("fields", 2, "constraints", "minimum"), 3, "schema-constraint"),
        (("fields", 2, "constraints", "pattern"), "[A-", "schema-constraint"),
        (("fields", 0, "constraints", "minimum"), "one", "schema-constraint"),
        (("fields", 0, "constraints", "exclusiveMinimum"), 0, "schema-version"),
        (("fields", 1, "example"), "2026-03-31", "schema-example"),
        (("missingValues",), "n/a", "schema-error"),
        (("missingValues",), [{"value": "n/a", "label": "not known"}], "schema-version"),
        (("primaryKey",), ["no"], "schema-keys"),
        (("foreignKeys",), 5, "schema-error"),
        (("foreignKeys", 0), [], "schema-error"),
        (("foreignKeys", 0, "fields"), "tree", "schema-keys"),
        (("foreignKeys", 0, "reference", "fields"), ["code", "name"], "schema-keys"),
        (("$schema",), 2, "schema-error"),
        (("type",), "table", "schema-error"),
    ],
)
def test_every_kind_of_fault_is_found_at_its_place_and_explained(
    place: tuple[str | int, ...], value: object, rule: str
) -> None:
    descriptor = changed(FULL, place, value)
    assert not accepted(descriptor) or place == ("fields", 1)
    fault = one(descriptor)
    assert fault.rule == rule
    assert fault.place[: len(place)] == place or place[: len(fault.place)] == fault.place
    assert fault.position == (int(place[1]) + 1 if place[0] == "fields" and len(place) > 1 else None)
    assert explain(rule) is not UNKNOWN


def test_a_field_without_a_name_is_found() -> None:
    fault = one({"fields": [{"name": "a"}, {"type": "string"}]})
    assert (fault.rule, fault.place, fault.position) == ("schema-names", ("fields", 1, "name"), 2)


def test_faults_of_many_parts_are_listed_at_once() -> None:
    descriptor = {
        "fields": [{"name": "a", "type": "strin"}, {"name": "b", "required": True, "title": 5}, {"name": "b"}],
        "primaryKey": ["c"],
    }
    assert [fault.rule for fault in schema_faults(descriptor)] == [
        "schema-names", "schema-keys", "schema-type", "schema-error", "schema-required",
    ]  # fmt: skip


def test_a_hostile_name_is_quoted_only_in_part() -> None:
    for fault in schema_faults({"fields": [{"name": "n" * 10_000, "type": "t" * 10_000}], "primaryKey": "k" * 10_000}):
        assert len(fault.field) <= 60
        assert len(fault.detail) < 200


def changed(descriptor: Any, place: tuple[str | int, ...], value: object) -> Any:
    """A copy with one thing in another way."""
    whole = inner = deepcopy(descriptor)
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return whole


PLACES = [
    ("$schema",), ("type",), ("name",), ("fields",), ("fields", 0), ("fields", 0, "name"), ("fields", 1, "type"),
    ("fields", 1, "format"), ("fields", 2, "constraints"), ("fields", 2, "constraints", "enum"),
    ("fields", 2, "constraints", "pattern"), ("fields", 2, "constraints", "required"), ("fields", 2, "required"),
    ("fields", 0, "constraints", "minimum"), ("fields", 4, "constraints", "maximum"), ("fields", 3, "trueValues"),
    ("fields", 3, "missingValues"), ("fields", 3, "example"), ("fields", 4, "decimalChar"), ("missingValues",),
    ("primaryKey",), ("foreignKeys",), ("foreignKeys", 0), ("foreignKeys", 0, "fields"),
    ("foreignKeys", 0, "reference"), ("foreignKeys", 0, "reference", "fields"),
    ("foreignKeys", 0, "reference", "resource"),
]  # fmt: skip
WORDS = st.sampled_from(
    ["", "id", "kind", "a b", "string", "integer", "date", "any", "2026-03-31", "(", "1", "default"]
)
ATOMS = st.none() | st.booleans() | st.integers(-3, 3) | WORDS
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "type", "fields", "reference", "value"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
def test_whatever_stands_anywhere_in_a_schema_the_report_agrees_with_frictionless(
    changes: list[tuple[tuple[str | int, ...], object]],
) -> None:
    descriptor: Any = FULL
    for place, value in changes:
        try:
            descriptor = changed(descriptor, place, value)
        except (KeyError, TypeError, IndexError):
            continue
    fields = descriptor["fields"]
    faults = schema_faults(descriptor)
    schema, said = read_schema(descriptor)
    assert (said, schema is None) == (faults, bool(faults))
    if isinstance(fields, list) and any(not isinstance(field, dict) for field in fields):
        assert faults  # Frictionless would open a file of that name, or pass over it
    else:
        assert bool(faults) != accepted(descriptor)
