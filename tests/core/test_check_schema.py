"""What the gate makes of a file's schema: refused, mended on request, or inferred and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ckanext.digitalcity.core.check import Checker, Request, as_json, from_json
from ckanext.digitalcity.core.model import CheckResult, Outcome

Examine = Callable[..., CheckResult]

MISPLACED = {"fields": [{"name": "id", "type": "integer"}, {"name": "kind", "type": "string", "required": True}]}


def test_a_schema_that_cannot_be_used_is_reported_with_every_fault_and_its_field(check_bytes: Examine) -> None:
    result = check_bytes("id,kind\n1,oak\n", schema={**MISPLACED, "primaryKey": ["no"]}, schema_origin="source")
    assert (result.outcome, result.reason) == (Outcome.ERROR, "schema-invalid")
    assert [(fault.rule, fault.field, fault.position) for fault in result.faults] == [
        ("schema-keys", None, None),
        ("schema-required", "kind", 2),
    ]
    assert "schema_repaired" not in result.detected


def test_a_hostile_schema_is_refused_and_never_breaks_the_check(checker: Checker, tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("id\n1\n")
    for schema in (["id"], {"fields": ["/etc/passwd"]}, {"fields": 5}, {"fields": [{"name": "id"}], "foreignKeys": 5}):
        result = checker.check(Request(str(file), "0" * 64, "data.csv", schema=schema))  # type: ignore[arg-type]
        assert result.reason == "schema-invalid"
        assert "passwd" not in json.dumps(as_json(result))


def test_a_schema_is_mended_only_on_request_and_the_changes_are_recorded(check_bytes: Examine) -> None:
    facts = {"schema": MISPLACED, "schema_origin": "source", "repair_schema": True}
    result = check_bytes("id,kind\n1,oak\n2,\n", **facts)
    assert result.detected["schema_repaired"] == ["Field 2 (“kind”): “required” was moved into “constraints”."]
    assert [(fault.rule, fault.row, fault.field) for fault in result.faults] == [("constraint-error", 3, "kind")]


def test_what_repair_cannot_mend_is_reported_with_what_it_did(check_bytes: Examine) -> None:
    schema = {**MISPLACED, "primaryKey": ["no"]}
    result = check_bytes("id,kind\n1,oak\n", schema=schema, schema_origin="source", repair_schema=True)
    assert [fault.rule for fault in result.faults] == ["schema-keys"]
    assert len(result.detected["schema_repaired"]) == 1


def test_without_a_schema_the_inferred_one_is_kept_and_holds_no_value(check_bytes: Examine) -> None:
    result = check_bytes("id,kind,planted\n" + "7231,Oak,2026-03-31\n" * 20)
    assert result.schema_origin == "inferred"
    assert result.inferred == {
        "fields": [
            {"name": "id", "type": "integer"},
            {"name": "kind", "type": "string"},
            {"name": "planted", "type": "date"},
        ]
    }
    assert from_json(json.loads(json.dumps(as_json(result)))) == result


def test_the_first_row_of_data_is_never_kept_as_names_of_columns(check_bytes: Examine) -> None:
    result = check_bytes("Jane,jane@example.org\nJoe,joe@example.org\n")
    assert [field["name"] for field in result.inferred["fields"]] == ["column 1", "column 2"]


def test_with_a_schema_nothing_is_inferred(check_bytes: Examine) -> None:
    result = check_bytes("id\n1\n", schema={"fields": [{"name": "id"}]}, schema_origin="source")
    assert result.inferred == {}


@pytest.mark.parametrize(
    ("example", "outcome"),
    [
        ("channel/exemple-valide.csv", Outcome.PASSED),
        ("channel/exemple-valide-eco-compteur.csv", Outcome.PASSED),
        ("channel/exemple-invalide.csv", Outcome.FAILED),
        ("measure/exemple-valide.csv", Outcome.PASSED),
        ("measure/exemple-valide-eco-compteur.csv", Outcome.PASSED),
    ],
)
def test_an_official_schema_with_misplaced_rules_judges_its_own_examples_rightly_once_it_is_mended(
    checker: Checker, cases: Path, example: str, outcome: Outcome
) -> None:
    folder, _, name = example.partition("/")
    file = cases / "table_schemas" / f"etalab__schema-comptage-mobilites-{folder}" / name
    schema = json.loads((file.parent / "schema.json").read_text("utf-8"))
    assert checker.check(Request(str(file), "0" * 64, name, schema=schema)).reason == "schema-invalid"
    mended = checker.check(Request(str(file), "0" * 64, name, schema=schema, repair_schema=True))
    assert (mended.outcome, bool(mended.detected["schema_repaired"])) == (outcome, True)
