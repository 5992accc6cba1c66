"""Reading an index file's bytes as rows, whatever its encoding and delimiter."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from ckanext.digitalcity.core.errors import Skippable

MOST_IN_A_CELL = 100_000  # the csv module's own limit belongs to the whole process, and others change it
DELIMITERS = ",;\t|"
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def rows(body: bytes) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with its number in the file; the first is the header.

    Raises:
        Skippable: this is no CSV file.
    """
    text = decoded(body)
    if text.lstrip()[:1] == "<":
        raise Skippable("The address answers with a web page instead of a CSV file.", "Check the address.", "html")
    # strict, for a quote that is never closed would swallow the rest of the list without a word
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    blank = True
    try:
        for row in reader:
            if max(map(len, row), default=0) > MOST_IN_A_CELL:
                raise csv.Error
            if any(cell.strip() for cell in row):
                blank = False
                yield reader.line_num, row
    except csv.Error:
        raise Skippable(
            f"The index cannot be read as CSV after line {reader.line_num}.", "Check its quotes.", "not-csv"
        ) from None
    if blank:
        raise Skippable("The index is empty: it has not even a header.", "Check the address.", "empty")


def decoded(body: bytes) -> str:
    """Text in the encoding that the bytes announce, else UTF-8, else Windows' Western European."""
    encoding = next((name for bom, name in BOMS.items() if body.startswith(bom)), "utf-8")
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        text = body.decode("cp1252", "replace")
    return text.replace("\0", "")


def delimiter(text: str) -> str:
    """The one that divides the header into most columns; a comma if none does."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))
