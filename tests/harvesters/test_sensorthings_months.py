"""SensorThings services: which months are read, and which are read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from observing import fetch, keys, observe, table, the_ref
from worlds import Things

from ckanext.digitalcity.core.errors import RecipeError, Skippable
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.sensorthings import SensorThings

Door = Callable[..., Http]


# -- months


def test_there_is_one_file_for_each_month_that_has_observations(things: Things, source: SensorThings) -> None:
    observe(things, "2025-11-30T23:59:59Z", "2026-01-01T00:00:00Z", "2026-01-31T23:00:00Z", "2026-03-05T00:00:00Z")
    record = fetch(source)
    assert keys(record) == ["ds-t-no2/2025-11", "ds-t-no2/2026-01", "ds-t-no2/2026-03"]
    assert [len(table(record, key)) for key in keys(record)] == [1, 2, 1]
    assert record.files[0].filename == "NO2-t-no2-2025-11.csv"


def test_months_are_counted_in_utc_and_a_period_belongs_where_it_begins(things: Things, source: SensorThings) -> None:
    observe(
        things, "2026-03-01T00:30:00+01:00", "2026-02-28T23:45:00Z/2026-03-01T00:45:00Z", "2026-02-28T23:00:00-05:00"
    )
    record = fetch(source)
    assert [row["phenomenon_time"] for row in table(record, "ds-t-no2/2026-02")] == [
        "2026-03-01T00:30:00+01:00",
        "2026-02-28T23:45:00Z",
    ]
    assert [row["phenomenon_time"] for row in table(record, "ds-t-no2/2026-03")] == ["2026-02-28T23:00:00-05:00"]


def test_a_datastream_without_observations_has_no_file(things: Things, source: SensorThings) -> None:
    observe(things)
    record = fetch(source)
    assert (record.files, record.kept, record.cursor) == ((), (), None)


def test_observations_before_the_first_day_wanted_are_left_out(things: Things, door: Door) -> None:
    observe(things, "2026-01-31T00:00:00Z", "2026-02-09T23:59:59Z", "2026-02-10T00:00:00Z", "2026-03-01T00:00:00Z")
    record = fetch(SensorThings(things.recipe(options={"since": "2026-02-10"}), door()))
    assert keys(record) == ["ds-t-no2/2026-02", "ds-t-no2/2026-03"]
    assert [row["phenomenon_time"] for row in table(record, "ds-t-no2/2026-02")] == ["2026-02-10T00:00:00Z"]


@pytest.mark.parametrize(
    "options", [{"since": "soon"}, {"overlap_days": -1}, {"overlap_days": "1"}, {"overlap_days": True}]
)
def test_an_option_that_makes_no_sense_is_refused(things: Things, door: Door, options: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=next(iter(options))):
        SensorThings(things.recipe(options=options), door())


@pytest.mark.parametrize("time_", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_the_ends_of_time_do_no_harm(things: Things, source: SensorThings, time_: str) -> None:
    observe(things, time_)
    try:
        record = fetch(source)
    except Skippable as problem:
        assert problem.reason == "bad-time"
        return
    assert [len(table(record, key)) for key in keys(record)] == [1]
    assert source.fetch(the_ref(source), record.cursor)


def test_a_thing_with_more_months_than_a_dataset_can_bear_is_refused(
    things: Things, source: SensorThings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ckanext.digitalcity.harvesters.sensorthings.MOST_FILES", 3)
    observe(things, *(f"2026-0{month}-01T00:00:00Z" for month in range(1, 6)))
    with pytest.raises(Skippable, match="since") as caught:
        fetch(source)
    assert caught.value.reason == "too-many-files"


# -- incremental by phenomenon time


def test_only_months_that_may_have_changed_are_read_again(things: Things, source: SensorThings) -> None:
    observe(things, "2026-01-05T00:00:00Z", "2026-02-05T00:00:00Z", "2026-03-05T00:00:00Z")
    first = fetch(source)
    things.data["Things"][0]["Datastreams"][0]["Observations"].append(
        {"phenomenonTime": "2026-04-01T00:00:00Z", "result": 9}
    )
    second = source.fetch(the_ref(source), first.cursor)
    assert second.kept == ("ds-t-no2/2026-01", "ds-t-no2/2026-02")
    assert keys(second) == ["ds-t-no2/2026-03", "ds-t-no2/2026-04"]
    things.server.log.clear()
    for file in second.files:
        list(file.read())
    filters = [request.args["$filter"] for request, _ in things.server.log]
    assert all(text >= "phenomenonTime ge 2026-03-01" for text in filters)


def test_what_arrives_late_within_the_overlap_is_not_missed(things: Things, source: SensorThings) -> None:
    observe(things, "2026-02-28T12:00:00Z", "2026-03-01T06:00:00Z")
    first = fetch(source)
    observe(things, "2026-02-28T12:00:00Z", "2026-02-28T18:00:00Z", "2026-03-01T06:00:00Z", "2026-03-01T07:00:00Z")
    second = source.fetch(the_ref(source), first.cursor)
    assert keys(second) == ["ds-t-no2/2026-02", "ds-t-no2/2026-03"]
    assert len(table(second, "ds-t-no2/2026-02")) == 2


def test_a_wrong_clock_in_the_future_does_not_hide_what_comes_next(things: Things, source: SensorThings) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    observe(things, now.isoformat(), "2999-01-01T00:00:00Z")
    first = fetch(source)
    newest = datetime.fromisoformat(json.loads(first.cursor or "")["t-no2"]["newest"])
    assert newest - now < timedelta(minutes=1)
    assert f"ds-t-no2/{now:%Y-%m}" in keys(source.fetch(the_ref(source), first.cursor))


def test_a_datastream_that_is_gone_keeps_no_files(things: Things, source: SensorThings) -> None:
    observe(things, "2026-01-05T00:00:00Z", "2026-03-05T00:00:00Z")
    first = fetch(source)
    things.data["Things"][0]["Datastreams"].clear()
    second = source.fetch(the_ref(source), first.cursor)
    assert (second.files, second.kept) == ((), ())
