"""Has the publisher declared a lawful basis?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Not assessed until the publisher declares it."""
    if not facts:
        return Answer(State.NOT_ASSESSED)
    basis = str(facts[0].body.get("basis", ""))
    return Answer(State.MET if basis else State.NOT_MET, values={"basis": basis}, used=tuple(facts))
