"""Was every file checked against a schema that somebody promised?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met only if every file was checked to the end against a promised schema.

    A file without any schema is of a kind that cannot be validated, and was released by a person.
    """
    if not facts:
        return Answer(State.NOT_ASSESSED)
    if any(not fact.body["schema_origin"] for fact in facts):
        return Answer(State.NOT_ASSESSED, "no-table", used=tuple(facts))
    if any(fact.body["outcome"] == "error" for fact in facts):
        return Answer(State.NOT_MET, used=tuple(facts))
    if any(fact.body["schema_origin"] == "inferred" for fact in facts):
        changed = any(fact.body.get("drift") for fact in facts)
        return Answer(State.NOT_ASSESSED, "inferred-changed" if changed else "inferred", used=tuple(facts))
    names = sorted({str(fact.body["schema"]) for fact in facts if fact.body["schema"]})
    mended = any(fact.body.get("schema_repaired") for fact in facts)
    case = "" if names else "own-schema-mended" if mended else "own-schema"
    return Answer(State.MET, case, {"schema": ", ".join(names)}, tuple(facts))
