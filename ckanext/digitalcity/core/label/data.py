"""The definitions of labels, read from ``schemas/label``: indicators, open licences, update frequencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from ckanext.digitalcity.core.model import Evidence

PANELS = ("trust", "privacy")
EXPIRED = "The evidence for this is out of date. It counted until {until}."


@dataclass(frozen=True, slots=True)
class Indicator:
    """One question that a label answers.

    Attributes:
        evidence: kind of evidence that answers it.
        checker: module in ``checkers`` that reads that evidence.
        method: version of the checker's rule.
        sentences: what is said, by state or by a more special case; English message ids.
        counts_for: days for which the evidence counts at most; None if it counts until something newer replaces it.
    """

    id: str
    question: str
    why: str
    evidence: str
    checker: str
    method: str
    sentences: dict[str, str]
    counts_for: int | None = None

    def until(self, fact: Evidence) -> datetime | None:
        """When a piece of evidence stops answering this question: its own expiry or ours, whichever is sooner."""
        ours = fact.created + timedelta(days=self.counts_for) if self.counts_for else None
        return min((moment for moment in (ours, fact.expires) if moment), default=None)


@cache
def indicators(panel: str) -> tuple[Indicator, ...]:
    """The indicators of one panel, in the order in which they are shown."""
    return tuple(Indicator(**entry) for entry in load(panel)["indicators"])


@cache
def load(name: str) -> dict[str, Any]:
    """One file of ``schemas/label``, by its name without ending."""
    text = (files("ckanext.digitalcity.schemas") / "label" / f"{name}.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def messages() -> list[str]:
    """Every English text of the definitions that a person reads, for translators."""
    texts = [EXPIRED]
    for panel in PANELS:
        for indicator in indicators(panel):
            texts += [indicator.question, indicator.why, *indicator.sentences.values()]
    return texts
