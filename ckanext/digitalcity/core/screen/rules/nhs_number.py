"""NHS numbers: ten digits, the last of them a check digit (NHS Data Dictionary, NHS NUMBER; modulus 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stdnum.gb import nhs

from ..column import Column
from ..rule import Rule, Ruling, Sight, Table, Tally

SHAPE = re.compile(r"(?<![\w.,:/+-])\d{3}([ -]?)\d{3}\1\d{4}(?![\w:/]|[.,-]\d)")
NAMES = ("nhs", "nhsno", "nhsnumber")
ENOUGH = 10  # one bare number of ten digits in eleven passes by chance, so a few that pass prove nothing


def look(texts: Sequence[str], columns: Sequence[Column]) -> Iterator[tuple[int, Sight, str]]:
    """Certain where the name or the words beside it say NHS; else likely if the check digit holds."""
    for index, text in enumerate(texts):
        match = SHAPE.search(text)
        if not match:
            continue
        digits = nhs.compact(match.group())
        if not nhs.is_valid(digits):
            yield index, Sight.SHAPED, ""
        elif columns[index].speaks_of(*NAMES) or re.search(r"\bNHS\b", text):
            yield index, Sight.CERTAIN, digits
        else:
            yield index, Sight.LIKELY, digits


def judge(tally: Tally, table: Table) -> list[Ruling]:
    """Without the name, nearly every number of that form in the column must pass, and enough different ones."""
    if tally.cells(Sight.CERTAIN):
        return [Ruling("personal", (Sight.CERTAIN, Sight.LIKELY))]
    many = tally.cells(Sight.LIKELY) >= ENOUGH and tally.values(Sight.LIKELY) > 1
    return [Ruling("personal", (Sight.LIKELY,))] if many and tally.share(Sight.LIKELY) > 0.95 else []


RULE = Rule("nhs-number", r"\d{3}[ -]?\d{3}[ -]?\d{4}", look, judge)
