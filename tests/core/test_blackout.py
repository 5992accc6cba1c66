"""Hours of rest: nothing is due within them, and the first free minute after them is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.blackout import after, parse
from ckanext.digitalcity.core.errors import RecipeError

LONDON = ZoneInfo("Europe/London")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
TEXTS = [
    "weekdays 07:00-19:00",
    "every day 23:30-01:00",
    "sunday 00:00-12:00, weekends 06:00-24:00",
    "friday 18:00 – 06:00",
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("windows", "asked", "free"),
    [
        ("weekdays 07:00-19:00", "2026-11-23T06:59", "2026-11-23T06:59"),
        ("weekdays 07:00-19:00", "2026-11-23T07:00", "2026-11-23T19:00"),
        ("Weekdays  07:00-19:00", "2026-11-22T12:00", "2026-11-22T12:00"),
        ("every day 23:30-01:00", "2026-11-23T00:15", "2026-11-23T01:00"),
        ("friday 18:00-06:00", "2026-11-28T05:59", "2026-11-28T06:00"),
        ("saturday 00:00-24:00, sunday 00:00-24:00", "2026-11-28T10:00", "2026-11-30T00:00"),
        ("every day 01:30-03:00", "2026-03-29T00:45", "2026-03-29T00:45"),
        ("every day 00:30-01:30", "2026-03-29T00:45", "2026-03-29T02:30"),  # 01:30 does not exist that day
    ],
)
def test_what_lies_in_a_window_waits_for_its_end(windows: str, asked: str, free: str) -> None:
    assert after(at(asked), parse(windows), LONDON) == at(free)


@given(moment=MOMENTS, text=st.sampled_from(TEXTS))
def test_the_moment_found_is_free_and_nothing_free_was_passed_over(moment: datetime, text: str) -> None:
    windows = parse(text)
    found = after(moment, windows, LONDON)
    assert found >= moment
    assert after(found, windows, LONDON) == found
    before = found - timedelta(minutes=1)
    if before >= moment:
        assert after(before, windows, LONDON) >= found - timedelta(minutes=1)


@pytest.mark.parametrize(
    "text", ["", "at night", "weekdays 7-19", "every day 25:00-26:00", "weekdays 07:00", "x" * 500]
)
def test_what_cannot_be_read_is_said_with_an_example(text: str) -> None:
    with pytest.raises(RecipeError, match="weekdays 07:00-19:00"):
        parse(text)


def test_hours_that_leave_no_time_are_refused() -> None:
    with pytest.raises(RecipeError, match="leave no time at all"):
        parse("every day 00:00-12:00, every day 12:00-24:00")
