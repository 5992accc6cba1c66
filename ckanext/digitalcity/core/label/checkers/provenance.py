"""Are the published bytes the checked bytes?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met if, for every file, the hash read back after publishing is the hash that was checked."""
    if not facts:
        return Answer(State.NOT_ASSESSED)
    same = all(f.body["checked_sha256"] and f.body["checked_sha256"] == f.body["published_sha256"] for f in facts)
    sifted = any(f.body.get("fetched_sha256", f.body["checked_sha256"]) != f.body["checked_sha256"] for f in facts)
    return Answer(State.MET if same else State.NOT_MET, "sifted" if same and sifted else "", used=tuple(facts))
