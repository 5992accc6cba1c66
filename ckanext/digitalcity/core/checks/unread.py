"""A check that could read nothing must not look like one that found nothing."""

from __future__ import annotations

from typing import Protocol

from ..explanation import N_, Explanation
from .check import Tally
from .column import Column

MISSING, UNREAD = "check-column-missing", "check-not-read"

RULES = {
    MISSING: Explanation(
        N_("A column to be checked is missing"),
        N_("The recipe asks for a check of a column that the file does not have, so the check could not be made."),
        N_("Correct the name in the recipe, or find out why the export has lost the column."),
    ),
    UNREAD: Explanation(
        N_("A column to be checked could not be read"),
        N_("Not one cell of the column is of the kind that the check needs, so the check could not be made."),
        N_("Check that the recipe names the right column, and how dates or numbers are written in it."),
    ),
}


class Reader(Protocol):
    """Reads one column and counts the cells that hold something and those that it could read."""

    column: Column
    seen: int
    read: int


def unread(check: Tally, *readers: Reader) -> None:
    """Notes a fault of the file for every column in which nothing at all could be read."""
    for reader in readers:
        if reader.seen and not reader.read:
            check.note_file(UNREAD, reader.column.name, reader.column.position, "")
