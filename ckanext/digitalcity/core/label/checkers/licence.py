"""Is the licence open?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.label.data import load
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met if the stated licence is on the list of open ones; the list and its version are named."""
    if not facts:
        return Answer(State.NOT_ASSESSED)
    body = facts[0].body
    known = load("licences")
    values = {**body, "list": known["list"], "version": known["version"]}
    if not body["stated"]:
        return Answer(State.NOT_MET, "none", used=tuple(facts))
    if not body["spdx"]:
        return Answer(State.NOT_ASSESSED, "unknown", values, tuple(facts))
    is_open = body["spdx"].lower() in {spdx.lower() for spdx in known["open"]}  # SPDX ids ignore case (Annex D)
    return Answer(State.MET if is_open else State.NOT_MET, "", values, tuple(facts))
