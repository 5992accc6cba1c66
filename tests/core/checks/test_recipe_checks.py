"""Checks in a recipe: read, refused with the line and what to do, and handed on to the file's check."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ckanext.digitalcity.core.check import Request, as_json, from_json
from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import CheckResult, Fault, FileDraft, Outcome, Recipe, Record
from ckanext.digitalcity.core.pipeline import Candidate, Kept, check_candidate, checks_for, stage_record
from ckanext.digitalcity.core.recipe import read, write
from ckanext.digitalcity.core.stage import receive

HEAD = """\
name: aberfal-parking
title: Car parks of Aberfal
kind: csv-index
address: https://www.example.org/index.csv
organisation: aberfal-council
checks:
  car-parks:
"""
AREA = "latitude: GeoY, longitude: GeoX, west: -3.4, south: 51.4, east: -2.9, north: 51.7"


def refusal(*lines: str) -> str:
    with pytest.raises(RecipeError) as refused:
        read(HEAD + "\n".join(lines))
    return str(refused.value)


def test_the_checks_of_a_recipe_are_read_and_written_again() -> None:
    recipe = read(HEAD + f"    - coordinates: {{{AREA}}}\n    - time-range: {{column: Opened, from: 2020-01-01}}\n")
    assert recipe.checks["car-parks"][1] == {"time-range": {"column": "Opened", "from": "2020-01-01"}}
    assert read(write(recipe)) == recipe


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("- co-ordinates: {}", "Line 8: there is no check “co-ordinates”. Did you mean “coordinates”?"),
        (
            f"- coordinates: {{{AREA.replace('west', 'weast')}}}",
            "Line 8: there is no setting of “coordinates” called “weast”. Did you mean “west”?",
        ),
        ("- uprn: {}", "Line 8: “column” of “uprn” is missing: column of codes."),
        ("- uprn:", "Line 8: “uprn” needs its settings: {column}."),
        ("- uprn: {column: 7}", "“column” of “uprn” must be a column's name; put it in quotes."),
        ("- uprn: {column: UPRN, listed: [7]}", "“listed” of “uprn” must be a list of texts, each in quotes"),
        ("- uprn: {column: UPRN, level: warn}", "called “warn”. Did you mean “warning”?"),
        (f"- coordinates: {{{AREA.replace('-3.4', 'x')}}}", "“west” of “coordinates” must be a number"),
        (f"- coordinates: {{{AREA.replace('-3.4', '.nan')}}}", "“west” of “coordinates” must be a number"),
        (f"- coordinates: {{{AREA.replace('-3.4', 'yes')}}}", "“west” of “coordinates” must be a number"),
        (f"- coordinates: {{{AREA.replace('-3.4', '3.4')}}}", "“west” must be less than “east”"),
        (f"- coordinates: {{{AREA.partition(', ')[2]}}}", "“latitude” and “longitude” go together"),
        ("- stuck: {column: v, at_most: 0}", "must be a whole number from 1"),
        ("- stuck: {column: v, at_most: 3, by: id}", "“by” of “stuck” must be a list of columns' names"),
        ("- gaps: {column: t, every: HOURLEY}", "Did you mean “HOURLY”?"),
        ("- gaps: {column: t, every: HOURLY, time_zone: Cardiff}", "a name of the IANA list"),
        ("- gaps: {column: t, every: HOURLY, time_zone: localtime}", "a name of the IANA list"),
        ("- time-range: {column: t}", "“from” or “to” is missing"),
        ("- time-range: {column: t, from: 1/2/2020}", "dates like 2026-03-31"),
        ("- time-range: {column: t, from: 2021-01-01, to: 2020-01-01}", "must not be later"),
        ("- time-range: {column: t, from: 2021-01-01, format: dd/mm/yyyy}", "“format” must say"),
        ("- possible-values: {column: v}", "say which readings are impossible"),
        ("- gss-codes: {column: c, areas: [wards]}", "or any of: output-area"),
        ("- uprn", "the checks of “car-parks” must be a list"),
        ("uprn: {column: UPRN}", "the checks of “car-parks” must be a list"),
    ],
)
def test_what_is_wrong_with_a_check_is_said_with_its_line_and_what_to_do(line: str, says: str) -> None:
    assert says in refusal(f"    {line}")


def test_faults_of_several_checks_are_said_at_once_each_at_its_own_line() -> None:
    said = refusal("    - uprn: {column: UPRN}", "    - uprm: {column: UPRN}", "    - stuck: {column: v, at_mots: 3}")
    assert "Line 9: there is no check “uprm”" in said
    assert "Line 10: there is no setting of “stuck” called “at_mots”" in said
    assert "Line 8" not in said


def test_checks_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(RecipeError, match="must name files"):
        read(HEAD.replace("checks:\n  car-parks:\n", "checks: [uprn]\n"))


def a_recipe(column: str = "UPRN") -> Recipe:
    return read(HEAD + f"    - uprn: {{column: {column}}}\n  '*':\n    - uprn: {{column: any}}\n")


def test_a_file_gets_the_checks_of_its_own_key_before_those_of_a_pattern() -> None:
    assert checks_for("car-parks", a_recipe()) == [{"uprn": {"column": "UPRN"}}]
    assert checks_for("trees", a_recipe()) == [{"uprn": {"column": "any"}}]
    assert checks_for("trees", read(HEAD.partition("checks:")[0])) == []


class Folder:
    """A stage that is a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, chunks: Iterable[bytes]) -> Kept:
        kept = receive(chunks, self._folder, limit=1000)
        return Kept(kept.sha256, kept.size)

    def path(self, sha256: str) -> str:
        return str(self._folder / sha256)

    def digest(self, sha256: str) -> str:
        return sha256


@pytest.fixture
def stage(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def staged(stage: Folder, recipe: Recipe) -> Candidate:
    def content() -> Iterator[bytes]:
        yield b"UPRN\n1\n"

    draft = FileDraft("car-parks", "Car parks", "parks.csv", "https://www.example.org/parks.csv", "CSV", content)
    return stage_record(Record("one", "One", files=(draft,)), recipe, stage)


def test_the_checks_travel_with_the_candidate_to_the_files_check(stage: Folder) -> None:
    candidate = Candidate.from_json(json.loads(json.dumps(staged(stage, a_recipe()).as_json())))
    asked = list[Request]()

    def check(request: Request) -> CheckResult:
        asked.append(request)
        return CheckResult(request.sha256, Outcome.PASSED)

    check_candidate(candidate, a_recipe(), stage, check, lambda name: {})
    assert asked[0].checks == [{"uprn": {"column": "UPRN"}}]


def test_new_checks_are_a_reason_to_look_at_an_unchanged_file_again(stage: Folder) -> None:
    assert staged(stage, a_recipe()).content == staged(stage, a_recipe()).content
    assert staged(stage, a_recipe()).content != staged(stage, a_recipe("Other")).content


def test_a_result_with_faults_of_ours_survives_json_and_one_of_an_older_version_is_still_read() -> None:
    result = CheckResult("0", Outcome.FAILED, beyond=(Fault("uprn", 2, "UPRN", 1),))
    value = json.loads(json.dumps(as_json(result)))
    assert from_json(value) == result
    del value["beyond"]
    assert from_json(value).beyond == ()


def test_faults_of_ours_count_as_errors_unless_they_are_warnings() -> None:
    stats = {"errors": 2, "beyond": {"uprn": 5, "time-gap": 1}, "beyond_warnings": {"uprn": 4}}
    assert CheckResult("0", Outcome.FAILED, stats=stats).errors == 4
    assert CheckResult("0", Outcome.PASSED).errors == 0
