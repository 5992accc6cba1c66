"""Calendar months in UTC, by which observations are divided into files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

LAST = datetime(9999, 12, 1, tzinfo=UTC)
LASTING = timedelta(days=2)  # for which a month that was read, but never became public, need not be read again


def month_of(moment: datetime) -> datetime:
    """The first moment of a moment's month."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def label(month: datetime) -> str:
    """As files are keyed: ``2026-03``."""
    return month.isoformat()[:7]


def following(month: datetime) -> datetime:
    """The first moment of the next month; the end of time after the last."""
    return datetime.max.replace(tzinfo=UTC) if month >= LAST else month_of(month + timedelta(days=31))


def previous(month: datetime) -> datetime:
    """The first moment of the month before."""
    return month_of(month - timedelta(days=1))
