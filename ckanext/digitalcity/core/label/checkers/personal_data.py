"""Did the scan find what looks like personal data?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met if every file was scanned to the end and nothing was suspected: never “safe” or “anonymous”."""
    if not facts:
        return Answer(State.NOT_ASSESSED)
    values = {
        "method": ", ".join(sorted({str(fact.body["method"]) for fact in facts})),
        "date": min(fact.created for fact in facts).date().isoformat(),
        "columns": sum(len(fact.body["findings"]) for fact in facts),
    }
    outcomes = {fact.body["outcome"] for fact in facts}
    if "suspected" in outcomes:
        return Answer(State.NOT_MET, values=values, used=tuple(facts))
    if outcomes != {"clean"}:
        return Answer(State.NOT_ASSESSED, "unfinished", values, tuple(facts))
    return Answer(State.MET, values=values, used=tuple(facts))
