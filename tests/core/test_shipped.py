"""The shipped schemas through the whole gate: what they call valid gets through, what they call invalid does not."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from ckanext.digitalcity.core.check import Checker, Request
from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import CheckResult, Outcome
from ckanext.digitalcity.core.screen.rules import RULES
from ckanext.digitalcity.core.shipped import names, shipped


def gate(checker: Checker, name: str, example: str) -> CheckResult:
    path = Path(str(files("ckanext.digitalcity.schemas") / "table" / name / example))
    return checker.check(
        Request(str(path), "0" * 64, path.name, schema=shipped(name), schema_name=name, schema_origin="recipe")
    )


@pytest.mark.parametrize("name", names())
def test_a_valid_example_gets_through_the_whole_gate(name: str, checker: Checker) -> None:
    result = gate(checker, name, "valid.csv")
    assert (result.outcome, result.reason) == (Outcome.PASSED, ""), result.findings


@pytest.mark.parametrize("name", names())
def test_an_invalid_example_is_stopped_for_its_faults(name: str, checker: Checker) -> None:
    result = gate(checker, name, "invalid.csv")
    assert (result.outcome, result.reason) == (Outcome.FAILED, "invalid"), result.findings


@pytest.mark.parametrize("name", names())
def test_a_column_is_called_public_only_for_rules_that_exist(name: str) -> None:
    known = {rule.name for rule in RULES}
    for field in shipped(name)["fields"]:
        assert set(field.get("digitalcity:public", [])) <= known


def test_a_name_that_is_not_shipped_is_refused_with_those_that_are() -> None:
    with pytest.raises(RecipeError) as refused:
        shipped("../label")
    assert names()[0] in refused.value.hint
