"""Frames of rows as checks see them, and a run of checks over them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from ckanext.digitalcity.core.checks import Told, make, told

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)  # one o'clock in London
Rows = Sequence[Sequence[str]]


def frame(width: int, rows: Rows, first: int = 2) -> pl.DataFrame:
    """All rows; the header is row 1."""
    cells = pl.DataFrame(rows, {str(place): pl.String for place in range(width)}, orient="row")
    return cells.with_columns(pl.Series("row", range(first, first + len(rows)), pl.Int64))


def run(
    wanted: list[dict[str, Any]],
    labels: Sequence[str],
    rows: Rows,
    *,
    schema: dict[str, Any] | None = None,
    borders: Sequence[int] = (),
    first: int = 2,
) -> Told:
    """What checks say of rows that are shown in batches with these borders."""
    checks = make(wanted, labels, schema, NOON)
    whole = frame(len(labels), rows, first)
    places = [0, *sorted(borders), len(rows)]
    for start, end in pairwise(places):
        for check in checks:
            check.see(whole.slice(start, end - start))
    return told(checks)


def found(name: str, settings: dict[str, Any], labels: str, *rows: str, **facts: Any) -> list[tuple[str, int | None]]:
    """Rule and row of every fault of one check; labels and rows are written with blanks between the cells."""
    cells = [[cell.strip("'") for cell in row.split(" ")] for row in rows]
    report = run([{name: settings}], labels.split(" "), cells, **facts)
    return [(fault.rule, fault.row) for fault in report.faults]


def real(path: Path, *, encoding: str = "utf-8-sig", delimiter: str = ",") -> Iterator[list[str]]:
    """Rows of a real file, its header first."""
    with path.open(encoding=encoding, newline="") as file:
        yield from csv.reader(file, delimiter=delimiter)
