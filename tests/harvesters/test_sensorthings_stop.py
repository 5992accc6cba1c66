"""SensorThings services: what was read before a stop is not read again, unless it may have changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from observing import observe, table
from shelf import Shelf
from werkzeug import Response
from worlds import Things

from ckanext.digitalcity.core.errors import Retriable
from ckanext.digitalcity.harvesters import http as http_module
from ckanext.digitalcity.harvesters.http import Http, HttpLimits
from ckanext.digitalcity.harvesters.sensorthings import SensorThings


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def observed(*pairs: tuple[str, str | None]) -> list[dict[str, Any]]:
    return [{"phenomenonTime": time, "resultTime": made, "result": 1} for time, made in pairs]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def stopped(things: Things, shelf: Shelf) -> Callable[[], SensorThings]:
    """Makes the source as another process would, with the same place for what was read before."""
    observe(things, *(f"2026-0{month}-0{day}T00:00:00Z" for month in range(1, 6) for day in range(1, 9)))

    def make() -> SensorThings:
        http = Http(["127.0.0.0/8", "::1/128"], limits=HttpLimits(retries=0), copies=shelf)
        return SensorThings(things.recipe(), http)

    return make


def asked(things: Things) -> list[str]:
    """The months of which whole pages were asked for, since it was asked for last."""
    pages = [request for request, _ in things.server.log if request.path.endswith("/Observations")]
    found = [request.args.get("$filter", "")[-20:-13] for request in pages if "$top" not in request.args]
    things.server.log.clear()
    return sorted(set(found))


def brought(source: SensorThings, shelf: Shelf, most: int = 99) -> dict[str, bytes]:
    (ref,) = source.gather()
    files = source.fetch(ref, None).files[:most]
    return {file.key: shelf.stage(b"".join(file.read())) for file in files}


def test_what_was_read_before_a_stop_is_not_read_again(
    things: Things, shelf: Shelf, stopped: Callable[[], SensorThings]
) -> None:
    whole = brought(stopped(), Shelf())
    asked(things)
    brought(stopped(), shelf, most=3)
    assert asked(things) == ["2026-01", "2026-02", "2026-03"]
    assert brought(stopped(), shelf) == whole
    assert asked(things) == ["2026-04", "2026-05"]


def test_a_month_that_was_begun_is_read_from_its_beginning(
    things: Things, shelf: Shelf, stopped: Callable[[], SensorThings]
) -> None:
    source = stopped()
    (ref,) = source.gather()
    (first, *_) = source.fetch(ref, None).files
    things.file_fault = Response(status=500)
    with pytest.raises(Retriable):
        b"".join(first.read())
    things.file_fault = None
    assert brought(stopped(), shelf, most=1) == brought(stopped(), Shelf(), most=1)


def test_a_month_that_may_still_change_is_read_again(
    things: Things, shelf: Shelf, stopped: Callable[[], SensorThings]
) -> None:
    brought(stopped(), shelf)
    asked(things)
    things.data["Things"][0]["Datastreams"][0]["Observations"].append(
        {"phenomenonTime": "2026-05-09T00:00:00Z", "result": 9}
    )
    found = brought(stopped(), shelf)
    assert asked(things) == ["2026-05"]
    assert found["ds-t-no2/2026-05"].count(b"\n") == 10


def test_what_was_read_is_not_used_once_something_else_is_said_of_it(
    things: Things, shelf: Shelf, stopped: Callable[[], SensorThings]
) -> None:
    brought(stopped(), shelf)
    things.data["Things"][0]["Datastreams"][0]["unitOfMeasurement"] = {"symbol": "mg/m3"}
    (row, *_) = csv.DictReader(io.StringIO(brought(stopped(), shelf)["ds-t-no2/2026-01"].decode()))
    assert row["unit"] == "mg/m3"


def test_what_was_read_long_ago_is_read_again(
    things: Things, shelf: Shelf, stopped: Callable[[], SensorThings], monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(stopped(), shelf)
    asked(things)

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(days=2, minutes=1)

    monkeypatch.setattr(http_module, "datetime", Later)
    brought(stopped(), shelf)
    assert len(asked(things)) == 5


def test_a_correction_is_never_answered_from_what_was_read_before(
    things: Things, shelf: Shelf, stopped: Callable[[], SensorThings]
) -> None:
    source = stopped()
    (ref,) = source.gather()
    first = source.fetch(ref, None)
    for file in first.files:
        shelf.stage(b"".join(file.read()))
    things.data["Things"][0]["Datastreams"][0]["Observations"].extend(observed(("2026-02-20T00:00:00Z", ago(0))))
    second = stopped().fetch(ref, first.cursor)
    assert len(table(second, "ds-t-no2/2026-02")) == 9
