"""Where one batch ends and the next begins never changes what a check says."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from seen_rows import run

LABELS = ["id", "time", "value", "more", "code"]
WANTED: list[dict[str, Any]] = [
    {"coordinates": {"latitude": "value", "longitude": "more", "west": 0, "south": 2, "east": 2, "north": 4}},
    {"not-in-future": {"column": "time"}},
    {"time-range": {"column": "time", "from": "2026-06-01"}},
    {"time-order": {"column": "time", "by": ["id"]}},
    {"time-order": {"column": "time", "order": "newest-first", "time_zone": "Europe/London"}},
    {"gaps": {"column": "time", "every": "HOURLY", "by": ["id"]}},
    {"stuck": {"column": "value", "at_most": 1, "by": ["id"]}},
    {"stuck": {"column": "more", "at_most": 2, "ignore": [1]}},
    {"possible-values": {"column": "value", "maximum": 2}},
    {"duplicates": {"columns": ["id", "time"]}},
    {"totals": {"parts": ["value", "more"], "total": "value"}},
    {"gss-codes": {"column": "code", "listed": ["E05000001"]}},
    {"uprn": {"column": "code"}},
    {"company-numbers": {"column": "code"}},
]
TIMES = ("", "2026-05-31", "2026-06-30T23:00:00", "2026-07-01T00:00:00", "2026-07-01T01:00:00Z", "2027-01-01", "soon")
NUMBERS = ("", "0", "1", "1.0", "2", "3", "n/a")
CODES = ("", "E05000001", "E05000002", "SC123456", "1234")
row = st.tuples(*(st.sampled_from(texts) for texts in (("a", "b", ""), TIMES, NUMBERS, NUMBERS, CODES)))


@settings(max_examples=30)
@given(st.lists(row, max_size=20), st.data())
def test_the_borders_of_batches_never_change_the_result(rows: list[tuple[str, ...]], data: st.DataObject) -> None:
    borders = data.draw(st.lists(st.integers(0, len(rows)), max_size=4))
    assert run(WANTED, LABELS, rows, borders=borders) == run(WANTED, LABELS, rows)


@settings(max_examples=10)
@given(st.lists(row, min_size=1, max_size=10))
def test_rows_one_by_one_say_the_same_as_all_at_once(rows: list[tuple[str, ...]]) -> None:
    assert run(WANTED, LABELS, rows, borders=range(1, len(rows))) == run(WANTED, LABELS, rows)


@settings(max_examples=10)
@given(st.lists(row, max_size=20))
def test_faults_stand_in_the_order_of_the_recipe_and_of_the_rows(rows: list[tuple[str, ...]]) -> None:
    for wanted in WANTED:
        places = [fault.row or 0 for fault in run([wanted], LABELS, rows).faults]
        assert places == sorted(places)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(("", "1", "2"))), max_size=25))
def test_duplicates_are_those_that_a_plain_look_would_find(rows: list[tuple[str, str]]) -> None:
    seen, expected = set[tuple[str, str]](), list[int | None]()
    for number, cells in enumerate(rows, start=2):
        expected += [number] if cells in seen and cells[1] else []
        seen.add(cells)
    report = run([{"duplicates": {"columns": ["a", "b"]}}], ["a", "b"], rows, borders=range(3, len(rows), 3))
    assert [fault.row for fault in report.faults] == expected
