"""How two texts differ, line by line, for pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 3  # unchanged lines that are shown beside a change


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``change``: ``same``, ``added``, ``removed``, or ``skipped`` for lines that are left out."""

    change: str
    text: str = ""
    was: int | None = None
    now: int | None = None


def compare(old: str, new: str) -> list[Line]:
    """The lines of both texts in order, with what is far from any change left out; empty if they are equal."""
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return []
    found: list[Line] = []
    for number, group in enumerate(SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(AROUND)):
        if number or group[0][1]:
            found.append(Line("skipped"))
        for tag, i1, i2, j1, j2 in group:
            found += _lines(tag, before, after, (i1, i2), (j1, j2))
    return found


def _lines(tag: str, before: list[str], after: list[str], old: tuple[int, int], new: tuple[int, int]) -> Iterator[Line]:
    if tag == "equal":
        for i, j in zip(range(*old), range(*new), strict=True):
            yield Line("same", before[i], i + 1, j + 1)
        return
    for i in range(*old):
        yield Line("removed", before[i], i + 1, None)
    for j in range(*new):
        yield Line("added", after[j], None, j + 1)
