"""What a schedule comes to, in parts that can be said in any language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from itertools import product

from croniter import croniter

from .schedule import DAYS, Schedule

MOST = 6  # times of a day that are still told one by one
WEEK, WORKDAYS = ("day",), ("weekday",)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When something is due: every so many minutes, or at some times of some days.

    Attributes:
        minutes: from one time to the next, 60 for every hour; 0 if it is due at ``times``.
        often: on which days: ``day``, ``weekday``, names of days from Monday on, or ``month``.
        days: on which days of each month, where ``often`` is ``month``.
    """

    minutes: int = 0
    times: tuple[time, ...] = ()
    often: tuple[str, ...] = ()
    days: tuple[int, ...] = ()


def rhythm(schedule: Schedule) -> Rhythm | None:
    """The rhythm of a schedule; None if only its cron expression tells it."""
    (minutes, hours, days, months, weekdays), nth = croniter.expand(schedule.cron)
    if nth or months != ["*"]:
        return None
    if hours == days == weekdays == ["*"]:
        steady = _steady(minutes)
        return Rhythm(minutes=steady) if steady else None
    if not _told([*minutes, *hours]) or len(minutes) * len(hours) > MOST:
        return None
    times = tuple(time(hour, minute) for hour, minute in product(hours, minutes))
    if days == ["*"]:
        return Rhythm(times=times, often=_week(weekdays))
    if weekdays == ["*"] and _told(days):
        return Rhythm(times=times, often=("month",), days=tuple(days))
    return None  # cron means the days of the month and those of the week beside each other


def _told(field: list[int | str]) -> bool:
    return all(isinstance(entry, int) for entry in field)


def _steady(minutes: list[int | str]) -> int:
    """How many minutes lie from each of these to the next, from the full hour on; 0 if not always as many."""
    step = 60 // len(minutes)
    return step if minutes == list(range(0, 60, step)) else 0


def _week(weekdays: list[int | str]) -> tuple[str, ...]:
    if weekdays == ["*"]:
        return WEEK
    if weekdays == [1, 2, 3, 4, 5]:
        return WORKDAYS
    return tuple(name for number, name in enumerate([*DAYS[1:], DAYS[0]], 1) if number % 7 in weekdays)
