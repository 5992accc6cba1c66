"""Labels are computed from evidence and time alone, and cannot be flattered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.label import as_json, compute, indicators, messages, next_change
from ckanext.digitalcity.core.label.data import PANELS, load
from ckanext.digitalcity.core.model import Evidence, Label, State

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHA = "a" * 64
GOOD: dict[str, dict[str, Any]] = {
    "validation": {"outcome": "passed", "rows": 10, "errors": 0, "schema": "trees 1.0.0", "schema_origin": "recipe",
                   "report": "r", "sha256": SHA, "released": False},
    "screening": {"outcome": "clean", "findings": [], "method": "screen 1", "sha256": SHA, "report": "r"},
    "provenance": {"source_url": "https://example.org/t.csv", "fetched": NOW.isoformat(), "checked_sha256": SHA,
                   "published_sha256": SHA, "bytes": 100},
    "freshness": {"newest": "2026-11-23T06:00:00+00:00", "modified": None, "frequency": "DAILY"},
    "licence": {"stated": "OGL", "spdx": "OGL-UK-3.0", "by": "source"},
    "contact": {"organisation": "Aberfal Council", "name": "Open data team", "email": ""},
    "hold": {"waiting": False, "since": None, "outcome": "", "reason": "", "report": None},
    "reach": {"ok": True, "at": NOW.isoformat(), "since": None, "message": ""},
    "decision": {"action": "release", "by": "Sam", "at": NOW.isoformat(), "reason": "Known slip.", "findings": False},
}  # fmt: skip
WORSE: dict[str, dict[str, Any]] = {
    "validation": {"outcome": "failed", "errors": 3},
    "screening": {"outcome": "suspected", "findings": [{"rule": "email", "field": "contact", "count": 2}]},
    "provenance": {"published_sha256": "b" * 64},
    "freshness": {"newest": "2020-01-01"},
    "licence": {"spdx": "CC-BY-NC-4.0"},
    "contact": {"name": "", "email": ""},
    "hold": {"waiting": True, "since": NOW.isoformat(), "outcome": "failed", "reason": "invalid"},
    "reach": {"ok": False, "since": NOW.isoformat(), "message": "It did not answer."},
}
RANK = {State.NOT_MET: 0, State.NOT_ASSESSED: 1, State.MET: 2, State.NOT_APPLICABLE: 3}


def fact(kind: str, *, bad: bool = False, age: float = 0, lasts: float | None = None, subject: str = "") -> Evidence:
    created = NOW - timedelta(days=age)
    expires = created + timedelta(days=lasts) if lasts else None
    body = {**GOOD[kind], **(WORSE.get(kind, {}) if bad else {})}
    return Evidence(kind, body, "checker 1", created, expires=expires, id=f"{kind}-{subject}-{bad}", subject=subject)


def states(label: Label) -> dict[str, State]:
    return {line.indicator: line.state for panel in label.panels for line in panel.lines}


facts = st.builds(
    fact, st.sampled_from(sorted(GOOD)), bad=st.booleans(), age=st.floats(0, 30),
    lasts=st.none() | st.floats(1, 60), subject=st.sampled_from(["", "a.csv", "b.csv"]),
)  # fmt: skip
evidence = st.lists(facts, max_size=12)


def test_good_evidence_of_every_kind_meets_every_indicator_that_it_can() -> None:
    found = states(compute([fact(kind) for kind in GOOD], NOW))
    assert {name for name, state in found.items() if state is not State.MET} == {"lawful-basis"}


@pytest.mark.parametrize("kind", sorted(WORSE))
def test_each_kind_of_bad_evidence_shows(kind: str) -> None:
    found = states(compute([fact(name, bad=name == kind) for name in GOOD], NOW))
    asked = {i.id for panel in PANELS for i in indicators(panel) if i.evidence == kind}
    assert any(found[name] is State.NOT_MET for name in asked)


def test_without_evidence_nothing_is_met() -> None:
    assert set(states(compute([], NOW)).values()) <= {State.NOT_ASSESSED, State.NOT_APPLICABLE}


def test_a_structure_that_was_inferred_is_not_a_promise() -> None:
    body = {**GOOD["validation"], "schema": "", "schema_origin": "inferred"}
    assert states(compute([Evidence("validation", body, "c", NOW)], NOW))["checked"] is State.NOT_ASSESSED


def test_freshness_has_grace_and_then_ends() -> None:
    facts = [fact("freshness")]
    later = next_change(facts, NOW)
    assert later == datetime(2026, 11, 25, 6, tzinfo=UTC)
    assert states(compute(facts, later - timedelta(seconds=1)))["fresh"] is State.MET
    assert states(compute(facts, later))["fresh"] is State.NOT_MET


@pytest.mark.parametrize("frequency", [*load("frequencies")["irregular"], ""])
def test_what_promises_no_rhythm_is_not_a_pass(frequency: str) -> None:
    body = {**GOOD["freshness"], "frequency": frequency}
    assert states(compute([Evidence("freshness", body, "c", NOW)], NOW))["fresh"] is State.NOT_ASSESSED


def test_expired_evidence_meets_nothing() -> None:
    found = states(compute([fact("validation", age=10, lasts=5)], NOW))
    assert found["checked"] is State.NOT_ASSESSED
    assert found["data-errors"] is State.NOT_ASSESSED


@given(evidence)
def test_a_headline_is_its_weakest_line_and_no_line_is_met_without_evidence(found: list[Evidence]) -> None:
    for panel in compute(found, NOW).panels:
        counted = [line.state for line in panel.lines if line.state is not State.NOT_APPLICABLE]
        assert panel.headline is min(counted, key=RANK.__getitem__)
        assert all(line.evidence for line in panel.lines if line.state in (State.MET, State.NOT_MET))


@given(evidence, st.randoms())
def test_the_order_of_evidence_does_not_matter(found: list[Evidence], chance: Any) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert as_json(compute(shuffled, NOW)) == as_json(compute(found, NOW))


@given(evidence, st.sampled_from(sorted(WORSE)), st.sampled_from(["", "a.csv"]))
def test_better_evidence_never_lowers_a_label(found: list[Evidence], kind: str, subject: str) -> None:
    others = [f for f in found if (f.kind, f.subject) != (kind, subject)]
    worse = states(compute([*others, fact(kind, bad=True, subject=subject)], NOW))
    better = states(compute([*others, fact(kind, subject=subject)], NOW))
    assert all(RANK[better[name]] >= RANK[worse[name]] for name in better)


@given(evidence, st.floats(0, 400))
def test_time_alone_never_makes_a_line_better(found: list[Evidence], days: float) -> None:
    before, after = states(compute(found, NOW)), states(compute(found, NOW + timedelta(days=days)))
    met = {name for name, state in after.items() if state is State.MET}
    assert met <= {name for name, state in before.items() if state is State.MET}


@given(evidence)
def test_nothing_changes_before_the_moment_that_is_foretold(found: list[Evidence]) -> None:
    due = next_change(found, NOW)
    until = (due or NOW + timedelta(days=10_000)) - timedelta(seconds=1)
    assert states(compute(found, NOW)) == states(compute(found, max(until, NOW)))


def test_every_sentence_can_be_filled_with_the_facts_of_its_answer() -> None:
    for bad in (False, True):
        for panel in compute([fact(kind, bad=bad) for kind in GOOD], NOW).panels:
            for line in panel.lines:
                assert line.sentence.format(**line.values)


def test_no_label_calls_data_safe_or_anonymous() -> None:
    assert not [text for text in messages() if "safe" in text.lower() or "anonym" in text.lower()]
