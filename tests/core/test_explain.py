"""Every fault has words, and the guide says the same as the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import frictionless.errors
import pytest

from ckanext.digitalcity.core.explain import ERRORS, EXPLANATIONS, FINDINGS, REASONS, UNKNOWN, explain
from ckanext.digitalcity.core.screen.rules import RULES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide" / "checks.md").read_text("utf-8")
# bases of other errors, and errors of things that no reader of ours meets: packages, pipelines, inquiries
NOT_ABOUT_DATA = {"file-error", "table-error", "header-error", "label-error", "row-error", "cell-error", "data-error"}


def frictionless_types() -> set[str]:
    classes: list[Any] = [value for value in vars(frictionless.errors).values() if isinstance(value, type)]
    return {one.type for one in classes if issubclass(one, frictionless.errors.DataError)} - NOT_ABOUT_DATA


def test_every_fault_that_frictionless_finds_in_data_is_explained() -> None:
    assert frictionless_types() == set(ERRORS)


def test_every_screening_rule_is_explained() -> None:
    assert {rule.name for rule in RULES} == set(FINDINGS)


def test_every_reason_in_the_code_is_explained() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "ckanext" / "digitalcity" / "core").rglob("*.py"))
    named = set(re.findall(r'reason="([a-z-]+)"', code)) | set(re.findall(r'failed\(request, "([a-z-]+)"', code))
    assert {"bomb", "crash", "too-large"} <= named
    assert named <= set(REASONS)


@pytest.mark.parametrize("rule", sorted(EXPLANATIONS))
def test_the_guide_says_the_same_as_the_program(rule: str) -> None:
    said = explain(rule)
    section = GUIDE.partition(f"### `{rule}`\n")[2].partition("\n#")[0]
    assert section.strip() == f"**{said.title}.** {said.meaning}\n\n*What to do:* {said.mend}"


def test_the_guide_explains_nothing_that_does_not_exist() -> None:
    assert set(re.findall(r"^### `(.+)`$", GUIDE, re.M)) == set(EXPLANATIONS)


def test_an_unknown_rule_is_said_to_be_unknown() -> None:
    assert explain("no-such-rule") is UNKNOWN
