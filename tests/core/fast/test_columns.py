"""What the screen calls certain, Frictionless reads without a note; what it calls equal, as equal."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest
from cell_texts import FORMATS, PLAIN, TEXTS
from frictionless import FrictionlessException, Schema
from generated import CASES, fields
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.core.validate.fast.column import Column
from ckanext.digitalcity.core.validate.fast.pattern import rust_pattern

Json = dict[str, Any]
RUNS = settings(max_examples=3 * CASES, deadline=None, suppress_health_check=list(HealthCheck))
NUMBERS = st.text("0123456789+-.,eE_ infatyINFATY\t\u00a0\u0663'", max_size=9)
DATES = st.text("0123456789-/:. TZ+", min_size=8, max_size=25)
PIECES = st.sampled_from(
    ["a", "b", "ab", "3", "٣", "é", "_", "-", ".", ",", " ", "\n", "\r", "$", "x" * 30, "ST0001", "A"]
)


def read(field: Json, schema: Json, texts: list[str]) -> list[tuple[str, bool, Any, Any, Any]]:
    """Each text with the screen's answer and key, and Frictionless's value and notes."""
    try:
        real = Schema.from_descriptor({"$schema": "https://datapackage.org/profiles/2.0/tableschema.json", **schema})
        column = Column(real.fields[0], 0)
        reader = real.fields[0].create_cell_reader()
    except FrictionlessException:
        assume(False)
    frame = pl.DataFrame({"0": pl.Series(texts, dtype=pl.String)})
    certain = frame.select(pl.lit(True) if column.certain is None else column.certain).to_series().to_list()
    certain = certain * len(texts) if len(certain) < len(texts) else certain
    keys = frame.select(column.key.expr).to_series().to_list() if column.key else [None] * len(texts)
    answers = []
    for text, sure, key in zip(texts, certain, keys, strict=True):
        if sure:
            value, notes = reader(text)
            answers.append(
                (text, not notes, key, value, column.key.of(value) if column.key and value is not None else None)
            )
    return answers


@RUNS
@given(data=st.data(), field=fields("a"))
def test_certain_texts_are_read_without_a_note(data: st.DataObject, field: Json) -> None:
    field.get("constraints", {}).pop("enum", None)
    plain = PLAIN.get(field.get("format", ""), PLAIN.get(field["type"], NUMBERS))
    sampled = st.sampled_from(TEXTS[field["type"]])
    texts = data.draw(st.lists(NUMBERS | DATES | plain | sampled, min_size=1, max_size=60))
    for text, valid, _, _, _ in read(field, {"fields": [field]}, texts):
        assert valid, (text, field)


@RUNS
@given(data=st.data(), kind=st.sampled_from(list(TEXTS)))
def test_the_key_of_a_certain_text_is_the_key_of_its_value(data: st.DataObject, kind: str) -> None:
    field = {"name": "a", "type": kind, "format": data.draw(st.sampled_from(FORMATS.get(kind, ["default"])))}
    plain = PLAIN.get(str(field["format"]), PLAIN.get(kind, NUMBERS))
    texts = data.draw(st.lists(NUMBERS | DATES | plain | st.sampled_from(TEXTS[kind]), min_size=1, max_size=60))
    known = [answer for answer in read(field, {"fields": [field]}, texts) if answer[2] is not None]
    for text, _, key, value, of_value in known:
        if value is not None and value == value:  # a number that is not one equals nothing
            assert key == of_value, (text, field)


@pytest.mark.parametrize("text", ["NaN", "NAN", "-nan"])
def test_what_is_not_a_number_keeps_no_bound(text: str) -> None:
    field: Json = {"name": "a", "type": "number", "constraints": {"minimum": "0"}}
    assert read(field, {"fields": [field]}, [text]) == []


@pytest.mark.parametrize("text", ["1000-01-01T00:00:00Z", "2999-12-31T23:59:59"])
def test_the_first_and_the_last_moment_that_are_certain_have_keys(text: str) -> None:
    field: Json = {"name": "a", "type": "datetime"}
    ((_, valid, key, _, of_value),) = read(field, {"fields": [field]}, [text])
    assert (valid, key, of_value) == (True, text, text)


@RUNS
@given(
    parts=st.lists(
        st.sampled_from(
            list("ab.()|^$*+?-{é")
            + re.findall(r"\S+", r"\d \w \s [a-c] [^a] [\d.] [^\d] (?: {2} {1,3} {,2} +? *+ \. \-")
            + re.findall(r"\S+", r"[a&&b] [[:alpha:]] (?i) \b \S")
        ),
        max_size=7,
    ),
    texts=st.lists(st.lists(PIECES, max_size=4).map("".join), min_size=1, max_size=20),
)
def test_a_pattern_matches_in_rust_only_what_it_matches_in_python(parts: list[str], texts: list[str]) -> None:
    pattern = "".join(parts)
    known = rust_pattern(pattern)
    assume(known is not None)
    python = re.compile(f"^{pattern}$")
    try:
        found = pl.Series(texts, dtype=pl.String).str.contains(str(known)).to_list()
    except pl.exceptions.PolarsError:
        return  # then Frictionless reads the column
    assert all(python.match(text) for text, matches in zip(texts, found, strict=True) if matches)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"type": "integer"}, "-12"),
        ({"type": "number", "constraints": {"minimum": 0, "maximum": 100}}, "12.50"),
        ({"type": "number", "decimalChar": ",", "groupChar": "."}, "1.234,5"),
        ({"type": "datetime", "constraints": {"minimum": "2020-01-01T00:00:00Z"}}, "2024-02-29T10:11:12Z"),
        ({"type": "date", "format": "%d/%m/%Y"}, "29/02/2024"),
        ({"type": "date", "constraints": {"maximum": "2030-01-01"}}, "2024-12-31"),
        ({"type": "time"}, "10:11:12"),
        ({"type": "boolean"}, "true"),
        ({"type": "yearmonth"}, "2024-01"),
        ({"type": "geopoint"}, "-3.18,51.48"),
        ({"type": "string", "constraints": {"pattern": "^ST\\d{4}$", "minLength": 6}}, "ST0001"),
        ({"type": "string", "format": "email"}, "roads@example.gov.uk"),
        ({"type": "string", "format": "wkt"}, "POINT (-3.18 51.48)"),
        ({"type": "string", "format": "wkt"}, "MULTIPOLYGON(((0 0, 1.5 0,1 1, 0 0), (1 1, 2 2, 1 2, 1 1)))"),
        ({"type": "string", "format": "uuid"}, "12345678-1234-4234-8234-123456789abc"),
        ({"type": "string", "constraints": {"enum": ["no2", "o3"]}}, "o3"),
    ],
)
def test_what_is_usual_is_accepted_without_frictionless(field: Json, text: str) -> None:
    field = {"name": "a", **field}
    assert read(field, {"fields": [field]}, [text]), "the screen was not sure"
