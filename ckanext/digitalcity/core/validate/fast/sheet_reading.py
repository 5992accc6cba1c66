"""A workbook's sheet: blocks of the rows of its XML (ECMA-376-1 18.3.1), in the order in which openpyxl reads them."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from frictionless import formats
from frictionless.resources import TableResource
from openpyxl import load_workbook
from openpyxl.utils.datetime import WINDOWS_EPOCH

from .blocks import Hashes
from .plan import Plan
from .reading import Reading, Show
from .rows import Rows
from .sheet_cells import Fit
from .sheet_rows import Book, SheetRows
from .unsure import NotSure

# The document in front of the rows, in UTF-8 and without prefixes; all else is for an XML parser.
HEAD = re.compile(r"(?:<\?xml [^>]*\?>)?\s*(<worksheet[^>]*>)")
UTF8 = re.compile(r"<\?xml [^>]*encoding=[\"'](?!(?i:utf-8)[\"'])")
BEGIN, END, CLOSE = "<sheetData>", "</row>", "</sheetData>"
LARGEST = 4  # blocks that one row, or all that is not rows, may fill


class SheetReading(Reading):
    """See Reading. Openpyxl itself says which texts, formats of dates and dimensions the workbook has."""

    def __init__(self, table: TableResource, path: Path, size: int, plan: Plan, show: Show | None) -> None:
        super().__init__(table, path, size, plan, show)
        control = formats.ExcelControl.from_dialect(table.dialect)
        if control.fill_merged_cells or control.preserve_formatting or control.stringified:
            raise NotSure
        self._fits = tuple(Fit(column, bool(plan.uniques)) for column in plan.columns)
        self._file = path.open("rb")  # openpyxl refuses a path without its usual ending
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._book = load_workbook(self._file, read_only=True, data_only=True)
        wanted = control.sheet
        self._sheet = self._book[wanted] if isinstance(wanted, str) else self._book.worksheets[wanted - 1]

    def close(self) -> None:
        """See Reading."""
        self._book.close()
        self._file.close()

    def read(self, hashes: Hashes | None) -> Iterator[tuple[int, Rows]]:
        """See Reading."""
        if self._book.epoch != WINDOWS_EPOCH:
            raise NotSure
        if hashes:
            with self.path.open("rb") as whole:
                while raw := whole.read(self.size):
                    hashes.update(raw)
        try:
            with (
                zipfile.ZipFile(self.path) as archive,
                archive.open(self._sheet._worksheet_path) as part,
                io.TextIOWrapper(part, "utf-8", newline="") as text,
            ):
                yield from self._rows(text)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise NotSure from None

    def _rows(self, part: io.TextIOWrapper) -> Iterator[tuple[int, Rows]]:
        held = self._until(part, "", BEGIN)
        head, _, held = held.partition(BEGIN)
        start = HEAD.match(head.removeprefix("\ufeff"))
        if start is None or UTF8.match(head):
            raise NotSure
        book = Book(self._sheet, start[1], self._fits)
        number, last = 1, self._sheet.max_row
        while True:
            closed = held.find(CLOSE)
            cut = held.rfind(END, 0, closed if closed >= 0 else len(held)) + len(END)
            if cut >= len(END):
                rows = SheetRows(held[:cut], number, self.plan.first, book)
                number = rows.last + 1
                if rows.count:
                    yield rows.first, rows
                held = held[cut:]
            if closed >= 0:
                break
            held = self._until(part, held, END)
        between, _, tail = held.partition(CLOSE)
        if between or (last is not None and number - 1 != last):
            raise NotSure  # openpyxl adds empty rows up to what the sheet claims to have, and reads none beyond
        while more := part.read(self.size):
            tail += more
            if len(tail) > LARGEST * self.size:
                raise NotSure
        book.check(f"{head}{BEGIN}{CLOSE}{tail}")

    def _until(self, part: io.TextIOWrapper, held: str, mark: str) -> str:
        """Reads on until something is there, or the end of the rows."""
        while True:
            more = part.read(self.size)
            held += more
            if mark in held or CLOSE in held:
                return held
            if not more or len(held) > LARGEST * self.size:
                raise NotSure
