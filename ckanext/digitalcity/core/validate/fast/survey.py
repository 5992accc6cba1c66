"""Goes through a file block by block and finds the rows that Frictionless has to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from frictionless.resources import TableResource
from frictionless.table import Row, create_cell_handlers

from .ahead import ahead
from .blocks import Blocks, Hashes
from .doubt import certain_rows
from .plan import Plan, plan_of
from .rows import Offsets, Rows, skip, split
from .unsure import NotSure

if TYPE_CHECKING:
    from .engine import Options

Found = tuple[int, int, list[str]]
Show = Callable[[int, Rows, pl.DataFrame], None]  # number of the first row, the block, those of the right width as text
KEPT = 10_000  # doubtful rows held while keys are compared; with more the file is read twice


def survey(table: TableResource, path: Path, options: Options, show: Show | None = None) -> Iterator[Found]:
    """Yields each doubtful row: rows of content before it, its number in the file, its cells.

    At the end the table's statistics are those of the whole file. The first row is always among them, because
    Frictionless looks at its limit of errors after each row, and the header may have reached it.

    Args:
        show: called once with every block of rows before any of them is yielded.

    Raises:
        NotSure, UnicodeError, csv.Error: Frictionless has to read on, from the row after the last one yielded.
    """
    plan = plan_of(table)
    with closing(Hashes()) as hashes:
        reading = _Reading(table, path, options, plan, show)
        rows = 0
        if plan.uniques:
            doubtful, kept, rows = _compare(reading, table, hashes)
            if kept is None:
                yield from reading.pick(doubtful)
            else:
                yield from kept
        else:
            for first, block in reading.blocks(hashes):
                rows = first - plan.shape.first + block.count
                frame = reading.frame(first, block)
                offsets = _doubtful(block, certain_rows(frame, plan), first == plan.shape.first)
                yield from reading.found(first, block, offsets)
        hashes.wait()
        table.stats.md5 = hashes.md5.hexdigest()
        table.stats.sha256 = hashes.sha256.hexdigest()
        table.stats.bytes = hashes.bytes
        table.stats.rows = rows


class _Reading:
    """One table's file, to be read once or twice."""

    def __init__(self, table: TableResource, path: Path, options: Options, plan: Plan, show: Show | None) -> None:
        self._path, self._size, self._shape, self._show = path, options.block, plan.shape, show
        self.plan = plan
        self._encoding, self._fold = str(table.encoding), table.format != "csv"

    def blocks(self, hashes: Hashes | None = None) -> Iterator[tuple[int, Rows]]:
        """The rows below the header, with the number of the first of each block.

        While a block is being looked at, the next one is read and cut into rows.
        """
        return ahead(self._blocks(hashes))

    def _blocks(self, hashes: Hashes | None) -> Iterator[tuple[int, Rows]]:
        number = self._shape.first
        with Blocks(self._path, self._encoding, self._size, self._fold, hashes) as file:
            block, last = file.read()
            while (content := skip(block, self._shape, last)) is None:
                block, last = file.read(block)
            while True:
                rows = split(content, last, self._shape)
                if rows.count:
                    yield number, rows
                number += rows.count
                if last:
                    return
                content, last = file.read(rows.rest)

    def frame(self, first: int, block: Rows) -> pl.DataFrame:
        """The block's rows of the right width, shown to whoever wants to see them."""
        frame = block.frame()
        if self._show:
            self._show(first, block, frame)
        return frame

    def found(self, first: int, block: Rows, offsets: Offsets) -> Iterator[Found]:
        """Rows of one block by their offsets, in order."""
        for offset, cells in zip(offsets.tolist(), block.cells(offsets), strict=True):
            yield first - self._shape.first + offset, first + offset, cells

    def pick(self, numbers: Offsets) -> Iterator[Found]:
        """Rows of the file by their numbers, in order."""
        for first, block in self.blocks():
            low, high = np.searchsorted(numbers, (first, first + block.count))
            yield from self.found(first, block, numbers[low:high] - first)


def _doubtful(block: Rows, certain: np.ndarray[tuple[int], np.dtype[np.bool_]], first: bool) -> Offsets:
    """Offsets in the block of the rows that are not certain."""
    offsets = np.flatnonzero(~certain)
    if (places := block.offsets()) is not None:
        offsets = np.sort(np.concatenate((places[offsets], block.odd)))
    if first and (not offsets.size or offsets[0]):
        offsets = np.insert(offsets, 0, 0)
    return offsets


def _compare(reading: _Reading, table: TableResource, hashes: Hashes) -> tuple[Offsets, list[Found] | None, int]:
    """Surveys the whole file before the first row goes to Frictionless: a later row may be like an earlier one.

    Returns:
        Numbers of all doubtful rows; the rows themselves unless they have to be picked from the file; rows in all.
    """
    plan = reading.plan
    handlers = create_cell_handlers(table.header.get_expected_fields())
    doubtful: list[Offsets] = []
    kept: list[Found] = []
    rows = total = 0
    for first, block in reading.blocks(hashes):
        rows = first - plan.shape.first + block.count
        frame = reading.frame(first, block)
        certain = certain_rows(frame, plan)
        offsets = _doubtful(block, certain, first == plan.shape.first)
        found = list(reading.found(first, block, offsets))
        doubtful.append(offsets + first)
        total += len(found)
        kept = kept + found if total <= KEPT else []
        places = block.offsets()
        numbers = first + (np.arange(block.count) if places is None else places)
        for unique in plan.uniques:
            unique.add(frame, numbers, certain)
            try:
                unique.add_doubtful([Row(cells, handlers=handlers, row_number=number) for _, number, cells in found])
            except (ArithmeticError, TypeError, ValueError):
                raise NotSure from None  # Frictionless stumbles over this row too, unless it stops before
    shared = [numbers for unique in plan.uniques for numbers in unique.shared()]
    everything = np.unique(np.concatenate([*doubtful, *shared, np.empty(0, np.int64)]))
    return everything, kept if total <= KEPT and everything.size == total else None, rows
