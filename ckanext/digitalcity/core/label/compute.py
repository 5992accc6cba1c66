"""Computes a label from evidence: a pure function of evidence, indicators and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from importlib import import_module

from ckanext.digitalcity.core.model import Evidence, Label, Line, Panel, State

from .answer import Answer
from .data import EXPIRED, PANELS, Indicator, indicators

# Weakest first; what is not applicable says nothing about a panel.
WEAKNESS = (State.NOT_MET, State.NOT_ASSESSED, State.MET)


def compute(evidence: Sequence[Evidence], now: datetime) -> Label:
    """A dataset's label at one moment (aware)."""
    current = _newest(evidence)
    return Label(tuple(_panel(name, current, now) for name in PANELS), now)


def next_change(evidence: Sequence[Evidence], now: datetime) -> datetime | None:
    """When the label will change by itself, because something expires or grows stale; None if never."""
    current = _newest(evidence)
    asked = [indicator for panel in PANELS for indicator in indicators(panel)]
    ends = (end for indicator in asked for end in _ends(indicator, _answer(indicator, current, now)))
    return min((end for end in ends if end > now), default=None)


def _newest(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The newest piece of evidence for each kind and subject. Content breaks ties, so that order never matters."""
    found: dict[tuple[str, str], Evidence] = {}
    for fact in evidence:
        other = found.get((fact.kind, fact.subject))
        if other is None or _is_newer(fact, other):
            found[fact.kind, fact.subject] = fact
    return sorted(found.values(), key=lambda fact: (fact.kind, fact.subject))


def _is_newer(fact: Evidence, other: Evidence) -> bool:
    return fact.created > other.created or (fact.created == other.created and repr(fact) > repr(other))


def _panel(name: str, evidence: Sequence[Evidence], now: datetime) -> Panel:
    lines = tuple(_line(indicator, evidence, now) for indicator in indicators(name))
    states = {line.state for line in lines}
    return Panel(name, next((state for state in WEAKNESS if state in states), State.NOT_ASSESSED), lines)


def _line(indicator: Indicator, evidence: Sequence[Evidence], now: datetime) -> Line:
    answer = _answer(indicator, evidence, now)
    used = answer.used
    weakest = answer.assurance or min((fact.assurance for fact in used), key=_strength, default=None)
    return Line(
        indicator=indicator.id,
        question=indicator.question,
        state=answer.state,
        sentence=EXPIRED if answer.case == "expired" else indicator.sentences[answer.case or answer.state.value],
        values=answer.values,
        evidence=tuple(fact.id for fact in used),
        assurance=weakest,
        checker=", ".join(sorted({fact.checker for fact in used})),
        method=indicator.method,
        checked=min((fact.created for fact in used), default=None),
        expires=min(_ends(indicator, answer), default=None),
    )


def _strength(assurance: str) -> int:
    return ("declared", "attested", "measured").index(assurance)


def _answer(indicator: Indicator, evidence: Sequence[Evidence], now: datetime) -> Answer:
    facts = tuple(fact for fact in evidence if fact.kind == indicator.evidence)
    answer: Answer = import_module(f".checkers.{indicator.checker}", __package__).assess(facts, now)
    ended = [end for end in map(indicator.until, answer.used) if end and end <= now]
    if ended and answer.state is State.MET:
        values = {"until": min(ended).date().isoformat()}
        return replace(answer, state=State.NOT_ASSESSED, case="expired", values=values)
    return answer


def _ends(indicator: Indicator, answer: Answer) -> list[datetime]:
    """When this answer ends: a piece of its evidence stops counting, or it changes by itself."""
    return [end for end in (answer.changes, *map(indicator.until, answer.used)) if end]
