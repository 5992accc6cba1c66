"""Unique fields and primary keys: which rows may share a value with another row."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from frictionless.table import Row

from .column import Column
from .screen import Key

Numbers = npt.NDArray[np.int64]
PARTS = 16
AT_ONCE = 1 << 22  # hashes that are sorted in one go
NOTHING = pl.Series([], dtype=pl.UInt64)


@dataclass(slots=True)
class Unique:
    """One unique field or one primary key, over the whole file.

    Keeps 8 bytes for each row, and as much again for a sixteenth of them while looking for equals.
    The hash is seeded anew each time, so that nobody can write a file full of collisions; a collision only
    sends two rows to Frictionless, which compares the values themselves.

    Attributes:
        names: the key's fields.
        columns: the same as columns of a frame.
        primary: a primary key: a row counts as soon as one part is there, and one part has to be.
    """

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    keys: tuple[Key, ...]
    primary: bool
    seed: int = field(default_factory=lambda: secrets.randbits(63))
    _certain: list[tuple[Numbers, pl.Series]] = field(default_factory=list)
    _doubtful: list[pl.Series] = field(default_factory=list)

    def comparable(self) -> pl.Expr | None:
        """Whether the screen can compare a row's values, and the row has those it needs; None if it always can."""
        known = [
            key.expr.is_not_null() | column.blank
            for key, column in zip(self.keys, self.columns, strict=True)
            if not key.total
        ]
        if self.primary and not any(column.required for column in self.columns):
            known.append(~pl.all_horizontal(column.blank for column in self.columns))
        return pl.all_horizontal(known) if known else None

    def add(self, frame: pl.DataFrame, numbers: Numbers, certain: npt.NDArray[np.bool_]) -> None:
        """Notes the certainly valid rows of a block."""
        values = frame.select(
            # a required cell that is blank makes its row doubtful, so it is not counted
            (key.expr if column.required else pl.when(~column.blank).then(key.expr)).alias(column.name)
            for key, column in zip(self.keys, self.columns, strict=True)
        )
        counts = certain
        if not self.primary and values.to_series().null_count():
            counts = certain & values.to_series().is_not_null().to_numpy()
        hashes = values.hash_rows(self.seed)
        if not counts.all():
            numbers, hashes = numbers[counts], hashes.filter(pl.Series(counts))
        self._certain.append((numbers, hashes))

    def add_doubtful(self, rows: list[Row]) -> None:
        """Notes rows that Frictionless will look at anyway: a certain row may share their value."""
        columns = {}
        for name, key in zip(self.names, self.keys, strict=True):
            columns[name] = pl.Series([_value(key, row[name]) for row in rows], dtype=key.dtype)
        if rows:
            self._doubtful.append(pl.DataFrame(columns).hash_rows(self.seed))

    def shared(self) -> Iterator[Numbers]:
        """Numbers of the certain rows that may share their value with another row."""
        if not self._certain:
            return
        sought = pl.concat([NOTHING, *self._twice(), *self._doubtful]).unique()
        if not sought.len():
            return
        for numbers, hashes in self._certain:
            found = hashes.is_in(sought.implode()).to_numpy()
            if found.any():
                yield numbers[found]

    def _twice(self) -> Iterator[pl.Series]:
        """Hashes that occur more than once."""
        whole = [hashes for _, hashes in self._certain]
        parts = 1 if sum(hashes.len() for hashes in whole) < AT_ONCE else PARTS
        for part in range(parts):
            some = pl.concat(whole if parts == 1 else [hashes.filter(hashes % parts == part) for hashes in whole])
            some = some.sort()
            yield some.filter(some == some.shift(1))


def _value(key: Key, value: Any) -> Any:
    return None if value is None else key.of(value)
