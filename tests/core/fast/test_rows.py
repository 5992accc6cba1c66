"""Blocks of a file are cut into the rows that Python's csv module reads from the whole of it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from generated import CASES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.core.validate.fast.blocks import Blocks
from ckanext.digitalcity.core.validate.fast.rows import Lines, skip, split
from ckanext.digitalcity.core.validate.fast.shape import Shape

RUNS = settings(max_examples=5 * CASES, deadline=None, suppress_health_check=list(HealthCheck))
PIECE = st.sampled_from(
    [",", ",", "\n", "\n", "\r\n", '"', '""', '",', ',"', '"\n', "a", "b", " ", "é", "x\ny", "\r", "\0", ";", "'"]
)


def shape(width: int = 3, quotable: bool = True, skip_space: bool = False, first: int = 1) -> Shape:
    """A table written with commas and double quotes."""
    dialect = csv.excel()
    dialect.doublequote, dialect.skipinitialspace = quotable, skip_space
    limit = csv.field_size_limit()
    return Shape(dialect, width, first, b",", b'"', b"", quotable, skip_space, limit)


def read(path: Path, how: Shape, size: int, encoding: str = "utf-8") -> tuple[list[list[str]], list[list[str]]]:
    """All rows by their cells, and the rows of the right width as Polars has them."""
    by_cells: list[list[str]] = []
    by_frame: list[list[str]] = []
    with Blocks(path, encoding, size, fold=False) as file:
        block, last = file.read()
        while (content := skip(block, how, last)) is None:
            block, last = file.read(block)
        while True:
            rows = split(content, last, how)
            by_frame += [list(row) for row in rows.frame().rows()]
            by_cells += rows.cells(np.arange(rows.count))
            if last:
                return by_cells, by_frame
            content, last = file.read(rows.rest)


@RUNS
@given(
    text=st.lists(PIECE, max_size=40).map("".join),
    size=st.sampled_from([1, 5, 30, 1 << 16]),
    how=st.builds(shape, st.integers(1, 3), st.booleans(), st.booleans(), st.integers(1, 3)),
)
def test_rows_are_those_of_the_csv_module(text: str, size: int, how: Shape, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    expected = list(csv.reader(io.StringIO(text, newline=""), how.dialect))[how.first - 1 :]
    by_cells, by_frame = read(path, how, size)
    assert by_cells == expected
    assert by_frame == [row for row in expected if len(row) == how.width]


@RUNS
@given(
    rows=st.lists(st.lists(st.text(max_size=6).filter(lambda t: t.isprintable()), min_size=2, max_size=4), max_size=30),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    size=st.sampled_from([7, 64, 1 << 16]),
)
def test_rows_survive_every_encoding(
    rows: list[list[str]], quoting: int, end: str, encoding: str, size: int, tmp_path: Path
) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type]
    path = tmp_path / "t.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    by_cells, by_frame = read(path, shape(), size, encoding)
    assert by_cells == rows
    assert by_frame == [row for row in rows if len(row) == 3]


@pytest.mark.parametrize(
    "text", ["a,b,c\nd,e,f\n", "a,b,c\r\nd,e,f\r\n", '"a",b,c\n"d ""e""",",\n",f\n', '"a",b,c\r\nd,e,"f"\r\n']
)
def test_regular_blocks_are_left_to_polars(text: str) -> None:
    assert isinstance(split(text.encode(), True, shape()), Lines)
