"""Every fault has words, and the guide says the same as the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import frictionless.errors
import polib
import pytest
from frictionless import Error

from ckanext.digitalcity.core.checks import EXPLAINED
from ckanext.digitalcity.core.explain import ERRORS, EXPLANATIONS, FINDINGS, REASONS, UNKNOWN, explain
from ckanext.digitalcity.core.explain_reading import READING_ERRORS
from ckanext.digitalcity.core.reasons import Reason
from ckanext.digitalcity.core.screen.rules import RULES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide" / "checks.md").read_text("utf-8")


def frictionless_types(base: Any) -> set[str]:
    """The types of all errors of the installed Frictionless: what its modules define and all that derives from it."""
    classes: list[Any] = [value for value in vars(frictionless.errors).values() if isinstance(value, type)]
    found = {base, *(one for one in classes if issubclass(one, base))}
    waiting = list(found)
    while waiting:
        below = set(waiting.pop().__subclasses__())
        waiting += below - found
        found |= below
    return {one.type for one in found if one.__module__.startswith("frictionless.")}


def test_every_error_that_frictionless_has_is_explained() -> None:
    types = frictionless_types(Error)
    assert len(types) > 60
    assert types - {"schema-error"} == {*ERRORS, *READING_ERRORS}
    assert "schema-error" in EXPLANATIONS


def test_every_fault_that_frictionless_finds_in_data_has_words_of_its_own() -> None:
    assert len({ERRORS[rule] for rule in ERRORS}) == len(ERRORS)
    assert frictionless_types(frictionless.errors.DataError) <= {*ERRORS, *READING_ERRORS}


def test_every_screening_rule_is_explained() -> None:
    assert {rule.name for rule in RULES} == set(FINDINGS)


def test_every_reason_that_a_check_can_have_is_explained_and_no_other() -> None:
    assert set(get_args(Reason)) == set(REASONS)  # that the code has no further ones, its types say


@pytest.mark.parametrize("rule", sorted(EXPLANATIONS))
def test_the_guide_says_the_same_as_the_program(rule: str) -> None:
    said = explain(rule)
    section = GUIDE.partition(f"### `{rule}`\n")[2].partition("\n#")[0]
    assert section.strip() == f"**{said.title}.** {said.meaning}\n\n*What to do:* {said.mend}"


def test_the_guide_explains_nothing_that_does_not_exist() -> None:
    assert set(re.findall(r"^### `(.+)`$", GUIDE, re.M)) == set(EXPLANATIONS)


def test_every_explanation_says_in_welsh_too_what_it_means_and_how_to_mend_it() -> None:
    catalogue = polib.pofile(str(ROOT / "i18n" / "cy" / "LC_MESSAGES" / "ckanext-digitalcity.po"))
    welsh = {entry.msgid: entry.msgstr for entry in catalogue if not entry.fuzzy and not entry.obsolete}
    said = [*EXPLANATIONS.values(), *EXPLAINED.values(), UNKNOWN]
    texts = {text for one in said for text in (one.title, one.meaning, one.mend)}
    assert {text for text in texts if not welsh.get(text)} == set()
    assert {text for text in texts if welsh[text] == text} == set()


def test_an_unknown_rule_is_said_to_be_unknown() -> None:
    assert explain("no-such-rule") is UNKNOWN
