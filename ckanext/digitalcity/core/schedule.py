"""When a source runs: plain words or a cron expression, in the council's own time zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zlib import crc32
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter

from .errors import RecipeError

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
HELP = (
    "Write for example “every hour”, “every 15 minutes”, “every day at 02:00”, “every weekday at 06:00”, "
    "“every Monday at 07:30”, “every month on the 1st at 03:00”, or a cron expression of five fields."
)
# What may stand in a field of cron. croniter also knows R (random) and H (hashed), which are due at another time
# whenever they are asked.
FIELD = re.compile(r"(?:[\d*,/#l-]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)+")
LONGEST = 100  # characters
SPREAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Moments at which something is due, as a cron expression of five fields."""

    cron: str

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first due moment after an aware one, in UTC.

        When clocks go forward, a time that does not exist is due at the first minute that does. When they go back, a
        time that occurs twice is due once, the first time; but what is due every hour or every few minutes stays so.
        """
        clock: tzinfo = zone
        if self._is_steady():
            clock = timezone(moment.astimezone(zone).utcoffset() or timedelta())
        times = croniter(self.cron, moment.astimezone(clock).replace(tzinfo=None))
        while (due := _real(times.get_next(datetime), clock)) <= moment:
            continue
        return due

    def next_spread(self, moment: datetime, zone: ZoneInfo, seed: str) -> datetime:
        """The first moment after an aware one at which the bearer of this seed starts, in UTC.

        A hundred sources due at 02:00 must not start at once, so each starts some seconds after a due moment, never
        before it: always as many for the same seed, less than ``SPREAD``, and less than half the time to the next due
        moment.
        """
        due = self.next_after(moment - SPREAD, zone)  # one that is due already may not have started yet
        while True:
            following = self.next_after(due, zone)
            width = int(min(SPREAD, (following - due) / 2).total_seconds())
            start = due + timedelta(seconds=crc32(seed.encode()) % width)
            if start > moment:
                return start
            due = following

    def words(self) -> str:
        """The schedule in English, as ``parse`` reads it; a cron expression where there are no words for it."""
        minute, hour, day, month, weekday = self.cron.split()
        if self._is_steady():
            if minute == "0":
                return "every hour"
            step = minute.removeprefix("*/")
            return f"every {step} minutes" if step.isdigit() and step != minute and 60 % int(step) == 0 else self.cron
        if not (minute.isdigit() and hour.isdigit() and month == "*"):
            return self.cron
        time = f"at {int(hour):02}:{int(minute):02}"
        if day == "*":
            name = {"*": "day", "1-5": "weekday"}.get(weekday, "")
            if weekday in "0123456":
                name = DAYS[int(weekday)].capitalize()
            return f"every {name} {time}" if name else self.cron
        if day.isdigit() and int(day) <= 28 and weekday == "*":
            return f"every month on the {_ordinal(int(day))} {time}"
        return self.cron

    def _is_steady(self) -> bool:
        """Whether it follows the hours as they pass, whatever the clocks do."""
        return self.cron.split()[1:] == ["*"] * 4


def parse(text: str) -> Schedule:
    """Reads plain words or a cron expression.

    Raises:
        RecipeError: it is neither, or it never comes.
    """
    plain = " ".join(text.lower().split())
    for pattern, cron in WORDS:
        if found := pattern.fullmatch(plain):
            return Schedule(cron(found))
    if len(plain) > LONGEST or not _is_cron(plain):
        shown = plain[:LONGEST] + ("…" if len(plain) > LONGEST else "")
        raise RecipeError(f"“{shown}” is not a schedule.", HELP)
    try:
        croniter(plain, datetime(2000, 1, 1)).get_next()
    except CroniterBadDateError as never:
        raise RecipeError(f"“{plain}” never comes: there is no such day.", HELP) from never
    return Schedule(plain)


def _is_cron(plain: str) -> bool:
    fields = plain.split()
    return len(fields) == 5 and all(map(FIELD.fullmatch, fields)) and croniter.is_valid(plain)


def _real(wall: datetime, clock: tzinfo) -> datetime:
    """The moment at which a clock on the wall shows this; the next minute that it does show if it never does."""
    while (moment := wall.replace(tzinfo=clock).astimezone(UTC)).astimezone(clock).replace(tzinfo=None) != wall:
        wall += timedelta(minutes=1)
    return moment


def _at(text: str) -> tuple[int, int]:
    hour, minute = (int(part) for part in text.split(":"))
    if hour > 23 or minute > 59:
        raise RecipeError(f"“{text}” is not a time of day.", HELP)
    return hour, minute


def _minutes(found: re.Match[str]) -> str:
    number = int(found[1])
    if number < 1 or number > 59 or 60 % number:
        raise RecipeError(
            f"An hour cannot be cut into parts of {number} minutes.",
            "Use 5, 10, 15, 20 or 30 minutes, or write “every hour”.",
        )
    return f"*/{number} * * * *"


def _daily(found: re.Match[str]) -> str:
    hour, minute = _at(found[2])
    days = {"day": "*", "weekday": "1-5"}.get(found[1]) or str(DAYS.index(found[1]))
    return f"{minute} {hour} * * {days}"


def _monthly(found: re.Match[str]) -> str:
    hour, minute = _at(found[2])
    day = int(found[1])
    if not 1 <= day <= 28:
        raise RecipeError(f"Not every month has a day {day}.", "Choose a day from the 1st to the 28th.")
    return f"{minute} {hour} {day} * *"


def _ordinal(day: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{'th' if 10 < day < 20 else ending}"


WORDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"every (\d{1,4}) minutes", re.ASCII), _minutes),
    (re.compile(r"every hour"), lambda _: "0 * * * *"),
    (re.compile(rf"every (day|weekday|{'|'.join(DAYS)}) at (\d{{1,2}}:\d\d)", re.ASCII), _daily),
    (re.compile(r"every month on the (\d{1,2})(?:st|nd|rd|th) at (\d{1,2}:\d\d)", re.ASCII), _monthly),
)
