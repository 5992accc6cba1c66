"""National Insurance numbers: two letters, six digits, one letter A to D (HMRC National Insurance Manual NIM39110)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..column import Column
from ..rule import Rule, Ruling, Sight, Table, Tally

# D, F, I, Q, U and V are in neither letter, O not in the second; seven pairs are never given out
SHAPE = re.compile(
    r"(?<![A-Za-z0-9])(?!BG|GB|KN|NK|NT|TN|ZZ)([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])"
    r"( ?)(\d{2})\2(\d{2})\2(\d{2})\2([A-D])(?![A-Za-z0-9])",
    re.I,
)
NAMES = ("ni", "nino", "insurance")


def look(texts: Sequence[str], columns: Sequence[Column]) -> Iterator[tuple[int, Sight, str]]:
    """Certain where the name, words or the usual spaces say so; else only likely: a code may look alike."""
    for index, text in enumerate(texts):
        match = SHAPE.search(text)
        if not match:
            continue
        named = columns[index].speaks_of(*NAMES) or re.search(r"\b(NI|NINO|national insurance)\b", text, re.I)
        certain = named or match.group(2) or not columns[index].is_identifier
        yield index, Sight.CERTAIN if certain else Sight.LIKELY, match.group().upper()


def judge(tally: Tally, table: Table) -> list[Ruling]:
    """What is only likely is not counted: a column of codes is full of them."""
    return [Ruling("personal", (Sight.CERTAIN,))] if tally.cells(Sight.CERTAIN) else []


HINT = r"(?i:[A-Z\u0130\u0131]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])"
RULE = Rule("ni-number", HINT, look, judge)
