"""What the screen sees of one block: the rows that are not certainly valid, and the keys of the others."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from .ahead import ahead
from .blocks import Hashes
from .doubt import Flags, certain_cells, certain_rows
from .plan import Plan
from .reading import Reading
from .row_pattern import RowPattern
from .rows import NONE, Lines, Offsets, Rows

FEW = 30  # rows that Frictionless reads in less time than they are cut into cells


@dataclass(frozen=True, slots=True)
class Part:
    """Rows whose keys can be compared.

    Attributes:
        frame: holds the columns of every key.
        offsets: of its rows in the block.
        certain: which of them are certainly valid.
    """

    frame: pl.DataFrame
    offsets: Offsets
    certain: Flags


@dataclass(frozen=True, slots=True)
class Seen:
    """Attributes: ``doubtful``: offsets of the rows that are not certain; ``parts``: all rows of the right width."""

    doubtful: Offsets
    parts: list[Part]


def looked(reading: Reading, hashes: Hashes) -> Generator[tuple[int, Rows, Seen]]:
    """Each block of a file with the number of its first row."""
    with closing(ahead(reading.read(hashes), partial(_matched, reading.pattern))) as blocks:
        for first, block, unmatched in blocks:
            if isinstance(block, Lines) and unmatched is not None:
                yield first, block, _at_rows(block, unmatched, reading)
            else:
                yield first, block, _at_cells(block, reading.frame(first, block), reading.plan)


def _matched(pattern: RowPattern | None, found: tuple[int, Rows]) -> tuple[int, Rows, Offsets | None]:
    """Which rows of a block don't match the row's expression; None if that isn't known."""
    first, block = found
    if not pattern or not pattern.useful or not isinstance(block, Lines):
        return first, block, None
    return first, block, pattern.unmatched(block)


def _at_rows(block: Lines, rest: Offsets, reading: Reading) -> Seen:
    """Looks at the cells of those columns that have to be looked at, and at all cells of unmatched rows."""
    pattern, plan = reading.pattern, reading.plan
    assert pattern is not None
    doubtful, parts = [], []
    if (alone := pattern.alone()) and rest.size < block.count:
        matched = np.delete(np.arange(block.count), rest)
        part = block.without(rest)
        frame = part.columns(alone) if isinstance(part, Lines) else part.frame()
        certain = certain_cells(frame, pattern.others, plan.uniques)
        parts.append(Part(frame, matched, certain))
        doubtful.append(matched[~certain])
    if rest.size <= FEW:
        doubtful.append(rest)
    else:
        part = block.only(rest)
        seen = _at_cells(part, part.frame(), plan)
        parts += [Part(some.frame, rest[some.offsets], some.certain) for some in seen.parts]
        doubtful.append(rest[seen.doubtful])
    return Seen(np.sort(np.concatenate([NONE, *doubtful])), parts)


def _at_cells(block: Rows, frame: pl.DataFrame, plan: Plan) -> Seen:
    """Looks at every cell of rows that were cut into them."""
    certain = certain_rows(frame, plan)
    if block.unfit is not None:
        certain &= ~block.unfit
    places = block.offsets()
    if places is None:
        return Seen(np.flatnonzero(~certain), [Part(frame, np.arange(block.count), certain)])
    return Seen(np.sort(np.concatenate((places[~certain], block.odd))), [Part(frame, places, certain)])
