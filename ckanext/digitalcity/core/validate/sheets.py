"""How many sheets of a workbook hold anything. Only the first is a table we check: the others must not slip by."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO

import xlrd

PORTION = 1 << 20
XLSX_VALUE = re.compile(rb"<(\w+:)?(v|t)[ >]")  # ECMA-376-1 18.3.1: the value of a cell, or its own text
ODS_TABLE = re.compile(rb"<table:table[ >]")
ODS_TEXT = re.compile(rb"<text:p[ />]")  # OpenDocument 1.3 part 3, 9.1.4: what a cell shows


def filled_sheets(path: Path, kind: str) -> int:
    """Counts the sheets with at least one value in them, hidden ones too."""
    if kind == "xls":
        with xlrd.open_workbook(file_contents=path.read_bytes(), on_demand=True) as book:
            return sum(book.sheet_by_index(number).nrows > 0 for number in range(book.nsheets))
    with zipfile.ZipFile(path) as archive:
        if kind == "ods":
            tables = ODS_TABLE.split(archive.read("content.xml"))[1:]
            return sum(ODS_TEXT.search(table) is not None for table in tables)
        names = [name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
        return sum(_holds_value(archive.open(name)) for name in names)


def _holds_value(part: IO[bytes]) -> bool:
    with part:
        while portion := part.read(PORTION):
            if XLSX_VALUE.search(portion):
                return True
    return False
