"""Whoever looks on sees the same rows, whether Frictionless reads them or the vectorised screen does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from frictionless import Field, Schema
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.screen import Column, Screen
from ckanext.digitalcity.core.screen.rules import RULES
from ckanext.digitalcity.core.screen.screen import ANY_HINT, HINTS
from ckanext.digitalcity.core.validate.encoding import detect_encoding
from ckanext.digitalcity.core.validate.fast.engine import Options
from ckanext.digitalcity.core.validate.newest import Newest
from ckanext.digitalcity.core.validate.sniff import sniff
from ckanext.digitalcity.core.validate.source import sheet_layout, text_layout
from ckanext.digitalcity.core.validate.table import check_table
from ckanext.digitalcity.core.validate.watch import ROW, Watch

LARGEST = 60_000  # bytes, so that Frictionless alone stays quick
BLOCK = 1 << 12
ROW_BY_ROW, IN_BLOCKS = Options(small=1 << 40), Options(small=0, block=BLOCK)


class Notebook:
    """Notes every row it is shown."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.batches = 0

    def see(self, rows: pl.DataFrame) -> None:
        self.batches += 1
        self.rows += rows.select(ROW, pl.exclude(ROW)).iter_rows()


def everything_seen(path: Path, schema: dict[str, Any] | None, options: Options) -> tuple[Any, ...]:
    book = Notebook()
    screen = Screen(())

    def start(labels: tuple[str, ...], fields: tuple[str, ...]) -> tuple[Screen, Sequence[Watch]]:
        nonlocal screen
        screen = Screen([Column(name, place) for place, name in enumerate(labels or fields, start=1)])
        return screen, (book,)

    try:
        if path.suffix == ".xlsx":
            layout = sheet_layout(path, "xlsx", 0)
        else:
            layout = text_layout(path, detect_encoding(path), "", 0, ",")
        checked = check_table(layout, Schema.from_descriptor(schema) if schema else None, 100, start, options)
    except Skippable as skipped:
        return (skipped.reason,)
    report = checked.report.to_descriptor()["tasks"][0]
    report["stats"].pop("seconds")
    return report, checked.counts, checked.newest, screen.findings(), book.rows, book.batches > 2


@pytest.mark.parametrize("folder", ["council_csv", "sensor_csv", "pii", "nasty"])
def test_real_files_look_the_same_read_either_way(cases: Path, folder: str) -> None:
    paths = [path for path in sorted((cases / folder).rglob("*.csv")) if path.stat().st_size < LARGEST]
    assert paths
    for path in paths:
        if sniff(path) == "text":
            assert everything_seen(path, None, IN_BLOCKS)[:5] == everything_seen(path, None, ROW_BY_ROW)[:5], path


def test_real_workbooks_are_screened_alike_read_either_way(cases: Path) -> None:
    paths = [path for path in sorted(cases.rglob("*.xlsx")) if path.stat().st_size < LARGEST // 5]
    paths = [
        path for path in paths if path.name != "issue-313.xlsx"
    ]  # a thousand columns, slow for Frictionless itself
    assert any(
        everything_seen(path, None, IN_BLOCKS)[3] for path in paths if len(everything_seen(path, None, IN_BLOCKS)) > 3
    )
    for path in paths:
        assert everything_seen(path, None, IN_BLOCKS)[:4] == everything_seen(path, None, ROW_BY_ROW)[:4], path


def test_rows_between_wrong_ones_are_each_seen_once(tmp_path: Path) -> None:
    lines = [f"{number},2024-01-{number % 28 + 1:02},x" for number in range(3000)]
    lines[7] = "7,2025-02-30,x"  # no such day
    lines[8] = "8,2025-02-03,ann.lee@example.org"
    lines[1500] = "1500"
    lines[1501] = "1501,2024-01-01,x,07700 900123"  # a cell too many: screened, although it has no name
    path = tmp_path / "t.csv"
    path.write_text("id,day,note\n" + "\n".join(lines) + "\n")
    schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "day", "type": "date"}, {"name": "note"}]}
    seen = everything_seen(path, schema, IN_BLOCKS)
    assert (seen[5], everything_seen(path, schema, ROW_BY_ROW)[5]) == (True, False)
    assert seen[:5] == everything_seen(path, schema, ROW_BY_ROW)[:5]
    assert seen[2] == "2025-02-03"
    assert {(finding.rule, finding.rows) for finding in seen[3]} == {("email", (10,)), ("uk-telephone", (1503,))}
    assert len(seen[4]) == 2998


TEXTS = st.text() | st.sampled_from(RULES).flatmap(
    lambda rule: (
        st.from_regex(HINTS[rule.name]) | st.from_regex(r"[A-Zıİſ]{2}\d{2} ?\d[A-Zıİſ]{2}|\w+@\w+\.\w+|\+44 ?\d+")
    )
)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_row_without_a_hint_holds_nothing_in_python_or_in_rust(texts: list[str]) -> None:
    texts = [text.encode(errors="replace").decode() for text in texts]
    columns = [Column("", place) for place in range(1, len(texts) + 1)]
    hinted = pl.Series(texts).str.contains(ANY_HINT).any()
    for rule in RULES:
        if list(rule.look(texts, columns)):
            assert hinted
            assert HINTS[rule.name].search("\n".join(texts))


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OFFSETS = ["", "Z", "+00:00", "+01:00", "-05:30"]
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1))
WRITTEN = {
    ("date", "default"): st.dates().map(str) | st.just("2026-02-30"),
    ("date", "%d/%m/%Y"): st.dates(datetime(1990, 1, 1).date()).map(lambda day: f"{day:%d/%m/%Y}"),
    ("date", "%d/%m/%y"): MOMENTS.map(lambda day: f"{day:%d/%m/%y}"),
    ("datetime", "default"): st.tuples(MOMENTS, st.sampled_from(OFFSETS)).map(
        lambda pair: pair[0].isoformat() + pair[1]
    ),
    ("datetime", "%d/%m/%Y %H:%M"): MOMENTS.map(lambda moment: f"{moment:%d/%m/%Y %H:%M}") | st.just("1/2/2025 3:04"),
}


@given(data=st.data(), kind=st.sampled_from(sorted(WRITTEN)))
def test_the_newest_of_many_texts_is_the_newest_of_them_one_by_one(data: st.DataObject, kind: tuple[str, str]) -> None:
    texts = data.draw(st.lists(WRITTEN[kind] | st.sampled_from(["", "x", "2026-11-23"]), max_size=30))
    field = Field.from_descriptor({"name": "when", "type": kind[0], "format": kind[1]})
    together, one_by_one = Newest([field], NOW), Newest([field], NOW)
    together.see_many(pl.DataFrame({"0": pl.Series(texts, dtype=pl.String)}))
    read = field.create_cell_reader()
    for text in texts:
        one_by_one.see({"when": read(text)[0]})  # type: ignore[arg-type]
    assert _instant(together.value) == _instant(one_by_one.value)


def _instant(value: str | None) -> datetime | None:
    """The same moment may be written with and without a zone."""
    moment = datetime.fromisoformat(value) if value else None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None
