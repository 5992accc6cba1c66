"""A block cut into rows: by Polars where every CSV parser must agree, else by Python's csv module, as Frictionless."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .marks import ONE, Words, after, before, count, enclosed, first_bytes, length, marks, places, widest
from .shape import Shape
from .unsure import NotSure

Offsets = npt.NDArray[np.int64]
NONE: Offsets = np.empty(0, np.int64)


class Rows(ABC):
    """The rows of one block.

    Attributes:
        count: rows in the block, of any width.
        rest: bytes after the last whole row; they belong to the next block.
        odd: offsets of the rows that have too few or too many cells; known once ``frame`` was called.
        unfit: rows of the frame with a cell whose text does not tell what Frictionless reads; known likewise.
    """

    count: int
    rest: bytes = b""
    odd: Offsets = NONE
    unfit: npt.NDArray[np.bool_] | None = None

    @abstractmethod
    def frame(self) -> pl.DataFrame:
        """The rows that are not odd, as text; columns are named ``0``, ``1`` ..."""

    @abstractmethod
    def cells(self, offsets: Offsets) -> Iterator[list[Any]]:
        """The cells of some rows as Frictionless gets them."""

    def offsets(self) -> Offsets | None:
        """Offset in the block of each row of the frame; None if it is the same."""
        return np.delete(np.arange(self.count), self.odd) if self.odd.size else None


class Lines(Rows):
    """Rows that are lines, or groups of lines held together by quotes that no two parsers read differently.

    Args:
        block: ends with a line feed, has no carriage return.
        ends: marks of the line feeds that end a row; None if all do, and nothing is quoted.
        seps: marks of the delimiters that separate; None if all do, and nothing is quoted.
    """

    def __init__(self, block: bytes, shape: Shape, ends: Words | None, seps: Words | None, rest: bytes = b"") -> None:
        self.block, self.shape, self.rest = block, shape, rest
        self._ends, self._seps = ends, seps
        self.count = self._times(ends, b"\n")

    @property
    def quoted(self) -> bool:
        """Whether cells may be quoted."""
        return self._seps is not None

    def quote_at(self, positions: Offsets) -> bool:
        """Whether there is a quote at one of them."""
        return bool((np.frombuffer(self.block, np.uint8)[positions] == self.shape.quote[0]).any())

    @cached_property
    def ends(self) -> Offsets:
        """Where each row has its line feed."""
        return self._places(self._ends, b"\n")

    @cached_property
    def starts(self) -> Offsets:
        """Where each row begins."""
        return np.concatenate(([0], self.ends[:-1] + 1)) if self.ends.size else NONE

    def frame(self) -> pl.DataFrame:
        """See Rows. Odd rows are cut out before Polars reads the block."""
        if self._even() and (frame := self._parse(self.block, self.count)) is not None:
            return frame
        ends, starts, seps = self.ends, self.starts, self._places(self._seps, self.shape.delimiter)
        per_row = np.diff(np.searchsorted(seps, ends), prepend=0)
        self.odd = np.flatnonzero((per_row != self.shape.width - 1) | (starts == ends))
        frame = self._parse(self._without(self.odd), self.count - self.odd.size)
        if frame is None:
            raise NotSure
        return frame

    def columns(self, numbers: Sequence[int]) -> pl.DataFrame:
        """Some columns of rows that all have the right width."""
        frame = self._parse(self.block, self.count, numbers)
        return self.frame() if frame is None else frame

    def cells(self, offsets: Offsets) -> Iterator[list[str]]:
        """See Rows."""
        if not offsets.size:
            return
        text = self._bytes(offsets).decode()
        yield from csv.reader(io.StringIO(text, newline=""), self.shape.dialect)

    def only(self, offsets: Offsets) -> Rows:
        """Some of the rows."""
        return split(self._bytes(offsets), True, self.shape)

    def without(self, offsets: Offsets) -> Rows:
        """All the other rows."""
        return split(self._without(offsets), True, self.shape) if offsets.size else self

    def _even(self) -> bool:
        """Whether all rows have the right width, unless Polars finds one too long."""
        seps = self._times(self._seps, self.shape.delimiter)
        blank = self.shape.width == 1 and (b"\n\n" in self.block or self.block.startswith(b"\n"))
        return seps == self.count * (self.shape.width - 1) and not blank

    def _times(self, marked: Words | None, byte: bytes) -> int:
        return int(np.count_nonzero(self._is(byte))) if marked is None else count(marked)

    def _places(self, marked: Words | None, byte: bytes) -> Offsets:
        return np.flatnonzero(self._is(byte)) if marked is None else places(marked)

    def _is(self, byte: bytes) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = np.frombuffer(self.block, np.uint8) == byte[0]
        return found

    def _bytes(self, offsets: Offsets) -> bytes:
        bounds = zip(self.starts[offsets].tolist(), (self.ends[offsets] + 1).tolist(), strict=True)
        return b"".join(self.block[start:end] for start, end in bounds)

    def _without(self, odd: Offsets) -> bytes:
        if not odd.size:
            return self.block
        froms = [0, *(self.ends[odd] + 1).tolist()]
        tos = [*self.starts[odd].tolist(), len(self.block)]
        return b"".join(self.block[a:b] for a, b in zip(froms, tos, strict=True))

    def _parse(self, block: bytes, height: int, columns: Sequence[int] | None = None) -> pl.DataFrame | None:
        schema = {str(number): pl.String for number in range(self.shape.width)}
        if not height:
            return pl.DataFrame(schema=schema)
        try:
            frame = pl.read_csv(
                block,
                columns=columns,
                has_header=False,
                schema=schema,
                separator=self.shape.delimiter.decode(),
                quote_char=self.shape.quote.decode() if self.quoted else None,
                empty_string_is_null=False,
            )
        except pl.exceptions.PolarsError:
            return None
        return frame if frame.height == height else None


class Parsed(Rows):
    """Rows that Python's csv module has read."""

    def __init__(self, rows: list[list[str]], shape: Shape, rest: bytes) -> None:
        self.count, self.rest, self._rows, self._width = len(rows), rest, rows, shape.width
        self.odd = np.array([i for i, row in enumerate(rows) if len(row) != shape.width], np.int64)

    def frame(self) -> pl.DataFrame:
        """See Rows."""
        columns = list(zip(*(row for row in self._rows if len(row) == self._width), strict=True))
        return pl.DataFrame([pl.Series(str(i), columns[i] if columns else [], pl.String) for i in range(self._width)])

    def cells(self, offsets: Offsets) -> Iterator[list[str]]:
        """See Rows."""
        return (self._rows[offset] for offset in offsets.tolist())


def split(block: bytes, last: bool, shape: Shape) -> Rows:
    """Cuts a block that begins where a row begins.

    Raises:
        csv.Error: Python's csv module refuses it.
    """
    ended = block if block.endswith(b"\n") or not block else block + b"\n"
    if _literal(block, shape):
        cut = _quoted if shape.quote and shape.quote in block else _unquoted
        rows = cut(ended, shape)
        if rows and (not rows.rest or not last):
            return rows
    return _parsed(block, last, shape)


def skip(block: bytes, shape: Shape, last: bool) -> bytes | None:
    """What follows the rows above the content, header and all; None if the block doesn't hold all of them."""
    probe = 1 << 16
    while True:
        head = block[: block.rfind(b"\n", 0, probe) + 1] if probe < len(block) else block
        lines = _Lines(head.decode())
        reader = csv.reader(lines, shape.dialect)
        read = sum(1 for _ in zip(range(1, shape.first), reader, strict=False))
        if head is block and last:
            return block[lines.bytes_read :]
        if read == shape.first - 1 and not lines.ran_out:
            return block[lines.bytes_read :]
        if head is block:
            return None
        probe *= 8


def _literal(block: bytes, shape: Shape) -> bool:
    """Whether delimiters, quotes and line ends are all that has a meaning, and no cell can be too long."""
    if b"\0" in block or (shape.escape and shape.escape in block):
        return False
    if shape.skip_space and (shape.delimiter + b" " in block or b"\n " in block or block.startswith(b" ")):
        return False
    step = shape.longest // 2
    return all(block.find(b"\n", at, at + step) >= 0 for at in range(0, len(block) - step, step))


def _unquoted(block: bytes, shape: Shape) -> Lines | None:
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
        if b"\r" in block:
            return None
    return Lines(block, shape, None, None)


def _quoted(block: bytes, shape: Shape) -> Lines | None:
    """Rows of a block whose every quote opens or closes a whole cell or is doubled inside one."""
    text = np.frombuffer(block, np.uint8)
    quotes, feeds, seps = (marks(text, byte) for byte in (shape.quote[0], 10, shape.delimiter[0]))
    inside = enclosed(quotes)
    if b"\r" in block:
        returns = marks(text, 13)
        if (returns & (inside | ~before(feeds))).any():
            return None
        return _quoted(block.replace(b"\r\n", b"\n"), shape)
    ends = feeds & ~inside
    whole = length(ends)
    if not (whole and shape.quotable) or (len(block) > shape.longest and widest(ends) > shape.longest):
        return None
    edges = quotes | feeds | seps
    begins = after(edges)
    begins[0] |= ONE
    wrong = quotes & ~((inside & begins) | (~inside & before(edges)))
    if first_bytes(wrong, whole).any():
        return None
    seps &= ~inside
    return Lines(block[:whole], shape, ends, first_bytes(seps, whole), block[whole:])


def _parsed(block: bytes, last: bool, shape: Shape) -> Parsed:
    lines = _Lines(block.decode())
    reader = csv.reader(lines, shape.dialect)
    rows: list[list[str]] = []
    start = 0
    while not lines.empty():
        row = next(reader, None)
        if lines.ran_out and not last:
            return Parsed(rows, shape, block[start:])
        if row is not None:
            rows.append(row)
        start = lines.bytes_read
    return Parsed(rows, shape, b"")


class _Lines:
    """Lines as a text file opened with ``newline=""`` yields them; knows if it was asked for more than it had."""

    def __init__(self, text: str) -> None:
        self._text = io.StringIO(text, newline="")
        self._next = self._text.readline()
        self.bytes_read = 0
        self.ran_out = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, self._next = self._next, self._text.readline()
        if not line:
            self.ran_out = True
            raise StopIteration
        self.bytes_read += len(line.encode())
        return line

    def empty(self) -> bool:
        return not self._next
