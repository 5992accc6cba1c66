"""Was it published because a person decided so?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Names who released it, when and why; not applicable where nobody had to.

    What was rejected never became public, so it says nothing about what did.
    """
    if not facts or facts[0].body["action"] != "release":
        return Answer(State.NOT_APPLICABLE)
    body = facts[0].body
    values = {"by": body["by"], "at": body["at"], "reason": body["reason"]}
    return Answer(State.MET, values=values, used=tuple(facts))
