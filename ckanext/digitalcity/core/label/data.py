"""The definitions of labels, read from ``schemas/label``: indicators, open licences, update frequencies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

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
    """

    id: str
    question: str
    why: str
    evidence: str
    checker: str
    method: str
    sentences: dict[str, str]


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
