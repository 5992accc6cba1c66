"""What single pieces of evidence make of a label: awkward, old and hostile ones too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.label import as_json, compute, from_json, next_change
from ckanext.digitalcity.core.model import Assurance, Evidence, Line, State

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHECKED = {"outcome": "passed", "rows": 10, "errors": 0, "schema": "trees 1.0.0", "schema_origin": "recipe"}
WHOLE = {"by": "source", "list": "", "message": "", "since": None, "at": NOW.isoformat()}


def line(indicator: str, *evidence: Evidence, now: datetime = NOW) -> Line:
    return next(line for panel in compute(evidence, now).panels for line in panel.lines if line.indicator == indicator)


def fresh(newest: str | None, modified: str | None = None, frequency: str = "DAILY") -> Evidence:
    return Evidence("freshness", {"newest": newest, "modified": modified, "frequency": frequency}, "c", NOW)


def validated(subject: str = "", **changes: Any) -> Evidence:
    return Evidence("validation", {**CHECKED, **changes}, "frictionless 5", NOW, id=subject, subject=subject)


def test_a_file_that_nothing_could_validate_is_not_called_checked_because_a_person_released_it() -> None:
    released = validated("scan.pdf", schema="", schema_origin="", rows=0)
    assert line("checked", released, validated("trees.csv")).state is State.NOT_ASSESSED
    assert line("data-errors", released, validated("trees.csv")).state is State.NOT_ASSESSED


def test_one_file_with_an_inferred_structure_is_enough_to_say_so() -> None:
    found = line("checked", validated("a.csv"), validated("b.csv", schema="", schema_origin="inferred"))
    assert found.state is State.NOT_ASSESSED
    assert "inferred" in found.sentence


def test_an_inferred_structure_that_changed_with_this_version_is_said_to_have_changed() -> None:
    change = {"kind": "added", "field": "height", "was": None, "now": 2}
    found = line("checked", validated(schema="", schema_origin="inferred", drift=[change]))
    assert found.state is State.NOT_ASSESSED
    assert "inferred" in found.sentence
    assert "changed" in found.sentence


def test_a_schema_that_was_mended_is_said_to_have_been() -> None:
    mended = ["Field 1 (“a”): “required” was moved into “constraints”."]
    found = line("checked", validated(schema="", schema_origin="source", schema_repaired=mended))
    assert found.state is State.MET
    assert "mended" in found.sentence


def test_a_schema_that_came_with_the_data_is_a_promise_without_a_name() -> None:
    found = line("checked", validated(schema="", schema_origin="source"))
    assert found.state is State.MET
    assert "{schema}" not in found.sentence


def test_a_check_that_could_not_finish_is_never_taken_for_one() -> None:
    assert line("checked", validated(outcome="error")).state is State.NOT_MET
    assert line("data-errors", validated(outcome="error")).state is State.NOT_ASSESSED


def test_errors_are_added_up_over_all_files() -> None:
    bad = validated("b.csv", outcome="failed", errors=3, rows=5)
    assert line("data-errors", validated("a.csv"), bad).values == {"errors": 3, "rows": 15}


def test_one_file_that_was_not_scanned_leaves_the_question_open() -> None:
    scans = [
        Evidence("screening", {"outcome": outcome, "findings": [], "method": "screen 1"}, "c", NOW, subject=outcome)
        for outcome in ("clean", "error")
    ]
    assert line("personal-data", scans[0]).state is State.MET
    assert line("personal-data", *scans).state is State.NOT_ASSESSED


def test_files_published_without_a_hash_are_not_proved_to_be_the_same() -> None:
    facts = {"checked_sha256": "", "published_sha256": ""}
    assert line("provenance", Evidence("provenance", facts, "c", NOW)).state is State.NOT_MET


def test_only_a_release_is_named_on_the_label() -> None:
    said = {"action": "reject", "by": "Sam", "at": NOW.isoformat(), "reason": "No.", "findings": True}
    assert line("decision", Evidence("decision", said, "Sam", NOW)).state is State.NOT_APPLICABLE
    assert line("decision", Evidence("decision", {**said, "action": "release"}, "Sam", NOW)).state is State.MET


@pytest.mark.parametrize("date", ["9999-12-31", "9999-12-31T23:59:59+00:00", "2099-01-01", "2026-11-25"])
def test_a_date_in_the_future_does_not_make_data_fresh(date: str) -> None:
    assert line("fresh", fresh(date)).state is State.NOT_ASSESSED
    later = line("fresh", fresh(date), now=NOW + timedelta(days=3))
    assert later.state is State.NOT_ASSESSED  # not even once the future has come


def test_a_date_in_the_future_gives_way_to_what_the_source_says() -> None:
    found = line("fresh", fresh("2099-01-01", "2020-01-01"))
    assert (found.state, found.assurance) == (State.NOT_MET, Assurance.DECLARED)


def test_the_datas_own_date_is_measured_and_the_sources_word_is_declared() -> None:
    assert line("fresh", fresh("2026-11-23", "2026-11-23")).assurance is Assurance.MEASURED
    assert line("fresh", fresh(None, "2026-11-23")).assurance is Assurance.DECLARED


@given(st.text(max_size=30) | st.datetimes().map(str) | st.dates().map(str), st.text(max_size=100))
def test_no_date_or_frequency_that_a_source_states_breaks_a_label(date: str, frequency: str) -> None:
    for facts in (fresh(date), fresh(None, date), fresh(None, date, frequency)):
        found = line("fresh", facts)
        assert len(str(found.values)) < 300
        next_change([facts], NOW)


@pytest.mark.parametrize(
    ("frequency", "hours"),
    [("1MIN", 24), ("HOURLY", 25), ("DAILY", 48), ("WEEKLY", 7 * 36), ("ANNUAL", 366 * 36)],
)
def test_data_counts_as_late_after_a_period_and_half_of_it_but_at_least_a_day(frequency: str, hours: float) -> None:
    facts = fresh(NOW.isoformat(), frequency=frequency)
    late = NOW + timedelta(hours=hours)
    assert line("fresh", facts, now=late - timedelta(seconds=1)).state is State.MET
    assert line("fresh", facts, now=late + timedelta(minutes=1)).state is State.NOT_MET


@pytest.mark.parametrize(
    "frequency", ["daily", "http://publications.europa.eu/resource/authority/frequency/DAILY", "DAILY/"]
)
def test_a_frequency_may_be_stated_as_an_address_or_in_small_letters(frequency: str) -> None:
    found = line("fresh", fresh(NOW.isoformat(), frequency=frequency))
    assert (found.state, found.values["frequency"]) == (State.MET, "DAILY")


def test_a_frequency_that_nobody_knows_is_not_called_irregular() -> None:
    found = line("fresh", fresh(NOW.isoformat(), frequency="every full moon"))
    assert found.state is State.NOT_ASSESSED
    assert "not one that this portal knows" in found.sentence


@pytest.mark.parametrize(
    ("stated", "spdx", "state"),
    [
        ("OGL-UK-3.0", "OGL-UK-3.0", State.MET),
        ("cc-by-4.0", "cc-by-4.0", State.MET),
        ("CC BY-NC 4.0", "CC-BY-NC-4.0", State.NOT_MET),
        ("Crown copyright", "", State.NOT_ASSESSED),
        ("", "", State.NOT_MET),
    ],
)
def test_only_a_licence_on_the_list_is_open(stated: str, spdx: str, state: State) -> None:
    facts = Evidence("licence", {"stated": stated, "spdx": spdx, "by": "source"}, "c", NOW)
    assert line("licence", facts).state is state


def test_that_a_source_answered_once_does_not_count_for_ever() -> None:
    facts = Evidence("reach", {**WHOLE, "ok": True}, "c", NOW)
    due = next_change([facts], NOW)
    assert due == NOW + timedelta(days=45)
    assert line("reachable", facts, now=due - timedelta(seconds=1)).state is State.MET
    ended = line("reachable", facts, now=due)
    assert ended.state is State.NOT_ASSESSED
    assert ended.sentence.format(**ended.values) == "The evidence for this is out of date. It counted until 2027-01-07."


def test_newer_evidence_takes_the_place_of_older_about_the_same_file() -> None:
    old = Evidence("validation", {**CHECKED, "outcome": "failed", "errors": 1}, "c", NOW - timedelta(days=1))
    assert line("data-errors", old, validated()).state is State.MET
    assert line("data-errors", validated(), old).state is State.MET


def test_a_line_says_until_when_it_counts() -> None:
    assert line("checked", validated()).expires == NOW + timedelta(days=365)
    assert line("fresh", fresh(NOW.isoformat())).expires == NOW + timedelta(days=2)


def test_a_label_comes_back_from_json_as_it_was() -> None:
    label = compute([validated("a.csv"), fresh("2026-11-23")], NOW)
    assert from_json(as_json(label)) == label
