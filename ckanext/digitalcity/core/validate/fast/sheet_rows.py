"""Rows of a sheet's XML: as text for the screen, and as openpyxl reads them where the screen is not sure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.functions import fromstring

from .rows import NONE, Offsets, Rows
from .sheet_cells import CELL, Cells, Fit
from .unsure import NotSure

# what openpyxl stumbles over, whatever it is: then Frictionless says so
FAILURES = (ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError)
LEAD = re.compile(r'(?:<row [^>]*/>)*<row r="([0-9]{1,7})"(?: [^>]*[^/>])?>')
ENDLESS = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|<!|]]>")  # not XML, or with a meaning that only a parser knows


class Book:
    """What the rows of one sheet share.

    Args:
        sheet: openpyxl's read-only worksheet.
        head: the start tag of the document, with its namespaces.
        fits: what each column can take.
    """

    def __init__(self, sheet: Any, head: str, fits: tuple[Fit, ...]) -> None:
        self.sheet, self.fits, self.width = sheet, fits, len(fits)
        self.cells = Cells(sheet)
        self.full: bool = sheet.max_column is not None  # then openpyxl fills every row up to the same width
        if self.full and sheet.max_column != self.width:
            raise NotSure
        self._open, self._close = f"{head}<sheetData>", "</sheetData></worksheet>"

    def check(self, between: str) -> None:
        """Whether openpyxl gets through the document around the rows.

        Raises:
            NotSure: it does not.
        """
        try:
            for _ in self._parser(between).parse():
                raise NotSure
        except FAILURES:
            raise NotSure from None

    def values(self, row: str) -> list[Any]:
        """The cells of one ``<row>``; "" is a row that is not there.

        Raises:
            NotSure: openpyxl cannot read it.
        """
        found: list[Any] = []
        try:
            if row:
                element = fromstring(f"{self._open}{row}{self._close}".encode())[0][0]
                found = self._parser("").parse_row(element)[1]
            values = self.sheet._get_row(found, 1, self.sheet.max_column, values_only=True)
        except FAILURES:
            raise NotSure from None
        return list(values)

    def _parser(self, text: str) -> WorkSheetParser:
        book = self.sheet.parent
        return WorkSheetParser(
            BytesIO(text.encode()),
            self.sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )


class SheetRows(Rows):
    """Rows of one block, from row ``number`` on; rows that the block leaves out are empty ones.

    Args:
        text: whole ``<row>`` elements that hold cells, and nothing else.
        number: of the row that must come next.
        above: rows with a smaller number than this are not content.

    Raises:
        NotSure: something is not as spreadsheets write it.
    """

    def __init__(self, text: str, number: int, above: int, book: Book) -> None:
        if "\r" in text or ENDLESS.search(text):
            raise NotSure
        lead, *pieces = text.split("<c ")
        began = LEAD.fullmatch(lead)
        if began is None or not pieces:
            raise NotSure
        cells = pl.Series(pieces).str.extract_groups(CELL).struct.unnest()
        row, column = book.cells.places(cells, int(began[1]))
        if row[0] < number:
            raise NotSure
        self.last = int(row[-1])
        self.first = max(number, above)
        self.count = max(self.last - self.first + 1, 0)
        kept = row >= self.first
        self._book, self._text, self._cells = book, text, cells.filter(pl.Series(kept))
        self._row, self._column = row[kept] - self.first, column[kept]

    def frame(self) -> pl.DataFrame:
        """See Rows."""
        width, book = self._book.width, self._book
        if book.full and (self._column >= width).any():
            raise NotSure
        ends = np.full(self.count, -1, np.int64)
        ends[self._row] = self._column  # the last of each row is written last
        odd = np.zeros(self.count, np.bool_) if book.full else ends != width - 1
        text, kind = book.cells.read(self._cells)
        inside = self._column < width
        place = self._row * width + self._column
        whole = inside.all() and place.size == self.count * width
        if not whole:
            grid = pl.repeat("", self.count * width, dtype=pl.String, eager=True)
            text = grid.scatter(place[inside], text.filter(pl.Series(inside)))
            kinds = np.zeros(self.count * width, np.uint8)
            kinds[place[inside]] = kind[inside]
            kind = kinds
        unfit = np.zeros(self.count, np.bool_)
        columns = []
        for number, fit in enumerate(book.fits):
            shown, wrong = fit.take(text.gather_every(width, number), kind[number::width])
            columns.append(shown.alias(str(number)))
            unfit |= wrong
        self.odd = np.flatnonzero(odd) if odd.any() else NONE
        self.unfit = unfit[~odd]
        frame = pl.DataFrame(columns)
        return frame.filter(pl.Series(~odd)) if odd.any() else frame

    def cells(self, offsets: Offsets) -> Iterator[list[Any]]:
        """See Rows."""
        at = 0
        for offset in offsets.tolist():
            number = self.first + offset
            start = self._text.find(f'<row r="{number}"', at)
            if start < 0:
                yield self._book.values("")
                continue
            opened = self._text.index(">", start)
            at = opened + 1 if self._text[opened - 1] == "/" else self._text.index("</row>", opened) + len("</row>")
            yield self._book.values(self._text[start:at])
