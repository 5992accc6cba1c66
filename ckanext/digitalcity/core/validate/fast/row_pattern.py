"""A whole row as one pattern: a row that matches it is certainly valid, and need not be cut into cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import re2

from .column import Column
from .piece import ANY, SOME, confined, exactly, width
from .plan import Plan
from .rows import Lines, Offsets
from .shape import Shape

WIDEST = 400  # columns; up to 800 fit into the memory that the automaton is given
MEMORY = 32 << 20
FEW, APART = 100, 500  # rows that do not match: so many in a block, then one in so many bytes


@dataclass(frozen=True, slots=True)
class Cell:
    """What one column adds: ``kind`` is its piece as the type has it, ``piece`` that without delimiters and quotes."""

    kind: str | None
    piece: str | None


class RowPattern:
    """What a row of one table looks like.

    RE2 reads bytes without copying them, at much the same speed whatever the expression is.

    Args:
        sample: rows from the top of the file.

    Attributes:
        others: columns whose cells the expression doesn't judge.
        place: first byte and length of the only unique column, if they are the same in every row that matches.
        useful: False if rows are better cut into cells.
    """

    def __init__(self, plan: Plan, shape: Shape, sample: list[list[str]]) -> None:
        delimiter, quote = shape.delimiter.decode(), shape.quote.decode()
        self._delimiter, self._quote = exactly(delimiter), exactly(quote)
        self._columns, self._uniques = plan.columns, plan.uniques
        banned = f"{delimiter}{quote}\r\n"
        self._any = f"[^{exactly(banned)}]*"
        self._cells = [_cell(column.piece, banned) for column in plan.columns]
        # rows of missing values only are never certain: one column has to be there
        never_blank = any(column.required for column in plan.columns)
        for number in () if never_blank else _filled(plan.columns, sample):
            solid = _cell(plan.columns[number].solid, banned)
            if solid.piece:
                self._cells[number], never_blank = solid, True
                break
        self.others = tuple(c for c, cell in zip(plan.columns, self._cells, strict=True) if cell.piece is None)
        self.place = self._place(plan)
        self.useful = never_blank and 2 <= len(plan.columns) <= WIDEST and 2 * len(self.others) <= len(plan.columns)

    def alone(self) -> list[int]:
        """Numbers of the columns whose cells have to be looked at in every row."""
        names = {column.name for column in self.others}
        if self.place is None:
            names |= {column.name for unique in self._uniques for column in unique.columns}
        return [number for number, column in enumerate(self._columns) if column.name in names]

    def unmatched(self, block: Lines) -> Offsets | None:
        """Offsets of the rows that don't match; None if they are too many to be looked at one by one."""
        valid = self._quoted if block.quoted else self._bare
        if valid is None:
            return None
        at, others = 0, list[int]()
        while (end := valid.match(block.block, at).end()) < len(block.block):
            if len(others) > FEW + end // APART:
                return None
            others.append(int(np.searchsorted(block.ends, end)))
            at = int(block.ends[others[-1]]) + 1
        return np.array(others, np.int64)

    @cached_property
    def _bare(self) -> Any:
        """The expression for any number of rows where nothing is quoted."""
        return self._rows([cell.piece or self._any for cell in self._cells])

    @cached_property
    def _quoted(self) -> Any:
        """The same where cells may be quoted."""
        q, free = self._quote, f"(?:[^{self._quote}]|{self._quote}{self._quote})"
        rows = []
        for cell in self._cells:
            inside = cell.piece
            if cell.piece is None or cell.kind in (ANY, SOME):
                inside = f"{free}+" if cell.kind == SOME else f"{free}*"
            rows.append(f"(?:{cell.piece or self._any}|{q}{inside}{q})")
        return self._rows(rows)

    def _rows(self, cells: list[str]) -> Any:
        options = re2.Options()
        options.max_mem, options.never_capture, options.log_errors = MEMORY, True, False
        try:
            return re2.compile(rf"(?:{self._delimiter.join(cells)}\n)*", options)
        except re2.error:  # too large
            return None

    def _place(self, plan: Plan) -> tuple[int, int] | None:
        keys = {unique.columns for unique in plan.uniques}
        if len(keys) != 1 or len(columns := keys.pop()) != 1 or not plan.uniques[0].keys[0].total:
            return None
        start = 0
        for column, cell in zip(plan.columns, self._cells, strict=True):
            length = width(cell.piece) if cell.piece else None
            if not length:
                return None
            if column is columns[0]:
                return start, length
            start += length + 1
        return None


def _cell(piece: str | None, banned: str) -> Cell:
    return Cell(piece, confined(piece, banned) if piece else None)


def _filled(columns: tuple[Column, ...], sample: list[list[str]]) -> Iterator[int]:
    """Numbers of the columns that are never blank in the sample."""
    for number, column in enumerate(columns):
        if all(len(row) > number and row[number] not in column.missing for row in sample):
            yield number
