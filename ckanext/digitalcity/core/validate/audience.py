"""Shows every row of a table once to those who look on, whichever way it is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from frictionless.table import Row

from ..screen import Screen
from .fast.rows import Rows
from .json_rows import as_json
from .newest import Newest
from .watch import ROW, Watch

BATCH = 10_000  # rows that are kept together where they come one by one


class Audience:
    """Blocks come from the survey; rows come from Frictionless, which also sees some of a block again.

    Args:
        width: cells in a row that is right.
    """

    def __init__(self, screen: Screen, newest: Newest, watches: Sequence[Watch], width: int) -> None:
        self._screen, self._newest, self._watches = screen, newest, watches
        self._schema = {str(number): pl.String for number in range(width)}
        self._seen = 0  # number of the last row that a block has shown
        self._batch: list[tuple[int, list[str]]] = []

    def block(self, first: int, block: Rows, frame: pl.DataFrame) -> None:
        """Shows a block of the file that begins with row ``first``; the frame has its rows of the right width."""
        places = block.offsets()
        numbers = first + (np.arange(block.count, dtype=np.int64) if places is None else places)
        rows = frame.with_columns(pl.Series(ROW, numbers, pl.Int64))
        odd = zip((first + block.odd).tolist(), block.cells(block.odd), strict=True)
        self._screen.see_many(rows.drop(ROW), numbers, odd)
        self._newest.see_many(rows)
        for watch in self._watches:
            watch.see(rows)
        self._seen = first + block.count - 1

    def row(self, row: Row) -> None:
        """Shows a row that Frictionless has read, unless a block has shown it before."""
        if row.row_number <= self._seen:
            return
        self._screen.see(row.row_number, row.cells)
        self._newest.see(row)
        if self._watches and len(row.cells) == len(self._schema):
            self._batch.append((row.row_number, [as_text(cell) for cell in row.cells]))
            if len(self._batch) >= BATCH:
                self.end()

    def end(self) -> None:
        """Shows what is still kept back."""
        if not self._batch:
            return
        # made at once: a query begins threads, and a process that is forked after that waits for them for ever
        rows = pl.DataFrame(
            [[number, *cells] for number, cells in self._batch], {ROW: pl.Int64, **self._schema}, orient="row"
        )
        self._batch = []
        for watch in self._watches:
            watch.see(rows)


def as_text(cell: object) -> str:
    """A cell of a spreadsheet or of JSON as it would stand in a CSV file."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dict | list):
        return as_json(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)
