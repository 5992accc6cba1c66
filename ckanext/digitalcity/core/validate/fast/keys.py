"""Unique fields and primary keys: which rows may share a value with another row."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from frictionless.table import Row

from .column import Column
from .screen import Key

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
PARTS = 16
AT_ONCE = 1 << 22  # hashes that are sorted in one go
MIX = np.uint64(0x9E3779B97F4A7C15)


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
    _certain: list[tuple[Numbers, Hashes]] = field(default_factory=list)
    _doubtful: list[Hashes] = field(default_factory=list)

    def comparable(self) -> pl.Expr:
        """Whether the screen can compare a row's values, and the row has those it needs."""
        known = [key.expr.is_not_null() | c.blank for key, c in zip(self.keys, self.columns, strict=True)]
        if self.primary:
            known.append(~pl.all_horizontal(c.blank for c in self.columns))
        return pl.all_horizontal(known)

    def add(self, frame: pl.DataFrame, numbers: Numbers, certain: npt.NDArray[np.bool_]) -> None:
        """Notes the certainly valid rows of a block."""
        values = frame.select(
            # a required cell that is blank makes its row doubtful, so it is not counted
            (key.expr if column.required else pl.when(~column.blank).then(key.expr)).alias(column.name)
            for key, column in zip(self.keys, self.columns, strict=True)
        )
        counts = certain if self.primary else certain & values.to_series().is_not_null().to_numpy()
        hashes = self._hash(values.get_columns())
        if not counts.all():
            numbers, hashes = numbers[counts], hashes[counts]
        self._certain.append((numbers, hashes))

    def add_doubtful(self, rows: list[Row]) -> None:
        """Notes rows that Frictionless will look at anyway: a certain row may share their value."""
        columns = []
        for name, key in zip(self.names, self.keys, strict=True):
            values = [_value(key, row[name]) for row in rows]
            columns.append(pl.Series(values, dtype=key.dtype))
        self._doubtful.append(self._hash(columns))

    def shared(self) -> Iterator[Numbers]:
        """Numbers of the certain rows that may share their value with another row."""
        others = np.concatenate([*self._doubtful, np.empty(0, np.uint64)])
        if not self._certain:
            return
        suspects = np.concatenate([*self._twice(), np.empty(0, np.uint64)])
        if not suspects.size and not others.size:
            return
        sought = pl.Series(np.union1d(suspects, others)).implode()
        for numbers, hashes in self._certain:
            found = pl.Series(hashes).is_in(sought).to_numpy()
            if found.any():
                yield numbers[found]

    def _twice(self) -> Iterator[Hashes]:
        whole = [hashes for _, hashes in self._certain]
        parts = 1 if sum(hashes.size for hashes in whole) < AT_ONCE else PARTS
        for part in range(parts):
            some = np.concatenate(whole if parts == 1 else [hashes[hashes % parts == part] for hashes in whole])
            some.sort()
            yield some[1:][some[1:] == some[:-1]]

    def _hash(self, columns: Iterable[pl.Series]) -> Hashes:
        mixed: Hashes | None = None
        for column in columns:
            hashes = column.hash(self.seed).to_numpy()
            mixed = hashes if mixed is None else mixed * MIX + hashes
        assert mixed is not None
        return mixed


def _value(key: Key, value: Any) -> Any:
    return None if value is None else key.of(value)
