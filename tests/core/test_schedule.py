"""Schedules in words and cron, right over daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.schedule import parse

LONDON = ZoneInfo("Europe/London")
EXAMPLES = (
    "every hour",
    "every 15 minutes",
    "every day at 02:00",
    "every weekday at 06:00",
    "every Monday at 07:30",
    "every month on the 1st at 03:00",
    "30 4 * * 1,4",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("words", "now", "due"),
    [
        ("every day at 02:00", "2026-01-10T01:00+00:00", "2026-01-10T02:00+00:00"),
        ("every day at 02:00", "2026-07-10T00:30+00:00", "2026-07-10T01:00+00:00"),
        ("every weekday at 06:00", "2026-11-20T12:00+00:00", "2026-11-23T06:00+00:00"),
        ("every Monday at 07:30", "2026-11-23T07:30+00:00", "2026-11-30T07:30+00:00"),
        ("every month on the 1st at 03:00", "2026-11-23T00:00+00:00", "2026-12-01T03:00+00:00"),
        ("every 15 minutes", "2026-11-23T10:01+00:00", "2026-11-23T10:15+00:00"),
    ],
)
def test_words_mean_what_they_say_in_the_councils_own_time(words: str, now: str, due: str) -> None:
    assert parse(words).next_after(at(now), LONDON) == at(due)


def test_a_time_that_the_clock_jumps_over_is_due_when_the_jump_ends() -> None:
    # 29 March 2026, 01:00 GMT: clocks go forward to 02:00 BST
    due = parse("every day at 01:30").next_after(at("2026-03-29T00:10+00:00"), LONDON)
    assert due == at("2026-03-29T01:00+00:00")


def test_a_time_that_occurs_twice_is_due_once() -> None:
    # 25 October 2026, 02:00 BST: clocks go back to 01:00 GMT
    schedule = parse("every day at 01:30")
    first = schedule.next_after(at("2026-10-24T23:00+00:00"), LONDON)
    assert first == at("2026-10-25T00:30+00:00")
    assert schedule.next_after(first, LONDON) == at("2026-10-26T01:30+00:00")


@given(
    st.sampled_from(EXAMPLES),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/London", "Pacific/Auckland", "America/St_Johns", "UTC"]),
)
def test_the_next_moment_is_always_later_and_never_too_far(text: str, now: datetime, zone: str) -> None:
    due = parse(text).next_after(now, ZoneInfo(zone))
    assert now < due <= now + timedelta(days=33)


@pytest.mark.parametrize("text", ["sometimes", "every 7 minutes", "every day at 25:00", "every month on the 31st at 03:00"])
def test_what_is_no_schedule_is_refused_with_examples(text: str) -> None:
    with pytest.raises(RecipeError) as refused:
        parse(text)
    assert refused.value.hint
