"""Is the newest data as new as was promised?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ckanext.digitalcity.core.label.answer import Answer
from ckanext.digitalcity.core.label.data import load
from ckanext.digitalcity.core.model import Evidence, State


def assess(facts: Sequence[Evidence], now: datetime) -> Answer:
    """Met while the newest date is younger than the promised period and half of it again, at least a day.

    The data's own dates come first, the source's date of modification second (reference: Rules for labels, 10).
    """
    if not facts:
        return Answer(State.NOT_ASSESSED)
    body = facts[0].body
    newest = _moment(body["newest"]) or _moment(body["modified"])
    frequency = body["frequency"]
    if newest is None:
        return Answer(State.NOT_ASSESSED, "no-date", used=tuple(facts))
    values = {"newest": newest.date().isoformat(), "frequency": frequency}
    if not frequency:
        return Answer(State.NOT_ASSESSED, "no-promise", values, tuple(facts))
    days = load("frequencies")["days"].get(frequency)
    if days is None:
        return Answer(State.NOT_ASSESSED, "irregular", values, tuple(facts))
    stale = newest + timedelta(days=days) + max(timedelta(days=days) / 2, timedelta(days=1))
    if now < stale:
        return Answer(State.MET, "", values, tuple(facts), stale.timestamp())
    return Answer(State.NOT_MET, "", values, tuple(facts))


def _moment(text: str | None) -> datetime | None:
    """An ISO 8601 date or time; what names no zone is taken as UTC. A whole day counts until its end."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == 10:
        moment += timedelta(days=1, seconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
