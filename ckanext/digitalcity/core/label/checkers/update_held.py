"""Is an update waiting for a person?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met if nothing waits; else says since when and why."""
    if not facts:
        return Answer(State.NOT_ASSESSED)
    body = facts[0].body
    values = {"since": body["since"], "reason": body["reason"], "outcome": body["outcome"]}
    return Answer(State.NOT_MET if body["waiting"] else State.MET, values=values, used=tuple(facts))
