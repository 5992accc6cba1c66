"""Real files, clean and nasty, through receive and check in bulk: no crash, no hang, every outcome explained."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from real_outcomes import OUTCOMES

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
        for path in sorted(_files(cases)):
            staged = receive([path.read_bytes()], folder, limit=50_000_000)
            checker = impatient if path.name in SLOW else patient
            found[path] = checker.check(Request(str(staged.path), staged.sha256, path.name))
            assert servers.setdefault(checker, checker.pid) == checker.pid, f"the server died over {path.name}"
    return found


def _files(cases: Path) -> Iterator[Path]:
    """All files that are meant as data, and of the others those on which the index has a verdict of Frictionless."""
    yield from (path for name in FOLDERS for path in (cases / name).rglob("*") if path.is_file())
    for name, expected in _index(cases).items():
        if not name.startswith(FOLDERS) and "(inferred schema)" in expected:
            yield cases / name


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


def test_every_file_ends_as_its_index_states_or_otherwise_for_a_reason(
    results: dict[Path, CheckResult], cases: Path
) -> None:
    wrong, needless = dict[str, tuple[str, str]](), dict(enumerate(OUTCOMES))
    stated = _index(cases)
    compared = 0
    for path, result in results.items():
        name = path.relative_to(cases).as_posix()
        if path.name in SLOW or name not in stated:
            continue
        compared += 1
        verdict, ours = _stated(stated[name]), _ending(result)
        fits = [(number, line[1]) for number, line in enumerate(OUTCOMES) if fnmatchcase(name, line[0])]
        expected = fits[-1][1] if fits else verdict
        if fits and expected != verdict:
            needless.pop(fits[-1][0], None)
        if ours != expected and not (verdict == expected and _cut(result) == expected):
            wrong[name] = (ours, expected)
    assert wrong == {}
    assert [line[0] for line in needless.values()] == []
    assert compared > 300


PLACE = r"\[(hdr|\d+)(?:\.\.(\d+))?(?:,([\d|]+))?,([a-z-]+)\]"  # row, last row, columns, fault
OLD_NAMES = {"duplicate-header": "duplicate-label", "blank-header": "blank-label"}


def test_faults_are_where_the_index_states_them(results: dict[Path, CheckResult], cases: Path) -> None:
    compared = 0
    for name, expected in _index(cases).items():
        oracle = expected.partition(" | ")[0]
        if not re.fullmatch(f"{PLACE}(,{PLACE})*", oracle):
            continue
        stated: list[tuple[int, int | None, str]] = []
        for row, last, columns, rule in re.findall(PLACE, oracle):
            first = 1 if row == "hdr" else int(row)
            for number in range(first, int(last or first) + 1):
                stated += [(number, int(c) if c else None, OLD_NAMES.get(rule, rule)) for c in columns.split("|")]
        found = {(fault.row or 1, fault.position, fault.rule) for fault in results[cases / name].faults}
        assert found >= set(stated), name  # how many there are, the test before this one says
        compared += 1
    assert compared >= 8


def _index(cases: Path) -> dict[str, str]:
    """What is expected of each file, by its path below the cases."""
    with (cases / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["path"]: row["expected outcome"] for row in rows}


def _stated(expected: str) -> str:
    """The verdict of Frictionless that the index has, in the words of ``_ending``; "" if it has none."""
    found = re.search(r"observed frictionless \S+ \(inferred schema\): (valid|invalid: .*)$", expected)
    if not found or found[1] == "valid":
        return "passed" if found else ""
    return _failed({kind: int(count) for kind, count in re.findall(r"([a-z-]+) x(\d+)", found[1])})


def _ending(result: CheckResult) -> str:
    if result.outcome is Outcome.FAILED:
        return _failed(result.stats["rules"])
    return f"{result.outcome}: {result.reason}" if result.reason else str(result.outcome)


def _cut(result: CheckResult) -> str:
    """The same if only the first two hundred faults are counted, as was done for the index."""
    return _failed(Counter(fault.rule for fault in result.faults[:200])) if result.outcome is Outcome.FAILED else ""


def _failed(rules: Mapping[str, int]) -> str:
    return "failed: " + ", ".join(f"{rule} {count}" for rule, count in sorted(rules.items()))


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
