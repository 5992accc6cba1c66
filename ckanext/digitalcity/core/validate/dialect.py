"""How a table is laid out in text: its delimiter, and on which row its header is. Simple, and never silent."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

SAMPLE = 262_144  # characters
DELIMITERS = ",\t;|"
SEPARATORS = DELIMITERS + "^~"  # by which a row that came out as one cell may be meant to be cut
PREAMBLE = 30  # rows that may stand above a header
SPACED_QUOTE = re.compile(r'[,;|\t] +"')
# A cell that is data and cannot well be a column's name: a number, a date, a time.
DATA = re.compile(r"\s*[-+(]?[£$€]?\s*\d[\d,.:/ TZ+-]*%?\)?\s*(am|pm)?\s*", re.I)

LONGEST = 60  # a longer cell is no date or number
NOTHING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})


def head_of(path: Path, encoding: str) -> str:
    """The beginning of a text file, cut after its last whole line if there is one."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        text = file.read(SAMPLE)
        more = bool(file.read(1))
    return text[: text.rfind("\n") + 1] or text if more else text


def detect_delimiter(text: str, prefer: str = ",") -> str:
    """The delimiter that cuts the most rows into the same number of cells, more than one; else the preferred one."""
    best, chosen = 0.3, prefer
    for delimiter in sorted(DELIMITERS, key=lambda one: one != prefer):
        widths = [len(row) for row in rows_of(text, delimiter) if any(row)]
        if not widths:
            continue
        width, often = Counter(widths).most_common(1)[0]
        score = often / len(widths) * (1 - 1 / width)
        if score > best:
            best, chosen = score, delimiter
    return chosen


def rows_of(text: str, delimiter: str, quote: str = '"') -> list[list[str]]:
    """The first rows of a sample; none if the csv module cannot read it."""
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote)
        return [row for _, row in zip(range(200), reader, strict=False)]
    except csv.Error:
        return []


def is_unsplit(rows: Sequence[Sequence[str]]) -> bool:
    """Whether every row is one cell, but some separator would cut nearly all into as many cells as the header."""
    filled = [row for row in rows if any(row)]
    if len(filled) < 2 or any(len(row) > 1 for row in filled):
        return False
    for separator in SEPARATORS:
        counts = [row[0].count(separator) for row in filled]
        if counts[0] and counts.count(counts[0]) >= 0.9 * len(counts):
            return True
    return False


def skips_spaces(text: str) -> bool:
    """Whether quotes stand after a delimiter and a space, where they only count if the space is skipped."""
    return bool(SPACED_QUOTE.search(text))


def detect_header(rows: Sequence[Sequence[object]]) -> int:
    """Number of the header's row, from 1; 0 where every cell of the first row is plainly data.

    Only rows that fill less than half of what rows usually fill can stand above a header: titles, notes, blank rows.
    """
    filled = [_filled(row) for row in rows]
    usual = median([count for count in filled if count] or [0])
    if usual < 2 or filled[0] > usual / 2:
        return 0 if _is_data(rows) else 1
    for number, count in enumerate(filled[:PREAMBLE], start=1):
        if count >= 0.8 * usual:
            return number
    return 1


def _filled(row: Sequence[object]) -> int:
    return sum(cell is not None and str(cell).strip() != "" for cell in row)


def _is_data(rows: Sequence[Sequence[object]]) -> bool:
    """First row all numbers, dates and times in the very shape of the second: headings of years are not."""
    if len(rows) < 3 or len(rows[0]) < 2:
        return False
    first, second = ([str(cell).strip() for cell in row] for row in rows[:2])
    known = [len(cell) < LONGEST and DATA.fullmatch(cell) is not None for cell in first]
    return (
        known[0]
        and not all(cell.isdigit() for cell in first)
        and sum(known) >= 0.5 * len(first)
        and all(is_data or cell.lower() in NOTHING for is_data, cell in zip(known, first, strict=True))
        and [_shape(cell) for cell in first] == [_shape(cell) for cell in second]
    )


def _shape(cell: str) -> str:
    return re.sub(r"\d+", "0", cell)
