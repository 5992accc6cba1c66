"""Delimited text: blocks of lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from frictionless.resources import TableResource

from .blocks import KNOWN, Blocks, Hashes
from .plan import Plan
from .reading import Reading, Show
from .row_pattern import RowPattern
from .rows import Rows, skip, split
from .shape import shape_of
from .unsure import NotSure


class TextReading(Reading):
    """See Reading."""

    def __init__(self, table: TableResource, path: Path, size: int, plan: Plan, show: Show | None) -> None:
        super().__init__(table, path, size, plan, show)
        if table.encoding not in KNOWN:
            raise NotSure
        self._encoding, self._shape = str(table.encoding), shape_of(table, len(plan.columns))
        if show is None:  # whoever looks on wants to see the cells
            self.pattern = RowPattern(plan, self._shape, table.fragment)

    def read(self, hashes: Hashes | None) -> Iterator[tuple[int, Rows]]:
        """See Reading."""
        number, shape = self._shape.first, self._shape
        with Blocks(self.path, self._encoding, self.size, self.table.format != "csv", hashes) as file:
            block, last = file.read()
            while (content := skip(block, shape, last)) is None:
                block, last = file.read(block)
            while True:
                rows = split(content, last, shape)
                if rows.count:
                    yield number, rows
                number += rows.count
                if last:
                    return
                content, last = file.read(rows.rest)
