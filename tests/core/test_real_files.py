"""Real files, clean and nasty, through receive and check in bulk: no crash, no hang, every outcome explained."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest

from ckanext.digitalcity.core.check import Checker, Limits, Request
from ckanext.digitalcity.core.explain import EXPLANATIONS
from ckanext.digitalcity.core.model import CheckResult, Outcome
from ckanext.digitalcity.core.stage import receive

pytestmark = pytest.mark.slow

FOLDERS = ("council_csv", "sensor_csv", "nasty", "pii")
EMAIL = re.compile(rb"[\w.+-]{3,}@[\w-]+(?:\.[\w-]+)+")
# What really names people: supplier contacts with their e-mail addresses and telephone numbers.
NAMES_PEOPLE = {"CloudStore - May 2012 cat export (three header rows).ods"}
# 9,074 columns take Frictionless 16 s, and the workbook 10 s. Here it is enough that they end when told to.
SLOW = {"wide.csv", *NAMES_PEOPLE}
PATIENT, IMPATIENT = Limits(seconds=60), Limits(seconds=2)


@pytest.fixture(scope="module")
def results(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, CheckResult]:
    """Every file's result, each from its own staged bytes."""
    folder = tmp_path_factory.mktemp("stage")
    found: dict[Path, CheckResult] = {}
    with Checker(PATIENT) as patient, Checker(IMPATIENT) as impatient:
        servers: dict[Checker, int | None] = {}
        for path in sorted(path for name in FOLDERS for path in (cases / name).rglob("*") if path.is_file()):
            staged = receive([path.read_bytes()], folder, limit=50_000_000)
            checker = impatient if path.name in SLOW else patient
            found[path] = checker.check(Request(str(staged.path), staged.sha256, path.name))
            assert servers.setdefault(checker, checker.pid) == checker.pid, f"the server died over {path.name}"
    return found


def test_no_file_breaks_the_check(results: dict[Path, CheckResult]) -> None:
    assert len(results) > 300
    crashed = {path.name: result.detected for path, result in results.items() if result.reason == "crash"}
    assert crashed == {}
    slow = {path.name for path, result in results.items() if result.reason == "time-limit"}
    assert slow <= SLOW


def test_every_outcome_has_a_reason_with_words(results: dict[Path, CheckResult]) -> None:
    for path, result in results.items():
        assert result.outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.HELD, Outcome.ERROR), path
        assert (result.outcome is Outcome.PASSED) == (result.reason == ""), path
        for rule in (result.reason, *(f.rule for f in result.faults), *(f.rule for f in result.findings)):
            assert not rule or rule in EXPLANATIONS, f"{path.name}: {rule}"


def test_every_kind_of_outcome_occurs(results: dict[Path, CheckResult]) -> None:
    seen = Counter(result.reason or "passed" for result in results.values())
    print("\n", dict(seen.most_common()))
    wanted = {"passed", "invalid", "personal-data", "cannot-check", "format-mismatch", "lfs-pointer", "empty"}
    assert wanted <= set(seen)


def test_no_email_address_of_any_input_is_in_its_result(results: dict[Path, CheckResult]) -> None:
    tried = 0
    for path, result in results.items():
        text = json.dumps(asdict(result)).lower()
        for address in {match.group().decode("latin-1").lower() for match in EMAIL.finditer(path.read_bytes())}:
            assert address not in text, path
            tried += 1
    assert tried > 30


def test_personal_data_in_the_real_samples_is_held(results: dict[Path, CheckResult]) -> None:
    held = {path.name for path, result in results.items() if result.reason == "personal-data"}
    samples = {"email", "email.csv", "email.txt", "email.xlsx", "email.zip", "min-count.txt", "url.txt"}
    assert samples <= held


def test_at_most_one_clean_file_in_fifty_is_held_for_personal_data(results: dict[Path, CheckResult]) -> None:
    clean = {
        path: result
        for path, result in results.items()
        if "/pii/" not in str(path) and "/nasty/" not in str(path) and path.name not in NAMES_PEOPLE
    }
    screened = [path for path, result in clean.items() if "rows" in result.stats]
    held = [path.name for path, result in clean.items() if result.reason == "personal-data"]
    print(f"\n{len(held)} of {len(screened)} clean tables held for personal data: {held}")
    assert len(screened) > 50
    assert len(held) <= 0.02 * len(screened)
