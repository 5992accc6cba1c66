"""Which tests ``./portal test`` runs for which words."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest

from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.steps import Steps
from ckanext.digitalcity.portal.testing import APART, Run, _groups, _run

from apart import set_apart

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


def test_each_process_that_tests_on_ckan_finds_a_database_and_an_index_of_its_own() -> None:
    services = {
        "CKAN_SQLALCHEMY_URL": "postgresql://ckan:secret@127.0.0.1:5432/ckan",
        "CKAN_SOLR_URL": "http://127.0.0.1:8983/solr/ckan",
        "CKAN_REDIS_URL": "redis://:secret@127.0.0.1:6379/1",
        "CKAN_STORAGE_PATH": "/data/storage",
    }
    everybodys = [services]
    for number in range(len(APART)):
        environ = {**services, "PYTEST_XDIST_WORKER": f"gw{number}"}
        set_apart(environ)
        everybodys.append({name: environ[name] for name in services})
        assert environ["CKAN_SQLALCHEMY_URL"].rpartition("/")[2] == APART[number]
        assert environ["CKAN_SOLR_URL"].rpartition("/")[2] == APART[number]
        assert int(environ["CKAN_REDIS_URL"].rpartition("/")[2]) < 16, "Redis has no more unless told so"
    for name in services:
        assert len({environ[name] for environ in everybodys}) == len(everybodys), name


def test_a_process_of_tests_without_ckan_is_led_nowhere() -> None:
    environ = {"PYTEST_XDIST_WORKER": "gw0"}
    set_apart(environ)
    assert environ == {"PYTEST_XDIST_WORKER": "gw0"}


def test_what_runs_beside_goes_on_while_later_groups_run_and_counts_in_its_own(tmp_path: Path) -> None:
    waits = "for _ in $(seq 600); do [ -e later ] && echo it came && exit 7; sleep 0.1; done"
    groups = {
        "first": [Run(["sh", "-c", "true"]), Run(["sh", "-c", waits], fine=(7,), beside=True)],
        "second": [Run(["sh", "-c", "touch later"]), Run(["sh", "-c", "exit 3"], beside=True)],
    }
    said = StringIO()
    results = _run(groups, Folders(tmp_path), tmp_path, Steps(said), dict(os.environ))
    assert [(name, passed) for name, passed, _ in results] == [("first", True), ("second", False)]
    assert "it came" in said.getvalue()
