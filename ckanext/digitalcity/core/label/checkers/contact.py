"""Is somebody named who answers for the data?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met if an organisation and a contact are named."""
    if not facts:
        return Answer(State.NOT_ASSESSED)
    body = facts[0].body
    named = bool(body["organisation"] and (body["name"] or body["email"]))
    values = {"organisation": body["organisation"], "name": body["name"] or body["email"]}
    return Answer(State.MET if named else State.NOT_MET, values=values, used=tuple(facts))
