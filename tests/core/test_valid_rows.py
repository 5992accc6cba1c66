"""Policy ``valid-rows``: a table is published without the rows that failed, if they are few."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from ckanext.digitalcity.core.check import Checker
from ckanext.digitalcity.core.model import CheckResult, FileDraft, Json, Outcome, Policy, Recipe, Record, Verdict
from ckanext.digitalcity.core.pipeline import Candidate, Kept, as_published, check_candidate, stage_record
from ckanext.digitalcity.core.stage import receive

SCHEMA: Json = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"unique": True}},
        {"name": "kind", "type": "string"},
        {"name": "planted", "type": "date"},
    ]
}
RECIPE = Recipe("trees", "Trees", "csv-index", "https://example.org/", "aberfal", policy=Policy.VALID_ROWS)
HEADER = "id,kind,planted\n"
LINES = [f"{number},Oak,2025-03-{number % 28 + 1:02}\n" for number in range(100)]


class Folder:
    """A stage in a folder."""

    def __init__(self, path: Path) -> None:
        self.folder = path

    def put(self, chunks: Iterable[bytes]) -> Kept:
        staged = receive(chunks, self.folder, 10_000_000)
        return Kept(staged.sha256, staged.size)

    def path(self, sha256: str) -> str:
        return str(self.folder / sha256)

    def digest(self, sha256: str) -> str:
        return sha256


@pytest.fixture
def stage(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def checked(
    checker: Checker, stage: Folder, text: str, recipe: Recipe = RECIPE
) -> tuple[Candidate, Verdict, CheckResult]:
    draft = FileDraft("trees", "Trees", "trees.csv", "", "", lambda: iter([text.encode()]), schema=SCHEMA)
    candidate = stage_record(Record("r", "R", files=(draft,)), recipe, stage)
    verdict, results = check_candidate(candidate, recipe, stage, checker.check, lambda name: {})
    return as_published(candidate, results), verdict, results[0]


def test_the_rows_that_failed_are_left_out_and_everything_else_stays_as_it_was(checker: Checker, stage: Folder) -> None:
    lines = [*LINES]
    lines[10], lines[20], lines[30] = "10,Oak,soon\n", "20,Oak\n", "7,Oak,2025-01-01\n"
    candidate, verdict, result = checked(checker, stage, HEADER + "".join(lines))
    assert verdict == Verdict(Outcome.PASSED, "sifted")
    file = candidate.files[0]
    kept = [line for number, line in enumerate(lines) if number not in (10, 20, 30)]
    assert Path(stage.path(file.sha256)).read_text() == HEADER + "".join(kept)
    assert Path(stage.path(file.fetched_sha256)).read_text() == HEADER + "".join(lines)
    assert result.sifted == {"sha256": file.sha256, "size": file.size, "rejected": 3}
    assert sorted({fault.row for fault in result.faults if fault.row}) == [12, 22, 32]


def test_too_many_rows_that_failed_hold_the_file(checker: Checker, stage: Folder) -> None:
    text = HEADER + "".join(LINES[:-6]) + "x,Oak,2025-01-01\n" * 6
    assert checked(checker, stage, text)[1] == Verdict(Outcome.FAILED, "invalid")
    generous = replace(RECIPE, most_rejected=6)
    assert checked(checker, stage, text, generous)[1] == Verdict(Outcome.PASSED, "sifted")


@pytest.mark.parametrize("header", ["id,kind,plantd\n", "id,kind\n"])
def test_a_wrong_header_is_no_matter_of_rows(checker: Checker, stage: Folder, header: str) -> None:
    lines = LINES if header.count(",") == 2 else [line.rpartition(",")[0] + "\n" for line in LINES]
    assert checked(checker, stage, header + "".join(lines))[1].outcome is Outcome.FAILED


def test_personal_data_is_held_whatever_the_policy(checker: Checker, stage: Folder) -> None:
    text = HEADER + "".join(LINES) + "500,ann.lee@example.org,2025-01-01\n" + "501,Oak,soon\n"
    assert checked(checker, stage, text)[1] == Verdict(Outcome.HELD, "personal-data")


def test_other_policies_leave_no_row_out(checker: Checker, stage: Folder) -> None:
    text = HEADER + "".join(LINES) + "x,Oak,2025-01-01\n"
    for policy, verdict in ((Policy.HOLD, (Outcome.FAILED, "invalid")), (Policy.WARN, (Outcome.PASSED, "warned"))):
        candidate, said, result = checked(checker, stage, text, replace(RECIPE, policy=policy))
        assert (said.outcome, said.reason) == verdict
        assert (result.sifted, result.rejected) == ({}, ())
        assert not candidate.files[0].fetched_sha256


def test_what_is_left_must_pass_the_checks_of_the_recipe_too(checker: Checker, stage: Folder) -> None:
    fine = replace(RECIPE, checks={"trees": [{"not-in-future": {"column": "planted"}}]})
    strict = replace(RECIPE, checks={"trees": [{"uprn": {"column": "missing"}}]})
    text = HEADER + "".join(LINES) + "x,Oak,2025-01-01\n"
    assert checked(checker, stage, text, fine)[1] == Verdict(Outcome.PASSED, "sifted")
    _, verdict, result = checked(checker, stage, text, strict)
    assert verdict == Verdict(Outcome.FAILED, "invalid")
    assert [fault.rule for fault in result.beyond] == ["check-column-missing"]
