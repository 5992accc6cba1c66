"""Rows that belong together: the observations of one sensor, told apart by a hash of what names it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import numpy as np
import polars as pl

from .column import Column

MIX = np.uint64(0x9E3779B97F4A7C15)
KEY = "key"


class Hash:
    """A hash of some cells of each row, seeded anew each time so that nobody can write a file full of collisions."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._seed = secrets.randbits(63)

    def of(self, rows: pl.DataFrame) -> pl.Series:
        """UInt64; null where one of the cells is missing. The same for all rows if there are no columns."""
        mixed = np.zeros(rows.height, np.uint64)
        there = np.ones(rows.height, np.bool_)
        for column in self._columns:
            mixed = mixed * MIX + rows.select(column.text).to_series().hash(self._seed).to_numpy()
            there &= rows.select(column.there).to_series().to_numpy()
        return pl.Series(KEY, mixed).set(pl.Series(~there), None)


class Last:
    """Remembers the last row of every series, and puts it before the rows of the next batch.

    Holds as many rows as there are series.
    """

    def __init__(self) -> None:
        self._rows: pl.DataFrame | None = None

    def before(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with what is remembered before them; ``fresh`` tells them apart."""
        fresh = rows.with_columns(fresh=pl.lit(value=True))
        return fresh if self._rows is None else pl.concat([self._rows, fresh])

    def keep(self, rows: pl.DataFrame) -> None:
        """Remembers the last row of every series among these; columns as ``before`` gave them."""
        last = rows.with_columns(fresh=pl.lit(value=False))
        self._rows = last.group_by(KEY, maintain_order=True).last().select(rows.columns)
