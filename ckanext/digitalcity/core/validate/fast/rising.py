"""Keys that rise from row to row are unique, which a comparison of neighbours shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .reading import Found
from .row_pattern import RowPattern
from .rows import Lines, Rows

Texts = npt.NDArray[np.bytes_]


class Unordered(Exception):
    """A key is not greater than the one before, or it is not known: keys have to be compared by their hashes."""


class Rising:
    """The unique column's texts as they stand in the file.

    Args:
        pattern: knows their place; no longer once they turned out not to rise.
        number: of the column.
    """

    def __init__(self, pattern: RowPattern, number: int) -> None:
        assert pattern.place is not None
        self._pattern, (self._start, self._length) = pattern, pattern.place
        self._number = number
        self._last = b""

    def add(self, block: Rows, unknown: Sequence[Found], first: int) -> None:
        """Looks at all rows of a block.

        Args:
            unknown: those of the rows that are not certain, hence may look different.
            first: number of the block's first row.

        Raises:
            Unordered: they don't rise.
        """
        keys = self._texts(block) if isinstance(block, Lines) else None
        if keys is None or not self._rise(keys, unknown, first):
            self._pattern.place = None
            raise Unordered
        self._last = keys[-1]

    def _texts(self, block: Lines) -> Texts | None:
        begins = block.starts + self._start
        if block.quoted and (self._start or block.quote_at(begins)):
            return None  # a cell that is quoted moves those behind it
        if begins[-1] + self._length > len(block.block):
            return None
        every: Texts = np.ndarray(len(block.block) - self._length + 1, f"S{self._length}", block.block, strides=(1,))
        return every[begins]

    def _rise(self, keys: Texts, unknown: Sequence[Found], first: int) -> bool:
        if not keys[0] > self._last or not (keys[1:] > keys[:-1]).all():
            return False
        return all(
            cells[self._number : self._number + 1] == [keys[number - first].decode(errors="replace")]
            for _, number, cells in unknown
        )
