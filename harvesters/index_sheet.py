"""Reading an index that is a workbook (XLSX, ODS) as rows of text."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

import ezodf
import openpyxl
from lxml.etree import LxmlError

from ckanext.digitalcity.core.errors import Skippable

MAGIC = b"PK\x03\x04"
MOST = {"xlsx": 200_000_000, "ods": 20_000_000}  # bytes unpacked; an ODS is held in memory as a whole
MOST_ROWS = 200_000
DECLARES = re.compile(rb"<!(DOCTYPE|ENTITY)")
# what the two libraries raise on workbooks that are broken
BROKEN = (BadZipFile, zlib.error, LxmlError, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
          NotImplementedError, EOFError, RuntimeError)  # fmt: skip


def is_workbook(body: bytes) -> bool:
    """Whether bytes are a zip file, as workbooks are."""
    return body.startswith(MAGIC)


def rows(body: bytes, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with its number in the sheet.

    Args:
        sheet: its name; "" for the first.

    Raises:
        Skippable: this is no workbook, or it has no such sheet.
    """
    try:
        found = list(_ods(body, sheet) if _kind(body) == "ods" else _xlsx(body, sheet))
    except BROKEN:
        raise Skippable("The index is no workbook that can be read (XLSX, ODS).", "Save it anew.", "not-csv") from None
    if not found:
        raise Skippable("The index is empty: it has not even a header.", "Check the sheet.", "empty")
    yield from found


def _kind(body: bytes) -> str:
    """``xlsx`` or ``ods``, once it is sure that reading it does no harm."""
    with ZipFile(io.BytesIO(body)) as archive:
        kind = "ods" if "content.xml" in archive.namelist() else "xlsx"
        if sum(member.file_size for member in archive.infolist()) > MOST[kind]:
            raise Skippable("The index is larger than is read, once unpacked.", "Save it as CSV.", "too-large")
        for member in archive.infolist():
            with archive.open(member) as part:
                if DECLARES.search(part.read(4_096)):
                    raise Skippable("The index has a document type.", "Save it anew.", "document-type")
    return kind


def _xlsx(body: bytes, wanted: str) -> Iterator[tuple[int, list[str]]]:
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    names = book.sheetnames
    sheet = book[_chosen(names, wanted)]
    sheet.reset_dimensions()  # what a workbook claims of its size is often wrong
    yield from _numbered(sheet.iter_rows(values_only=True))


def _ods(body: bytes, wanted: str) -> Iterator[tuple[int, list[str]]]:
    sheets = ezodf.opendoc(io.BytesIO(body)).sheets
    sheet = sheets[_chosen(list(sheets.names()), wanted)]
    yield from _numbered([cell.value for cell in row] for row in sheet.rows())


def _chosen(names: list[str], wanted: str) -> str:
    if not names or (wanted and wanted not in names):
        raise Skippable(
            f"The index has no sheet called “{wanted}”." if wanted else "The index has no sheet.",
            f"Its sheets are: {', '.join(name[:60] for name in names[:20])}.",
            reason="no-sheet",
        )
    return wanted or names[0]


def _numbered(found: Any) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(found, 1):
        if number > MOST_ROWS:
            raise Skippable(f"The index has more than {MOST_ROWS} rows.", "Divide it.", "too-large")
        cells = [_text(value) for value in row]
        if any(cell.strip() for cell in cells):
            yield number, cells


def _text(value: Any) -> str:
    """A cell as people read it: whole numbers without a fraction, days without a time."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
