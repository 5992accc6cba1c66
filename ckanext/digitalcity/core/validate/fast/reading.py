"""One table's file, read block by block, once or twice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from frictionless.resources import TableResource

from .ahead import ahead
from .blocks import Hashes
from .plan import Plan
from .row_pattern import RowPattern
from .rows import Offsets, Rows

Found = tuple[int, int, list[Any]]  # rows of content before it, its number in the file, its cells
Show = Callable[[int, Rows, pl.DataFrame], None]  # number of the first row, the block, those of the right width as text


class Reading(ABC):
    """How the rows of one kind of file are found.

    Args:
        table: open, so that what Frictionless sniffs is settled.
        size: bytes of text looked at in one go.
        show: called with every block.

    Attributes:
        pattern: what a row looks like, if rows can be looked at as a whole.

    Raises:
        NotSure: Frictionless has to read the file itself.
    """

    pattern: RowPattern | None = None

    def __init__(self, table: TableResource, path: Path, size: int, plan: Plan, show: Show | None) -> None:
        self.table, self.path, self.size, self.plan, self._show = table, path, size, plan, show

    @abstractmethod
    def read(self, hashes: Hashes | None) -> Iterator[tuple[int, Rows]]:
        """The rows below the header, with the number of the first of each block. All bytes of the file are hashed."""

    def close(self) -> None:  # noqa: B027 - text holds nothing open
        """Lets go of what is held open."""

    def frame(self, first: int, block: Rows) -> pl.DataFrame:
        """The block's rows of the right width, shown to whoever wants to see them."""
        frame = block.frame()
        if self._show:
            self._show(first, block, frame)
        return frame

    def found(self, first: int, block: Rows, offsets: Offsets) -> Iterator[Found]:
        """Rows of one block by their offsets, in order."""
        for offset, cells in zip(offsets.tolist(), block.cells(offsets), strict=True):
            yield first - self.plan.first + offset, first + offset, cells

    def pick(self, numbers: Offsets) -> Iterator[Found]:
        """Rows of the file by their numbers, in order."""
        for first, block in ahead(self.read(None), lambda found: found):
            low, high = np.searchsorted(numbers, (first, first + block.count))
            yield from self.found(first, block, numbers[low:high] - first)
