"""What a schedule comes to, against the moments at which it is really due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ckanext.digitalcity.core.rhythm import Rhythm, rhythm
from ckanext.digitalcity.core.schedule import DAYS, parse

START = date(2026, 1, 30)  # a Friday
LENGTH = 40  # days


def is_on(day: date, found: Rhythm) -> bool:
    name = DAYS[day.isoweekday() % 7]
    if found.days:
        return day.day in found.days
    return "day" in found.often or name in found.often or ("weekday" in found.often and day.isoweekday() < 6)


def told(found: Rhythm) -> list[datetime]:
    """Every moment at which it is due, by its parts alone."""
    days = [START + timedelta(days=number) for number in range(LENGTH)]
    if found.minutes:
        midnight = datetime.combine(START, datetime.min.time(), UTC)
        return [midnight + timedelta(minutes=number) for number in range(0, LENGTH * 1440, found.minutes)]
    return [datetime.combine(day, time, UTC) for day in days if is_on(day, found) for time in found.times]


@pytest.mark.parametrize(
    "text",
    [
        "every hour", "every 15 minutes", "every day at 02:00", "every weekday at 06:00",
        "every Sunday at 07:30", "every month on the 1st at 03:00", "30 4 * * 1,4", "30 4 * * sat,sun", "0 6,18 * * *",
        "*/30 9 * * 1-5", "0 3 1,15 * *", "0 3 * * 7", "0 */6 * * 0-6", "5 4 1-31 * *",
    ],
)  # fmt: skip
def test_what_is_told_is_when_it_is_due(text: str) -> None:
    found = rhythm(parse(text))
    assert found
    moments = told(found)
    due, moment = [], moments[0] - timedelta(minutes=1)
    for _ in moments:
        moment = parse(text).next_after(moment, ZoneInfo("UTC"))
        due.append(moment)
    assert due == moments


@pytest.mark.parametrize(
    "text",
    [
        "*/7 * * * *", "every 1 minutes", "30 * * * *", "0 3 l * *", "0 3 * * mon#1", "0 3 * jan *", "5-20 4 * * *",
        "0 3 1 * 1", "* 3 * * *", "0 * 1 * *",
    ],
)  # fmt: skip
def test_what_cannot_be_told_shortly_is_left_to_cron(text: str) -> None:
    assert rhythm(parse(text)) is None
