"""The history of a context broker: which months are read, in which portions, and what happens where there is none."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from shelf import Shelf
from werkzeug import Request, Response
from world_ngsi_ld import Broker

from ckanext.digitalcity.core.errors import IncompleteGather, RecipeError, Retriable, Skippable
from ckanext.digitalcity.core.model import Record
from ckanext.digitalcity.harvesters import ngsi_history
from ckanext.digitalcity.harvesters.http import Http, HttpLimits
from ckanext.digitalcity.harvesters.ngsi_ld import NgsiLd

Door = Callable[..., Http]
NOW = datetime.now(UTC).replace(microsecond=0)
BASE = "/ngsi-ld/v1/temporal/entities"


class Past:
    """Answers as the temporal API does: three entities a page, no more than ``most`` values of an answer.

    Attributes:
        form: how one attribute's values are written.
        inclusive: whether a span has its own ends, on which brokers differ.
    """

    def __init__(self) -> None:
        self.values: dict[str, list[tuple[str, Any]]] = {}  # by entity: times and values
        self.more: dict[str, Any] = {}
        self.most = 1_000
        self.form: Callable[[list[tuple[str, Any]]], Any] = normalized
        self.inclusive = True
        self.fault: Response | None = None
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: Request) -> Response:
        query = dict(request.args)
        self.asked.append(query)
        if self.fault:
            return self.fault
        id_ = request.path.removeprefix(BASE).removeprefix("/")
        assert query["timerel"] == "between"
        assert id_ or query["type"] == "T"
        begin, end = (datetime.fromisoformat(query[name]) for name in ("timeAt", "endTimeAt"))
        kept = {one: [(at, value) for at, value in values if self._within(begin, datetime.fromisoformat(at), end)]
                for one, values in sorted(self.values.items()) if id_ in ("", one)}  # fmt: skip
        kept = {one: values[: int(query["lastN"])] if "lastN" in query else values
                for one, values in kept.items() if values}  # fmt: skip
        entities = [{"id": one, "type": "T", "no2": self.form(values), **self.more} for one, values in kept.items()]
        if id_:
            part = sum(map(len, kept.values())) > self.most
            return Response(json.dumps(entities[0]), 206 if part else 200) if entities else Response(status=404)
        start = int(query.get("offset", 0))
        page = entities[start : start + min(3, int(query["limit"]))]
        part = sum(len(kept[entity["id"]]) for entity in page) > self.most
        return Response(json.dumps(page), 206 if part else 200)

    def _within(self, begin: datetime, at: datetime, end: datetime) -> bool:
        return begin <= at <= end if self.inclusive else begin < at < end


def normalized(values: list[tuple[str, Any]]) -> Any:
    return [{"type": "Property", "value": value, "unitCode": "GQ", "observedAt": at} for at, value in values]


def concise(values: list[tuple[str, Any]]) -> Any:
    return [{"value": value, "unitCode": "GQ", "observedAt": at} for at, value in values]


def simplified(values: list[tuple[str, Any]]) -> Any:
    return {"type": "Property", "values": [[value, at] for at, value in values]}


@pytest.fixture
def broker(httpserver: HTTPServer) -> Broker:
    """A broker with one entity that has a reading now."""
    broker = Broker(httpserver)
    place = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [-4.3, 52.3]}}
    reading = {"type": "Property", "value": 1, "observedAt": ago(0)}
    broker.entities = [{"id": "a", "type": "T", "no2": reading, "location": place}]
    return broker


@pytest.fixture
def past(broker: Broker) -> Past:
    broker.past = past = Past()
    return past


def ago(months: int, day: int = 1) -> str:
    """A time in the month that was so many months ago."""
    number = NOW.year * 12 + NOW.month - 1 - months
    return f"{number // 12}-{number % 12 + 1:02}-{day:02}T00:00:00Z"


def source(broker: Broker, door: Door, **options: Any) -> NgsiLd:
    return NgsiLd(broker.recipe(options={"dataset": "type", **options}), door())


def fetched(broker: Broker, door: Door, cursor: str | None = None, **options: Any) -> Record:
    one = source(broker, door, **options)
    (ref,) = one.gather()
    return one.fetch(ref, cursor)


def keys(record: Record) -> list[str]:
    return [file.key for file in record.files if file.key != "entities"]


def rows(record: Record, key: str) -> list[dict[str, str]]:
    (file,) = [file for file in record.files if file.key == key]
    return list(csv.DictReader(io.StringIO(b"".join(file.read()).decode(), newline="")))


def key(months: int) -> str:
    return f"observations/{ago(months)[:7]}"


# -- what is read


@pytest.mark.parametrize("each", ["type", "entity"])
@pytest.mark.parametrize("inclusive", [True, False])
def test_each_month_that_has_readings_is_a_file(
    broker: Broker, past: Past, door: Door, each: str, inclusive: bool
) -> None:
    past.inclusive = inclusive
    past.values["a"] = [(ago(0), 4), (ago(1, 15), 3), (ago(5, 28), 2), (ago(5), 1), (ago(30), 0.5)]
    record = fetched(broker, door, dataset=each)
    assert keys(record) == [key(30), key(5), key(1), key(0)]
    assert [row["result"] for row in rows(record, key(5))] == ["1", "2"]
    assert rows(record, key(30)) == [
        {
            "phenomenon_time": ago(30),
            "phenomenon_time_end": "",
            "result_time": "",
            "result": "0.5",
            "unit": "ug/m3",
            "datastream_id": "a/no2",
            "thing_id": "a",
            "observed_property": "no2",
            "longitude": "-4.3",
            "latitude": "52.3",
            "quality": "",
        }
    ]


@pytest.mark.parametrize("form", [normalized, concise, simplified])
def test_every_temporal_form_is_understood(broker: Broker, past: Past, door: Door, form: Any) -> None:
    past.form = form
    past.values["a"] = [(ago(0), 4), (ago(1), 3)]
    past.more = {"status": [{"type": "Property", "value": "open", "observedAt": ago(0)}], "x": [None, 7, {}], "y": None}
    record = fetched(broker, door)
    found = [rows(record, key(month))[0] for month in (1, 0)]
    assert [(row["phenomenon_time"], row["result"]) for row in found] == [(ago(1), "3"), (ago(0), "4")]


def test_readings_of_many_entities_come_in_the_order_of_their_times(broker: Broker, past: Past, door: Door) -> None:
    for number in range(8):
        past.values[f"e{number}"] = [(ago(0), number), (ago(1, 3), 1), (ago(1, 2), 0)]
    found = rows(fetched(broker, door), key(1))
    assert [row["phenomenon_time"] for row in found] == [ago(1, 2)] * 8 + [ago(1, 3)] * 8
    assert [row["thing_id"] for row in found[:8]] == [f"e{number}" for number in range(8)]


def test_a_moving_thing_is_where_it_was_at_that_time_or_nowhere(broker: Broker, past: Past, door: Door) -> None:
    def at(longitude: float, when: str) -> dict[str, Any]:
        place = {"type": "Point", "coordinates": [longitude, 52]}
        return {"type": "GeoProperty", "value": place, "observedAt": when}

    broker.entities[0]["location"] = at(-9, ago(0))
    past.values["a"] = [(ago(1), 1), (ago(1, 2), 2), (ago(1, 3), 3)]
    past.more = {"location": [at(-1, ago(1)), at(-2, ago(1, 2))]}
    assert [row["longitude"] for row in rows(fetched(broker, door), key(1))] == ["-1", "-2", ""]


def test_several_series_of_one_attribute_are_told_apart(broker: Broker, past: Past, door: Door) -> None:
    def value(number: int, **more: str) -> dict[str, Any]:
        return {"type": "Property", "value": number, "observedAt": ago(1), **more}

    past.values["a"] = [(ago(1), 0)]
    past.more = {"no2": [value(1), value(2, datasetId="urn:s:2"), value(3, datasetId="urn:s:3")]}
    found = {row["datastream_id"]: row["result"] for row in rows(fetched(broker, door), key(1))}
    assert found == {"a/no2": "1", "a/no2/urn:s:2": "2", "a/no2/urn:s:3": "3"}


def test_history_before_the_first_day_wanted_is_left_out(broker: Broker, past: Past, door: Door) -> None:
    past.values["a"] = [(ago(0), 4), (ago(2, 20), 3), (ago(2, 9), 2), (ago(3), 1)]
    record = fetched(broker, door, since=ago(2, 10)[:10])
    assert keys(record) == [key(2), key(0)]
    assert [row["result"] for row in rows(record, key(2))] == ["3"]


# -- answers that are not whole


@pytest.mark.parametrize("each", ["type", "entity"])
@pytest.mark.parametrize("most", [2, 7, 100])
def test_a_part_is_never_taken_for_the_whole(broker: Broker, past: Past, door: Door, most: int, each: str) -> None:
    begin = datetime.fromisoformat(ago(1))
    times = [(begin + timedelta(hours=hour)).isoformat().replace("+00:00", "Z") for hour in range(0, 27 * 24, 6)]
    past.values["a"] = [(at, number) for number, at in enumerate(times)]
    past.values["b"] = [(times[-1], -1)]
    whole = rows(fetched(broker, door, dataset=each), key(1))
    assert len(whole) == len(times) + (each == "type")
    past.most = most
    assert rows(fetched(broker, door, dataset=each), key(1)) == whole


@pytest.mark.parametrize("each", ["type", "entity"])
def test_readings_that_vanish_before_they_are_read_are_no_empty_file(
    broker: Broker, past: Past, door: Door, each: str
) -> None:
    past.values["a"] = [(ago(1), 1)]
    record = fetched(broker, door, dataset=each)
    past.values.clear()
    with pytest.raises(Retriable, match="vanished"):
        rows(record, key(1))


def test_a_part_on_a_later_page_is_none_either(broker: Broker, past: Past, door: Door) -> None:
    for number in range(5):
        past.values[f"e{number}"] = [(ago(1, day), day) for day in range(1, 2 + number)]
    whole = rows(fetched(broker, door), key(1))
    past.most = 9  # the first page has six, the second more
    assert rows(fetched(broker, door), key(1)) == whole


def test_more_readings_than_fit_into_memory_are_read_in_portions(
    broker: Broker, past: Past, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.values["a"] = [(ago(1, day), day) for day in range(1, 29)]
    whole = rows(fetched(broker, door), key(1))
    monkeypatch.setattr(ngsi_history, "MOST_ROWS", 5)
    monkeypatch.setattr(ngsi_history, "FEW", 1)
    assert rows(fetched(broker, door), key(1)) == whole


def test_a_second_that_never_comes_whole_is_an_error(broker: Broker, past: Past, door: Door) -> None:
    past.values |= {"a": [(ago(1), 1)], "b": [(ago(1), 1)]}
    record = fetched(broker, door)
    past.most = 1
    with pytest.raises(Skippable, match="only a part") as caught:
        rows(record, key(1))
    assert caught.value.reason == "too-large"


def test_entities_that_come_and_go_while_pages_are_read_are_noticed(broker: Broker, past: Past, door: Door) -> None:
    for number in range(6):
        past.values[f"e{number}"] = [(ago(1), 1)]
    record = fetched(broker, door)
    answer = past.__call__

    def shifting(request: Request) -> Response:
        if "offset" in request.args:
            past.values = {f"{id_}x": values for id_, values in past.values.items()}
        return answer(request)

    broker.past = shifting
    with pytest.raises(IncompleteGather, match="changes faster"):
        rows(record, key(1))


# -- again


def test_only_months_that_may_have_changed_are_read_again(broker: Broker, past: Past, door: Door) -> None:
    past.values["a"] = [(ago(0, 1), 4), (ago(1), 3), (ago(2), 2), (ago(7), 1)]
    first = fetched(broker, door)
    assert first.kept == ()
    past.asked.clear()
    second = fetched(broker, door, first.cursor)
    assert keys(second) == [key(1), key(0)]  # the newest reading is of the first of the month, so the overlap has both
    assert second.kept == (key(7), key(2))
    assert all(query["timeAt"] >= ago(2, 20) for query in past.asked)


def test_what_the_broker_has_forgotten_stays_published(broker: Broker, past: Past, door: Door) -> None:
    past.values["a"] = [(ago(0, 1), 4), (ago(2), 2), (ago(7), 1)]
    first = fetched(broker, door)
    past.values["a"] = [(ago(0, 1), 4)]
    second = fetched(broker, door, first.cursor)
    assert (keys(second), second.kept) == ([key(0)], (key(7), key(2)))


def test_what_was_read_before_a_stop_is_not_read_again(broker: Broker, past: Past, door: Door) -> None:
    past.values["a"] = [(ago(0), 4), (ago(1, 9), 3), (ago(3), 2)]
    shelf = Shelf()

    def read(months: int, **options: Any) -> list[bytes]:
        one = source(broker, door, **options)
        one.http = Http(["127.0.0.0/8", "::1/128"], limits=HttpLimits(retries=0), copies=shelf)
        (ref,) = one.gather()
        files = [file for file in one.fetch(ref, None).files if file.key.startswith("observations/")]
        past.asked.clear()
        return [shelf.stage(b"".join(file.read())) for file in files[:months]]

    whole = [*read(2), *read(3)[2:]]
    assert {query["timeAt"][:7] for query in past.asked} == {ago(2)[:7], ago(1)[:7]}  # a moment before they begin
    assert read(3) == whole


# -- no history


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_where_there_is_no_history_the_readings_are_those_of_now(
    broker: Broker, past: Past, door: Door, status: int
) -> None:
    past.fault = Response(status=status)
    record = fetched(broker, door)
    assert keys(record) == ["observations"]
    assert [row["result"] for row in rows(record, "observations")] == ["1"]
    assert record.cursor is None


def test_an_empty_history_is_none(broker: Broker, past: Past, door: Door) -> None:
    assert keys(fetched(broker, door)) == ["observations"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_history_in_trouble_is_no_missing_one(broker: Broker, past: Past, door: Door, status: int) -> None:
    past.fault = Response(status=status)
    with pytest.raises(Retriable):
        fetched(broker, door)


@pytest.mark.parametrize("status", [404, 501])
def test_a_history_that_was_public_and_is_gone_changes_nothing_by_itself(
    broker: Broker, past: Past, door: Door, status: int
) -> None:
    past.values["a"] = [(ago(0), 4), (ago(1), 3)]
    first = fetched(broker, door)
    past.fault = Response(status=status)
    with pytest.raises(Skippable) as caught:
        fetched(broker, door, first.cursor)
    assert caught.value.reason == "no-history"
    assert keys(fetched(broker, door, first.cursor, history=False)) == ["observations"]


def test_a_history_that_is_not_wanted_is_not_asked_for(broker: Broker, past: Past, door: Door) -> None:
    past.values["a"] = [(ago(0), 4)]
    assert keys(fetched(broker, door, history=False)) == ["observations"]
    assert past.asked == []


def test_the_older_interface_has_no_history(broker: Broker, past: Past, door: Door) -> None:
    assert keys(fetched(broker, door, api="v2")) == ["observations"]
    assert past.asked == []


def test_a_type_without_readings_has_no_history(broker: Broker, past: Past, door: Door) -> None:
    broker.entities[0]["no2"].pop("observedAt")
    assert keys(fetched(broker, door)) == []
    assert past.asked == []


def test_more_months_than_a_dataset_can_bear_are_refused(
    broker: Broker, past: Past, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("ngsi_history", "ngsi_ld"):
        monkeypatch.setattr(f"ckanext.digitalcity.harvesters.{module}.MOST_MONTHS", 3)
    past.values["a"] = [(ago(month), 1) for month in range(6)]
    with pytest.raises(Skippable, match="since"):
        fetched(broker, door)


@pytest.mark.parametrize("options", [{"history": "yes"}, {"since": "soon"}, {"overlap_days": -1}])
def test_an_option_that_makes_no_sense_is_refused(broker: Broker, door: Door, options: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=next(iter(options))):
        source(broker, door, **options)
