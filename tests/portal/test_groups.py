"""Which tests ``./portal test`` runs for which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.testing import _groups

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "groups"),
    [
        ([], {"fast", "full", "faults", "browser"}),
        (["fast"], {"fast"}),
        (["nightly"], {"nightly"}),
        (["frost"], {"frost"}),
        (["fast", "tests/ckan/test_ledger.py"], {"fast", "selected tests on CKAN"}),
        (["tests/core/test_sift.py"], {"selected tests without CKAN"}),
        (["ledger"], {"selected tests without CKAN", "selected tests on CKAN"}),
    ],
)
def test_words_choose_groups(words: list[str], groups: set[str], tmp_path: Path) -> None:
    assert set(_groups(words, Folders(tmp_path), CHECKOUT)) == groups


def test_a_file_that_there_is_not_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(PortalError, match=r"no tests/nosuch\.py::x here"):
        _groups(["tests/nosuch.py::x"], Folders(tmp_path), CHECKOUT)


def test_without_a_word_everything_runs_but_what_must_be_named(tmp_path: Path) -> None:
    commands = [run.command for runs in _groups([], Folders(tmp_path), CHECKOUT).values() for run in runs]
    named = {word for command in commands for word in command if word.startswith("tests/")}
    folders = {f"tests/{path.parent.name}" for path in CHECKOUT.glob("tests/*/test_*.py")} - {"tests/frost"}
    assert folders <= named
    assert not [word for command in commands for word in command if "DIFFERENTIAL" in word]
