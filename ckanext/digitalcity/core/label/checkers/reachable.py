"""Did the source answer, and still list this dataset, when it was last read?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met if the last run reached the source and found the record there."""
    if not facts:
        return Answer(State.NOT_ASSESSED)
    body = facts[0].body
    values = {"at": body["at"], "since": body["since"], "message": body["message"]}
    return Answer(State.MET if body["ok"] else State.NOT_MET, values=values, used=tuple(facts))
