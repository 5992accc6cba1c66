"""The definitions of labels are whole: every question can be answered, in words, by somebody."""

from __future__ import annotations

import string
from importlib import import_module

import pytest

from ckanext.digitalcity.core.label.data import PANELS, Indicator, indicators, load, messages
from ckanext.digitalcity.core.model import State
from ckanext.digitalcity.core.recipe import FREQUENCIES
from ckanext.digitalcity.words import FREQUENCIES as FREQUENCIES_IN_WORDS

EVERY = [indicator for panel in PANELS for indicator in indicators(panel)]


@pytest.mark.parametrize("indicator", EVERY, ids=lambda indicator: indicator.id)
def test_every_indicator_has_a_checker_and_sentences_that_a_citizen_can_read(indicator: Indicator) -> None:
    checker = import_module(f"ckanext.digitalcity.core.label.checkers.{indicator.checker}")
    assert callable(checker.assess)
    assert indicator.question.endswith("?")
    assert indicator.why.endswith(".")
    assert State.NOT_ASSESSED.value in indicator.sentences
    for sentence in indicator.sentences.values():
        assert sentence.endswith((".", "”", "{message}"))
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(sentence))


def test_no_indicator_is_defined_twice() -> None:
    ids = [indicator.id for indicator in EVERY]
    assert len(ids) == len(set(ids))


def test_every_sentence_is_listed_for_translators() -> None:
    listed = set(messages())
    for indicator in EVERY:
        assert {indicator.question, indicator.why, *indicator.sentences.values()} <= listed


def test_every_frequency_of_the_eu_list_has_a_rhythm_or_none_and_a_name() -> None:
    assert len(FREQUENCIES) == 41
    assert set(FREQUENCIES_IN_WORDS) == FREQUENCIES
    assert not set(load("frequencies")["periods"]) & set(load("frequencies")["irregular"])


def test_the_open_government_licence_is_open_in_all_its_versions() -> None:
    assert {"OGL-UK-1.0", "OGL-UK-2.0", "OGL-UK-3.0"} <= set(load("licences")["open"])
