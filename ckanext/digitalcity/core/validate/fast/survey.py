"""Goes through a file block by block and finds the rows that Frictionless has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from frictionless.resources import TableResource
from frictionless.table import Row, create_cell_handlers

from .blocks import Hashes
from .doubt import Flags, certain_rows
from .plan import Plan, plan_of
from .reading import Found, Reading, Show
from .rows import Offsets, Rows
from .sheet_reading import SheetReading
from .text_reading import TextReading
from .unsure import NotSure

if TYPE_CHECKING:
    from .engine import Options

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
    kind = SheetReading if table.format == "xlsx" else TextReading
    with closing(Hashes()) as hashes, closing(kind(table, path, options.block, plan, show)) as reading:
        rows = 0
        if plan.uniques:
            doubtful, kept, rows = _compare(reading, table, hashes)
            if kept is None:
                yield from reading.pick(doubtful)
            else:
                yield from kept
        else:
            for first, block in reading.blocks(hashes):
                rows = first - plan.first + block.count
                frame = reading.frame(first, block)
                offsets = _doubtful(block, _certain(block, frame, plan), first == plan.first)
                yield from reading.found(first, block, offsets)
        hashes.wait()
        table.stats.md5 = hashes.md5.hexdigest()
        table.stats.sha256 = hashes.sha256.hexdigest()
        table.stats.bytes = hashes.bytes
        table.stats.rows = rows


def _certain(block: Rows, frame: pl.DataFrame, plan: Plan) -> Flags:
    certain = certain_rows(frame, plan)
    return certain if block.unfit is None else certain & ~block.unfit


def _doubtful(block: Rows, certain: Flags, first: bool) -> Offsets:
    """Offsets in the block of the rows that are not certain."""
    offsets = np.flatnonzero(~certain)
    if (places := block.offsets()) is not None:
        offsets = np.sort(np.concatenate((places[offsets], block.odd)))
    if first and (not offsets.size or offsets[0]):
        offsets = np.insert(offsets, 0, 0)
    return offsets


def _compare(reading: Reading, table: TableResource, hashes: Hashes) -> tuple[Offsets, list[Found] | None, int]:
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
        rows = first - plan.first + block.count
        frame = reading.frame(first, block)
        certain = _certain(block, frame, plan)
        offsets = _doubtful(block, certain, first == plan.first)
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
