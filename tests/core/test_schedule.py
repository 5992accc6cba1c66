"""Schedules in words and cron, right over daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.schedule import SPREAD, parse

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


def test_what_is_due_every_few_minutes_stays_so_while_the_clocks_go_back() -> None:
    schedule, moment = parse("every 15 minutes"), at("2026-10-25T00:00+00:00")
    for _ in range(12):
        due = schedule.next_after(moment, LONDON)
        assert due - moment == timedelta(minutes=15)
        moment = due


def test_a_schedule_of_some_hours_never_looks_back_while_an_hour_is_repeated() -> None:
    second_time = at("2026-10-25T01:10+00:00")  # the clock on the wall shows ten past one for the second time
    assert parse("*/15 0-3 * * *").next_after(second_time, LONDON) == at("2026-10-25T02:00+00:00")


moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
# Within two hours of a change of clocks somewhere, where mistakes live.
changes = st.builds(
    lambda day, minutes: at(day) + timedelta(minutes=minutes),
    st.sampled_from(["2026-03-29T01:00+00:00", "2026-10-25T01:00+00:00", "2026-09-26T14:00+00:00",
                     "2026-04-04T14:00+00:00", "2026-11-01T04:30+00:00", "2011-12-30T10:00+00:00"]),
    st.integers(-120, 120),
)  # fmt: skip


@given(
    st.sampled_from([*EXAMPLES, "* * * * *", "*/5 0-4 * * *"]),
    moments | changes,
    st.sampled_from(["Europe/London", "Pacific/Auckland", "America/St_Johns", "Pacific/Apia", "UTC"]),
)
def test_the_next_moment_is_always_later_and_never_too_far(text: str, now: datetime, zone: str) -> None:
    due = parse(text).next_after(now, ZoneInfo(zone))
    assert now < due <= now + timedelta(days=33)


@given(st.sampled_from(["30 1 * * *", "15 2 * * *"]), changes, st.sampled_from(["Europe/London", "America/St_Johns"]))
def test_what_is_due_daily_is_due_once_on_each_day(text: str, now: datetime, name: str) -> None:
    zone, dues = ZoneInfo(name), [now]
    for _ in range(4):
        dues.append(parse(text).next_after(dues[-1], zone))
    days = [due.astimezone(zone).date() for due in dues[1:]]
    assert [(later - day).days for day, later in pairwise(days)] == [1, 1, 1]


zones = st.sampled_from(["Europe/London", "Pacific/Auckland", "America/St_Johns", "Pacific/Apia", "UTC"]).map(ZoneInfo)


@given(st.sampled_from([*EXAMPLES, "* * * * *", "*/5 0-4 * * *"]), moments | changes, zones, st.text(max_size=36))
def test_each_due_moment_starts_a_source_once_and_soon_after_but_never_before(
    text: str, now: datetime, zone: ZoneInfo, source: str
) -> None:
    schedule, moment = parse(text), now
    due = schedule.next_after(now, zone)
    while schedule.next_spread(moment, zone, source) < due:  # what was due before now and has not started yet
        moment = schedule.next_spread(moment, zone, source)
    for _ in range(4):
        start, following = schedule.next_spread(moment, zone, source), schedule.next_after(due, zone)
        assert due <= start < min(due + SPREAD, following)
        moment, due = start, following


def test_planning_again_between_the_time_and_the_start_does_not_lose_the_run() -> None:
    schedule = parse("every day at 02:00")
    start = schedule.next_spread(at("2026-01-10T01:00+00:00"), LONDON, "b")
    assert start > at("2026-01-10T02:00+00:00")
    assert schedule.next_spread(start - timedelta(seconds=1), LONDON, "b") == start


def test_a_hundred_sources_at_the_same_time_start_spread_over_ten_minutes_and_daily_at_the_same_second() -> None:
    schedule, now = parse("every day at 02:00"), at("2026-01-10T01:00+00:00")
    names = [f"source-{number}" for number in range(100)]
    starts = [schedule.next_spread(now, LONDON, name) for name in names]
    by_minute = [sum(start.minute == minute for start in starts) for minute in range(10)]
    assert sum(by_minute) == 100
    assert max(by_minute) <= 25
    again = [schedule.next_spread(start, LONDON, name) for start, name in zip(starts, names, strict=True)]
    assert [later - start for later, start in zip(again, starts, strict=True)] == [timedelta(days=1)] * 100


@given(st.sampled_from(EXAMPLES))
def test_a_schedule_says_in_words_what_it_was_told_in_words(text: str) -> None:
    assert parse(text).words() == text


field = st.sampled_from(["*", "*/7", "*/15", "0", "00", "3", "5-9", "1,4", "28", "31", "mon", "l", "r", "99", "1-5"])


@given(st.lists(field, min_size=5, max_size=5).map(" ".join) | st.text(max_size=30))
def test_every_text_is_a_schedule_that_comes_or_is_refused(text: str) -> None:
    try:
        schedule = parse(text)
    except RecipeError as refused:
        assert refused.hint
        return
    now = datetime(2026, 11, 23, tzinfo=UTC)
    due = schedule.next_after(now, LONDON)
    assert due > now
    assert due == schedule.next_after(now, LONDON)
    assert parse(schedule.words()).next_after(now, LONDON) == due


def test_a_schedule_that_rolls_dice_is_refused() -> None:
    with pytest.raises(RecipeError):
        parse("R R * * *")


def test_a_day_that_no_year_has_is_refused() -> None:
    with pytest.raises(RecipeError, match="never comes"):
        parse("0 0 31 2 *")


@pytest.mark.parametrize(
    "text", ["sometimes", "every 7 minutes", "every day at 25:00", "every month on the 31st at 03:00"]
)
def test_what_is_no_schedule_is_refused_with_examples(text: str) -> None:
    with pytest.raises(RecipeError) as refused:
        parse(text)
    assert refused.value.hint
