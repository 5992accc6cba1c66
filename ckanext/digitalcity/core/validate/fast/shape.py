"""How the rows of one table are written, as Frictionless has settled it, and whether the screen can read that."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from frictionless import formats
from frictionless.resources import TableResource

from .unsure import NotSure


@dataclass(frozen=True, slots=True)
class Shape:
    """The dialect and width of a table.

    Attributes:
        width: cells in a row that is right.
        first: number of the first row that holds content.
        quote: empty if cells are never quoted.
        quotable: whether quotes are doubled inside quotes, which all parsers read alike.
        longest: characters that Python's csv module allows in a cell.
    """

    dialect: type[csv.Dialect] | csv.Dialect
    width: int
    first: int
    delimiter: bytes
    quote: bytes
    escape: bytes
    quotable: bool
    skip_space: bool
    longest: int


def shape_of(table: TableResource, width: int) -> Shape:
    """Reads the shape off an open table.

    Raises:
        NotSure: it has something that the screen doesn't know.
    """
    dialect = table.dialect
    control = dialect.get_control("csv")
    if not isinstance(control, formats.CsvControl):
        raise NotSure
    found = control.to_python()
    marks = [found.delimiter, found.quotechar or "", found.escapechar or ""]
    if any(len(mark) > 1 or not mark.isascii() or mark in ("\r", "\n") for mark in marks) or not found.delimiter:
        raise NotSure
    quote = "" if found.quoting == csv.QUOTE_NONE else found.quotechar or ""
    used = [mark for mark in (found.delimiter, quote, found.escapechar or "") if mark]
    if len(set(used)) < len(used):
        raise NotSure
    return Shape(
        dialect=found,
        width=width,
        first=dialect.create_first_content_row(),
        delimiter=found.delimiter.encode(),
        quote=quote.encode(),
        escape=(found.escapechar or "").encode(),
        quotable=bool(found.doublequote),
        skip_space=bool(found.skipinitialspace),
        longest=csv.field_size_limit(),
    )
