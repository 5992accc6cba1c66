"""When a source runs: plain words or a cron expression, in the council's own time zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

from .errors import RecipeError

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
HELP = (
    "Write for example “every hour”, “every 15 minutes”, “every day at 02:00”, “every weekday at 06:00”, "
    "“every Monday at 07:30”, “every month on the 1st at 03:00”, or a cron expression of five fields."
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Moments at which something is due. ``cron`` has five fields; ``text`` is what a person wrote."""

    cron: str
    text: str

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first due moment after an aware one, in UTC.

        When clocks go forward, a time that does not exist is due at the first that does; when they go back, a time
        that occurs twice is due once, the first time.
        """
        wall = moment.astimezone(zone).replace(tzinfo=None)
        for _ in range(3):
            wall = croniter(self.cron, wall).get_next(datetime)
            due = _first_real(wall, zone)
            if due > moment.astimezone(UTC):
                return due
        return due

    def words(self) -> str:
        """What the person wrote."""
        return self.text


def _first_real(wall: datetime, zone: ZoneInfo) -> datetime:
    aware = wall.replace(tzinfo=zone, fold=0)
    utc = aware.astimezone(UTC)
    gap = utc.astimezone(zone).replace(tzinfo=None) != wall
    if not gap:
        return utc
    # the clock jumped over it: the offset before the jump leads past it, so go back to where the jump ended
    jump = utc.astimezone(zone).replace(tzinfo=None) - wall
    start = utc - jump
    for minutes in range(0, 24 * 60):
        candidate = start + timedelta(minutes=minutes)
        if candidate.astimezone(zone).replace(tzinfo=None) >= wall:
            return candidate
    return utc


def _at(text: str) -> tuple[int, int]:
    hour, minute = (int(part) for part in text.split(":"))
    if hour > 23 or minute > 59:
        raise RecipeError(f"“{text}” is not a time of day.", HELP)
    return hour, minute


def _minutes(found: re.Match[str]) -> str:
    number = int(found[1])
    if number < 1 or number > 59 or 60 % number:
        raise RecipeError(f"An hour cannot be cut into parts of {number} minutes.", "Use 5, 10, 15, 20 or 30 minutes.")
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


WORDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"every (\d+) minutes"), _minutes),
    (re.compile(r"every hour"), lambda _: "0 * * * *"),
    (re.compile(rf"every (day|weekday|{'|'.join(DAYS)}) at (\d{{1,2}}:\d\d)"), _daily),
    (re.compile(r"every month on the (\d+)(?:st|nd|rd|th) at (\d{1,2}:\d\d)"), _monthly),
)


def parse(text: str) -> Schedule:
    """Reads plain words or a cron expression.

    Raises:
        RecipeError: it is neither.
    """
    plain = " ".join(text.lower().split())
    for pattern, cron in WORDS:
        if found := pattern.fullmatch(plain):
            return Schedule(cron(found), text.strip())
    if len(plain.split()) == 5 and croniter.is_valid(plain):
        return Schedule(plain, text.strip())
    raise RecipeError(f"“{text}” is not a schedule.", HELP)
