"""A block cut into rows: by Polars where every CSV parser must agree, else by Python's csv module, as Frictionless."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from .shape import Shape
from .unsure import NotSure

Offsets = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NONE: Offsets = np.empty(0, np.int64)
# For each byte, read as eight marks from the left: which of them end an odd number of marks, and whether all do (1, 0)
EIGHTS = np.bitwise_xor.accumulate(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1), axis=1)
PREFIXES, PARITY = np.packbits(EIGHTS).tobytes(), EIGHTS[:, -1].tobytes()


class Rows(ABC):
    """The rows of one block.

    Attributes:
        count: rows in the block, of any width.
        rest: bytes after the last whole row; they belong to the next block.
        odd: offsets of the rows that have too few or too many cells; known once ``frame`` was called.
    """

    count: int
    rest: bytes = b""
    odd: Offsets = NONE

    @abstractmethod
    def frame(self) -> pl.DataFrame:
        """The rows that are not odd, as text; columns are named ``0``, ``1`` ..."""

    @abstractmethod
    def cells(self, offsets: Offsets) -> Iterator[list[str]]:
        """The cells of some rows as Python's csv module reads them."""

    def offsets(self) -> Offsets | None:
        """Offset in the block of each row of the frame; None if it is the same."""
        return np.delete(np.arange(self.count), self.odd) if self.odd.size else None


class Lines(Rows):
    """Rows that are lines, or groups of lines held together by quotes that no two parsers read differently.

    Args:
        block: ends with a line feed, has no carriage return.
        quoted: which bytes of the block are between quotes; None if there are no quotes.
    """

    def __init__(self, block: bytes, shape: Shape, quoted: Mask | None = None, rest: bytes = b"") -> None:
        self.block, self.shape, self.rest = block, shape, rest
        self._quoted = quoted
        self._ends: Offsets | None = None if quoted is None else np.flatnonzero(self._marks(10))
        self.count = int(np.count_nonzero(self._marks(10))) if self._ends is None else self._ends.size

    def frame(self) -> pl.DataFrame:
        """See Rows. Odd rows are cut out before Polars reads the block."""
        if self._even() and (frame := self._parse(self.block, self.count)) is not None:
            return frame
        ends = self._row_ends()
        starts = _starts(ends)
        per_row = np.diff(np.searchsorted(np.flatnonzero(self._marks(self.shape.delimiter[0])), ends), prepend=0)
        self.odd = np.flatnonzero((per_row != self.shape.width - 1) | (starts == ends))
        frame = self._parse(self._without(self.odd, starts, ends), self.count - self.odd.size)
        if frame is None:
            raise NotSure
        return frame

    def longest(self) -> int:
        """Bytes of the longest row, its line end included."""
        return int(np.diff(self._row_ends(), prepend=-1).max())

    def cells(self, offsets: Offsets) -> Iterator[list[str]]:
        """See Rows."""
        if not offsets.size:
            return
        ends = self._row_ends()
        starts = _starts(ends)
        for start, end in zip(starts[offsets].tolist(), ends[offsets].tolist(), strict=True):
            yield next(_reader(self.block[start : end + 1].decode(), self.shape))

    def _marks(self, byte: int) -> Mask:
        """Where a byte stands that is not between quotes."""
        marks: Mask = np.frombuffer(self.block, np.uint8) == byte
        return marks if self._quoted is None else marks & ~self._quoted

    def _even(self) -> bool:
        """Whether there are just as many cells as all rows need. If one had too few, Polars trips over another."""
        seps = np.count_nonzero(self._marks(self.shape.delimiter[0]))
        blank = self.shape.width == 1 and (b"\n\n" in self.block or self.block.startswith(b"\n"))
        return seps == self.count * (self.shape.width - 1) and not blank

    def _row_ends(self) -> Offsets:
        if self._ends is None:
            self._ends = np.flatnonzero(self._marks(10))
        return self._ends

    def _without(self, odd: Offsets, starts: Offsets, ends: Offsets) -> bytes:
        if not odd.size:
            return self.block
        froms = [0, *(ends[odd] + 1).tolist()]
        tos = [*starts[odd].tolist(), len(self.block)]
        return b"".join(self.block[a:b] for a, b in zip(froms, tos, strict=True))

    def _parse(self, block: bytes, height: int) -> pl.DataFrame | None:
        schema = {str(number): pl.String for number in range(self.shape.width)}
        if not height:
            return pl.DataFrame(schema=schema)
        try:
            frame = pl.read_csv(
                block,
                has_header=False,
                schema=schema,
                separator=self.shape.delimiter.decode(),
                quote_char=self.shape.quote.decode() if self._quoted is not None else None,
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
    return Lines(block, shape)


def _quoted(block: bytes, shape: Shape) -> Lines | None:
    """Rows of a block whose every quote opens or closes a whole cell or is doubled inside one."""
    text = np.frombuffer(block, np.uint8)
    marks = text == shape.quote[0]
    inside = _odd_so_far(marks)
    if b"\r" in block:
        returns = np.flatnonzero(text == 13)
        if inside[returns].any() or (text[np.minimum(returns + 1, text.size - 1)] != 10).any():
            return None
        return _quoted(block.replace(b"\r\n", b"\n"), shape)
    whole = block.rfind(b"\n") + 1
    while whole and inside[whole - 1]:
        whole = block.rfind(b"\n", 0, whole - 1) + 1
    if not whole:
        return None
    quotes = np.flatnonzero(marks[:whole])
    before = text[np.maximum(quotes[0::2] - 1, 0)]
    after = text[quotes[1::2] + 1]
    delimiter, quote = shape.delimiter[0], shape.quote[0]
    opens = (before == delimiter) | (before == 10) | (before == quote) | (quotes[0::2] == 0)
    closes = (after == delimiter) | (after == 10) | (after == quote)
    if not (shape.quotable and opens.all() and closes.all()):
        return None
    rows = Lines(block[:whole], shape, inside[:whole], block[whole:])
    return None if len(block) > shape.longest and rows.longest() > shape.longest else rows


def _odd_so_far(marks: Mask) -> Mask:
    """For each place whether the marks up to and with it are an odd number: eight places at a time, by tables."""
    if marks.size < 1024:
        return np.logical_xor.accumulate(marks)
    eights = np.packbits(marks).tobytes()
    odd = _odd_so_far(np.frombuffer(eights.translate(PARITY), np.bool_))
    before = np.concatenate((np.zeros(1, np.uint8), odd[:-1].view(np.uint8)))
    found = np.frombuffer(eights.translate(PREFIXES), np.uint8) ^ -before
    return np.unpackbits(found, count=marks.size).view(np.bool_)


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


def _reader(text: str, shape: Shape) -> Iterator[list[str]]:
    lines: Iterable[str] = io.StringIO(text, newline="")
    return csv.reader(lines, shape.dialect)


def _starts(ends: Offsets) -> Offsets:
    return np.concatenate(([0], ends[:-1] + 1)) if ends.size else NONE
