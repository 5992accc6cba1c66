"""Goes through a file block by block and finds the rows that Frictionless has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from frictionless.resources import TableResource
from frictionless.table import Row, create_cell_handlers

from .blocks import Hashes
from .look import Seen, looked
from .plan import plan_of
from .reading import Found, Reading, Show
from .rising import Rising, Unordered
from .rows import NONE, Offsets
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
            try:
                doubtful, kept, rows = _compare(reading, table, hashes, _rising(reading))
            except Unordered:
                hashes.restart()
                doubtful, kept, rows = _compare(reading, table, hashes)
            if kept is None:
                yield from reading.pick(doubtful)
            else:
                yield from kept
        else:
            for first, block, seen in looked(reading, hashes):
                rows = first - plan.first + block.count
                yield from reading.found(first, block, _with_first(seen, first == plan.first))
        hashes.wait()
        table.stats.md5 = hashes.md5.hexdigest()
        table.stats.sha256 = hashes.sha256.hexdigest()
        table.stats.bytes = hashes.bytes
        table.stats.rows = rows


def _with_first(seen: Seen, first: bool) -> Offsets:
    """Offsets in a block of the doubtful rows; the file's first is always among them."""
    offsets = seen.doubtful
    return np.insert(offsets, 0, 0) if first and (not offsets.size or offsets[0]) else offsets


def _rising(reading: Reading) -> Rising | None:
    pattern = reading.pattern
    if pattern is None or not pattern.useful or pattern.place is None:
        return None
    (column,) = reading.plan.uniques[0].columns
    return Rising(pattern, reading.plan.columns.index(column))


def _compare(
    reading: Reading, table: TableResource, hashes: Hashes, rising: Rising | None = None
) -> tuple[Offsets, list[Found] | None, int]:
    """Surveys the whole file before the first row goes to Frictionless: a later row may be like an earlier one.

    Args:
        rising: if given, no more is done about keys than to see whether they rise.

    Raises:
        Unordered: they don't.

    Returns:
        Numbers of all doubtful rows; the rows themselves unless they have to be picked from the file; rows in all.
    """
    plan = reading.plan
    handlers = create_cell_handlers(table.header.get_expected_fields())
    doubtful: list[Offsets] = []
    kept: list[Found] = []
    rows = total = 0
    with closing(looked(reading, hashes)) as blocks:
        for first, block, seen in blocks:
            rows = first - plan.first + block.count
            offsets = _with_first(seen, first == plan.first)
            found = list(reading.found(first, block, offsets))
            unknown = found[
                offsets.size - seen.doubtful.size :
            ]  # without a first row that is certain: it has been added
            doubtful.append(offsets + first)
            total += len(found)
            kept = kept + found if total <= KEPT else []
            if rising:
                rising.add(block, unknown, first)
                continue
            for unique in plan.uniques:
                for part in seen.parts:
                    unique.add(part.frame, first + part.offsets, part.certain)
                try:
                    unique.add_doubtful(
                        [Row(cells, handlers=handlers, row_number=number) for _, number, cells in unknown]
                    )
                except (ArithmeticError, TypeError, ValueError):
                    raise NotSure from None  # Frictionless stumbles over this row too, unless it stops before
    shared = [numbers for unique in plan.uniques for numbers in unique.shared()]
    everything = np.concatenate([NONE, *doubtful])
    if shared:
        everything = np.unique(np.concatenate([everything, *shared]))
    return everything, kept if total <= KEPT and everything.size == total else None, rows
