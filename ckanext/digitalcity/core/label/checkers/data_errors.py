"""Did the check find errors?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met if every file was checked to the end and no error was found in any.

    A file without any schema, not even an inferred one, was not validated at all: no errors are no merit of its.
    """
    done = [fact for fact in facts if fact.body["outcome"] != "error" and fact.body["schema_origin"]]
    if not done or len(done) < len(facts):
        return Answer(State.NOT_ASSESSED, used=tuple(facts))
    values = {"errors": sum(f.body["errors"] for f in done), "rows": sum(f.body["rows"] for f in done)}
    left_out = sum(fact.body.get("rejected", 0) for fact in done)
    if left_out and all(fact.body["outcome"] == "passed" or fact.body.get("rejected") for fact in done):
        return Answer(State.NOT_MET, "sifted", {"rejected": left_out, "rows": values["rows"]}, tuple(facts))
    passed = all(fact.body["outcome"] == "passed" for fact in done)
    return Answer(State.MET if passed else State.NOT_MET, values=values, used=tuple(facts))
