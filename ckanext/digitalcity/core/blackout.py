"""Hours in which a source must be left alone, in the council's own time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .errors import RecipeError
from .schedule import DAYS

HELP = "Write for example “weekdays 07:00-19:00” or “every day 23:30-01:00”, with commas between several."
WINDOW = re.compile(
    rf"(every day|weekdays|weekends|{'|'.join(DAYS)}) (\d{{1,2}}:\d\d) ?[-–] ?(\d{{1,2}}:\d\d)", re.ASCII
)
GROUPS = {"every day": frozenset(range(7)), "weekdays": frozenset(range(5)), "weekends": frozenset({5, 6})}
MOST = 20  # windows
LONGEST = timedelta(days=7)  # without a free minute there is no schedule


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` to ``end`` on some days (Monday is 0); an end that is not later is on the day after."""

    days: frozenset[int]
    start: time
    end: time

    def ends(self, wall: datetime) -> datetime | None:
        """When the window that a wall-clock time lies in ends; None if it lies in none."""
        for day in (wall.date(), wall.date() - timedelta(days=1)):
            begin, end = datetime.combine(day, self.start), datetime.combine(day, self.end)
            end += timedelta(days=self.end <= self.start)
            if day.weekday() in self.days and begin <= wall < end:
                return end
        return None


def parse(text: str) -> tuple[Window, ...]:
    """Reads windows.

    Raises:
        RecipeError: one of them cannot be read, or together they leave no minute.
    """
    parts = [" ".join(part.lower().split()) for part in text.split(",")]
    if len(parts) > MOST:
        raise RecipeError(f"There are more than {MOST} hours of rest.", HELP)
    windows = tuple(_window(part) for part in parts)
    monday = datetime(2024, 1, 1, tzinfo=UTC)
    after(monday, windows, ZoneInfo("UTC"))
    return windows


def after(moment: datetime, windows: tuple[Window, ...], zone: ZoneInfo) -> datetime:
    """The first moment from an aware one on that lies in no window, in UTC.

    Raises:
        RecipeError: there is none.
    """
    limit = moment + LONGEST
    while moment <= limit:
        wall = moment.astimezone(zone).replace(tzinfo=None)
        ends = [end for window in windows if (end := window.ends(wall))]
        if not ends:
            return moment.astimezone(UTC)
        # at least a minute on, also where clocks go back over the end
        moment = max(max(ends).replace(tzinfo=zone).astimezone(UTC), moment.astimezone(UTC) + timedelta(minutes=1))
    raise RecipeError("The hours of rest leave no time at all.", HELP)


def _window(part: str) -> Window:
    found = WINDOW.fullmatch(part)
    if not found:
        raise RecipeError(f"“{part[:60]}” names no hours of rest.", HELP)
    days = GROUPS.get(found[1]) or frozenset({(DAYS.index(found[1]) - 1) % 7})
    return Window(days, _time(found[2]), _time(found[3]))


def _time(text: str) -> time:
    hour, minute = (int(part) for part in text.split(":"))
    if hour == 24 and minute == 0:
        hour = 0
    if hour > 23 or minute > 59:
        raise RecipeError(f"“{text}” is not a time of day.", HELP)
    return time(hour, minute)
