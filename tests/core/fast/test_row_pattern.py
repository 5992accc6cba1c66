"""A row that matches the pattern for a whole row is one that Frictionless finds nothing wrong with."""

from __future__ import annotations

import csv
import io
import operator
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import re2
from cell_texts import PATTERNS, PLAIN, TEXTS, WRONG
from differential import verdicts
from frictionless import FrictionlessException, Schema
from generated import CASES, common_schemas, fields, tables, texts
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.core.validate.fast.bounds import Bound
from ckanext.digitalcity.core.validate.fast.column import Column
from ckanext.digitalcity.core.validate.fast.doubt import certain_rows
from ckanext.digitalcity.core.validate.fast.keys import Unique
from ckanext.digitalcity.core.validate.fast.pattern import rust_pattern
from ckanext.digitalcity.core.validate.fast.piece import confined, steady, width
from ckanext.digitalcity.core.validate.fast.plan import Plan
from ckanext.digitalcity.core.validate.fast.ranges import integers_within, numbers_within
from ckanext.digitalcity.core.validate.fast.row_pattern import RowPattern
from ckanext.digitalcity.core.validate.fast.rows import Lines, split
from ckanext.digitalcity.core.validate.fast.shape import Shape

Json = dict[str, Any]
RUNS = settings(max_examples=2 * CASES, deadline=None, suppress_health_check=list(HealthCheck))
V2 = "https://datapackage.org/profiles/2.0/tableschema.json"
BANNED = ',"\r\n'
NUMBERS = st.text("0123456789+-.eE ", max_size=7)
COMPARE = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}


def plan_of(schema: Json) -> Plan:
    """The columns of a schema, without its keys."""
    real = Schema.from_descriptor({"$schema": V2, **schema})
    return Plan(2, tuple(Column(field, number) for number, field in enumerate(real.fields)), ())


def pattern_of(plan: Plan, sample: list[list[str]]) -> RowPattern:
    return RowPattern(plan, Shape(csv.excel, len(plan.columns), 2, b",", b'"', b"", True, False, 1 << 17), sample)


def block_of(text: str, width: int) -> Lines | None:
    rows = split(text.encode(), True, Shape(csv.excel, width, 2, b",", b'"', b"", True, False, 1 << 17))
    return rows if isinstance(rows, Lines) else None


@RUNS
@given(data=st.data(), field=fields("a"))
def test_a_piece_matches_only_what_frictionless_reads_without_a_note(data: st.DataObject, field: Json) -> None:
    try:
        real = Schema.from_descriptor({"$schema": V2, "fields": [field]}).fields[0]
        column, reader = Column(real, 0), real.create_cell_reader()
    except FrictionlessException:
        assume(False)
    sampled = st.sampled_from([*TEXTS[field["type"]], *WRONG])
    plain = PLAIN.get(field.get("format", ""), PLAIN.get(field["type"], NUMBERS))
    cells = data.draw(st.lists(NUMBERS | plain | sampled, min_size=1, max_size=40))
    for piece, blank in ((column.piece, True), (column.solid, False)):
        known = confined(piece, BANNED) if piece else None
        for text in cells if known else ():
            if re2.fullmatch(known, text):
                value, notes = reader(text)
                assert not notes, (text, field)
                assert blank or value is not None or text not in column.missing
                assert not set(text) & set(BANNED)


@RUNS
@given(
    parts=st.lists(
        st.sampled_from(
            list("ab.()|^$*+?-{é,")
            + re.findall(r"\S+", r"\d \w \s [a-c] [^a] [\d.] [,b] (?: {2} {1,3} {9} {200} +? \. \- \,")
        ),
        max_size=6,
    )
    | st.sampled_from([[pattern] for pattern in PATTERNS]),
    cells=st.lists(st.text("ab3é_-., \n\r$", max_size=6), min_size=1, max_size=20),
)
def test_a_user_s_pattern_matches_only_what_python_matches(parts: list[str], cells: list[str]) -> None:
    pattern = "".join(parts)
    assume(rust_pattern(pattern) is not None)
    piece = steady(pattern)
    known = confined(piece, BANNED) if piece else None
    assume(known is not None)
    python = re.compile(f"^{pattern}$")
    for text in cells:
        if re2.fullmatch(known, text):
            assert python.match(text)
            assert not set(text) & set(BANNED)
            assert width(str(known)) in (None, len(text.encode()))


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [
        ("^ST\\d{4}$", "ST\\d{4}"),
        ("[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}", "[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}"),
        ("W[0-9]+", "W[0-9]+"),
        (".*a.{12}", None),  # its automaton has four thousand states
        ("[ab]{0,20}a[ab]{12}", None),
        ("(a|b)c", None),
        ("a{300}", None),
        ("", None),
    ],
)
def test_patterns_that_may_need_many_states_are_left_to_polars(pattern: str, piece: str | None) -> None:
    assert steady(pattern) == piece


@RUNS
@given(
    stated=st.dictionaries(
        st.sampled_from(list(COMPARE)),
        st.integers(-3000, 3000) | st.decimals(-3000, 3000, places=2) | st.integers(-(10**20), 10**20),
        min_size=1,
        max_size=2,
    ),
    whole=st.integers(-3100, 3100),
    rest=st.text("0123456789", min_size=1, max_size=3),
)
def test_numbers_are_told_to_be_within_bounds_by_their_digits(stated: dict[str, Any], whole: int, rest: str) -> None:
    limits = []
    for name, value in stated.items():
        strictly = operator.gt if "inimum" in name else operator.lt
        limits.append(Bound(value, COMPARE[name], strictly))
    integers, numbers = integers_within(limits), numbers_within(limits)
    within = all(limit.passes(whole, limit.value) for limit in limits)
    assert bool(integers and re2.fullmatch(integers, str(whole))) == within
    if numbers and re2.fullmatch(numbers, f"{whole}.{rest}"):
        number = Decimal(f"{whole}.{rest}")
        assert all(limit.passes(number, limit.value) for limit in limits)


@RUNS
@given(data=st.data(), schema=common_schemas())
def test_rows_that_match_are_certain_by_their_cells(data: st.DataObject, schema: Json) -> None:
    _, *rows = data.draw(tables(schema, clean=True))
    text = data.draw(texts(rows, ","))
    plan = plan_of({"fields": schema["fields"]})
    block, pattern = block_of(text, len(plan.columns)), pattern_of(plan, data.draw(st.sampled_from([rows, rows[:1]])))
    assume(block is not None and pattern.useful)
    assert block is not None
    unmatched = pattern.unmatched(block)
    assume(unmatched is not None)
    others = {column.name for column in pattern.others}
    read = list(csv.reader(io.StringIO(text, newline="")))
    for offset in set(range(block.count)) - set(unmatched.tolist()):
        assert len(read[offset]) == len(plan.columns)
        for column, cell in zip(plan.columns, read[offset], strict=True):
            if column.name not in others:
                assert not column.field.create_cell_reader()(cell)[1]
    if set(range(block.count)) == set(unmatched.tolist()) or others:
        return
    matched = block.without(unmatched)
    assert certain_rows(matched.frame(), plan).all()


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize(
    ("field", "cells"),
    [
        ({"type": "string"}, ["Neuadd y Ddinas, Caerdydd", 'the "old"\ndepot', "", "ŵ"]),
        ({"type": "string", "constraints": {"required": True}}, ["a", "ŵ b"]),
        ({"type": "string", "constraints": {"pattern": "^ST\\d{4}$"}}, ["ST0001", ""]),
        ({"type": "string", "constraints": {"enum": ["no2", "pm2.5", "a/b (c)"]}}, ["no2", "pm2.5", "a/b (c)", ""]),
        ({"type": "string", "constraints": {"maxLength": 40}}, ["x" * 40, "Tŷ"]),
        ({"type": "integer"}, ["0", "-12", "999999999999999999", ""]),
        ({"type": "integer", "constraints": {"minimum": 0, "maximum": 100}}, ["0", "7", "42", "100", ""]),
        ({"type": "number"}, ["0", "-12.50", ""]),
        ({"type": "number", "constraints": {"minimum": -50, "maximum": 500}}, ["0.5", "-49.99", "499.9", ""]),
        ({"type": "boolean"}, ["true", "false", "1", ""]),
        ({"type": "date"}, ["2024-02-29", "2023-12-31", ""]),
        ({"type": "date", "format": "%d/%m/%Y"}, ["29/02/2024", ""]),
        ({"type": "datetime"}, ["2024-02-29T10:11:12Z", "2024-01-01T00:00:00.5+01:00", ""]),
        ({"type": "datetime", "format": "%d/%m/%Y %H:%M"}, ["29/02/2024 23:59", ""]),
        ({"type": "time"}, ["10:11:12", ""]),
        ({"type": "year"}, ["2024", ""]),
        ({"type": "yearmonth"}, ["2024-12", ""]),
        ({"type": "any", "missingValues": ["", "n/a"]}, ["a", "n/a"]),
    ],
)
def test_what_is_usual_matches(field: Json, cells: list[str], quoting: int) -> None:
    plan = plan_of({"fields": [{"name": "id", "type": "integer"}, {"name": "a", **field}]})
    rows = [[str(number), cell] for number, cell in enumerate(cells)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    block, pattern = block_of(out.getvalue(), 2), pattern_of(plan, rows)
    assert pattern.useful and not pattern.others
    assert block is not None and pattern.unmatched(block).tolist() == []


def test_rows_of_missing_values_never_match(tmp_path: Path) -> None:
    plan = plan_of({"fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "integer"}]})
    block = block_of("x,1\n,2\n,\nx,\n", 2)
    assert block is not None
    assert pattern_of(plan, [["x", "1"], ["y", ""]]).unmatched(block).tolist() == [1, 2]
    assert pattern_of(plan, [["x", "1"], ["", "2"]]).unmatched(block).tolist() == [2, 3]
    assert not pattern_of(plan, [["", "1"], ["x", ""]]).useful


def test_a_block_of_which_most_rows_do_not_match_is_cut_into_cells() -> None:
    plan = plan_of({"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}]})
    block = block_of("1,+1\n" * 5000, 2)
    assert block is not None
    assert pattern_of(plan, [["1", "+1"]]).unmatched(block) is None


IDS: Json = {
    "fields": [
        {"name": "id", "type": "string", "constraints": {"required": True, "unique": True, "pattern": "id-[0-9]{6}"}},
        {"name": "value", "type": "number"},
    ]
}


def rising(change: dict[int, str], rows: int = 3000) -> str:
    lines = {number: f"id-{number:06},{number}.5" for number in range(rows)} | change
    return "id,value\n" + "".join(line + "\n" for line in lines.values())


@pytest.mark.parametrize(
    "text",
    [
        rising({}),
        rising({}).removesuffix("\n"),
        rising({}).replace("\n", "\r\n"),
        rising({1500: "id-001500,x", 2000: "id-002000"}),
        rising({2999: "id-000007,1"}),  # the key of another row, at the very end
        rising({1500: "id-000007,x"}),
        rising({1500: "id-001499,1"}),
        rising({1500: "id-001501,1"}),
        rising({1500: ",1"}),
        rising({1500: '"id-001500",1'}),
        rising({1500: "id-1500,1", 1600: "id-1500,1"}),
        rising({1500: "id-001500,1,2"}),
        rising({1500: "", 1600: "id"}),
        rising({2999: "id"}).removesuffix("\n"),
        rising({1500: "id-00150é,1", 1600: "é" * 9 + ",1"}),
    ],
)
def test_keys_that_rise_are_unique_and_others_are_compared(text: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    dialect = {"csv": {"delimiter": ",", "quoteChar": '"'}}
    for schema in (IDS, {**IDS, "primaryKey": ["id"]}):
        ours, theirs = verdicts(path, schema, dialect, block=1 << 12)
        assert ours == theirs


@settings(RUNS, max_examples=CASES)
@given(data=st.data(), numbers=st.lists(st.integers(0, 99), min_size=1, max_size=30))
def test_keys_in_any_order_are_compared_as_frictionless_does(
    data: st.DataObject, numbers: list[int], tmp_path: Path
) -> None:
    if data.draw(st.integers(0, 3)):
        numbers = sorted(set(numbers))
    shown = st.sampled_from(["k{:02}", "k{:02}", "k{:02}", "k{:02}", '"k{:02}"', "{}", " k{:02}", ""])
    rest = st.sampled_from([",1", ",1", ",1", ",1", ',"2"', ',"a ""b""\nc"', ",x", "", ",1,2", "\r"])
    text = "id,value\n" + "".join(
        data.draw(shown).format(number) + data.draw(rest) + data.draw(st.sampled_from(["\n", "\n", "\r\n"]))
        for number in numbers
    )
    key = {"name": "id", "type": "string", "constraints": {"required": True, "pattern": "k[0-9]{2}"}}
    schema: Json = {"fields": [key, {"name": "value", "type": data.draw(st.sampled_from(["string", "integer"]))}]}
    if data.draw(st.booleans()):
        key["constraints"] = {"required": True, "unique": True, "pattern": "k[0-9]{2}"}
    else:
        schema["primaryKey"] = ["id"]
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    block = data.draw(st.sampled_from([16, 64, 1 << 20]))
    ours, theirs = verdicts(path, schema, {"csv": {"delimiter": ",", "quoteChar": '"'}}, block=block)
    assert ours == theirs


def test_keys_that_rise_are_not_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []
    real = Unique.add

    def spy(self: Unique, frame: Any, numbers: Any, certain: Any) -> None:
        hashed.append(frame.height)
        real(self, frame, numbers, certain)

    monkeypatch.setattr(Unique, "add", spy)
    path = tmp_path / "t.csv"
    for text, expected in (
        (rising({1500: "id-001500,x", 1501: 'id-001501,"1"'}), 0),
        (rising({2999: "id-000007,1"}), 3000),
        (rising({1500: '"id-001500",1'}), 3000),
    ):
        hashed.clear()
        path.write_text(text)
        ours, theirs = verdicts(path, IDS, {"csv": {"delimiter": ",", "quoteChar": '"'}}, block=1 << 12)
        assert ours == theirs
        assert sum(hashed) == expected
