"""Is the newest data as new as was promised?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.label.data import load
from ckanext.digitalcity.core.model import Assurance, Evidence, State

AHEAD = timedelta(days=1)  # clocks and zones differ
LEAST_GRACE = timedelta(days=1)  # most sources are read once a day


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met while the newest date is younger than the promised period and half of it again, at least a day.

    The data's own dates come first, the source's date of modification second (reference: Rules for labels, 10). A date
    that lay in the future when it was found is a plan or a mistake, and says nothing about how new the data is.
    """
    if not facts:
        return Answer(State.NOT_ASSESSED)
    body, latest = facts[0].body, facts[0].created + AHEAD
    measured = _moment(body["newest"], latest)
    newest = measured or _moment(body["modified"], latest)
    if newest is None:
        return Answer(State.NOT_ASSESSED, "no-date", used=tuple(facts))
    stated = str(body["frequency"])
    frequency = stated.rstrip("/").rpartition("/")[2].upper()  # a code, or its address in the EU list
    answer = Answer(
        State.NOT_ASSESSED,
        values={"newest": newest.date().isoformat(), "frequency": frequency},
        used=tuple(facts),
        assurance=None if measured else Assurance.DECLARED,
    )
    known = load("frequencies")
    if not frequency:
        return replace(answer, case="no-promise")
    if frequency in known["irregular"]:
        return replace(answer, case="irregular")
    if frequency not in known["periods"]:
        return replace(answer, case="unknown-promise", values={**answer.values, "frequency": stated[:60]})
    period = timedelta(**known["periods"][frequency])
    stale = newest + period + max(period / 2, LEAST_GRACE)
    if now < stale:
        return replace(answer, state=State.MET, changes=stale)
    return replace(answer, state=State.NOT_MET)


def _moment(text: str | None, latest: datetime) -> datetime | None:
    """An ISO 8601 date or time up to the latest that can be true; what names no zone is taken as UTC."""
    try:
        moment = datetime.fromisoformat(str(text or ""))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > latest:
        return None
    is_day = len(str(text)) <= len("2026-11-23")  # a whole day counts until its end
    return moment + timedelta(days=1, seconds=-1) if is_day else moment
