"""Duplicate observations: the same sensor, property and time once more, even if the rest of the row differs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Column, Context
from .series import KEY, Hash

RULE = "duplicate-observation"
PARTS = 16  # hashes are compared a sixteenth at a time


class Duplicates(Tally):
    """Holds 8 bytes for each row, and 4 more where row numbers have holes; no text.

    Two different observations get the same 64-bit hash with a chance of about n²/2⁶⁵: one in fifteen thousand for a
    file of fifty million rows. Cells are compared as they are written.
    """

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._columns: list[Column] = [context.columns[name] for name in settings["columns"]]
        self._hash = Hash(self._columns)
        self._batches: list[tuple[int, npt.NDArray[np.uint32] | None, npt.NDArray[np.uint64]]] = []

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        frame = rows.select(ROW).with_columns(self._hash.of(rows)).drop_nulls()
        if not frame.height:
            return
        numbers = frame.get_column(ROW).to_numpy()
        first, whole = int(numbers[0]), int(numbers[-1]) - int(numbers[0]) + 1 == frame.height
        places = None if whole else (numbers - first).astype(np.uint32)
        self._batches.append((first, places, frame.get_column(KEY).to_numpy()))

    def end(self) -> None:
        """See Tally."""
        found = pl.concat([pl.DataFrame(schema={ROW: pl.Int64}), *self._again()]).sort(ROW)
        self._batches = []
        self.note(RULE, found, self._columns[0], " + ".join(column.name for column in self._columns))

    def _again(self) -> Iterator[pl.DataFrame]:
        """Rows whose hash an earlier row has."""
        for part in range(PARTS):
            some = [self._part(part, *batch) for batch in self._batches]
            if some:
                yield pl.concat(some).filter(~pl.col(KEY).is_first_distinct()).select(ROW)

    def _part(
        self, part: int, first: int, places: npt.NDArray[np.uint32] | None, hashes: npt.NDArray[np.uint64]
    ) -> pl.DataFrame:
        chosen = np.flatnonzero(hashes % PARTS == part)
        numbers = first + (chosen if places is None else places[chosen].astype(np.int64))
        return pl.DataFrame({ROW: pl.Series(numbers, dtype=pl.Int64), KEY: hashes[chosen]})


CHECK = Kind(
    name="duplicates",
    why="An observation that is there twice counts twice in every sum and average.",
    source="what makes an observation the same is the dataset's own; cells are compared as they are written",
    settings={
        "columns": Setting("columns", "columns that together name one observation", required=True),
    },
    rules={
        RULE: Explanation(
            N_("An observation that is there twice"),
            N_("An earlier row is about the same thing at the same time, by the columns that the recipe names."),
            N_("Keep one of the two rows; find out which is right if they differ."),
        ),
    },
    build=Duplicates,
)
