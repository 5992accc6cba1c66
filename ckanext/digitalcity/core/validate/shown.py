"""Which names of columns may be shown: not those that are really the first row of the data."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What no column is called: an address, a date, a long number. Years and short numbers do stand in headings.
NOT_A_NAME = re.compile(
    r".*@.*\..*|\s*\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b.*|[\s£$€+(]*[\d,. -]{6,}\)?\s*|.*\d{5,}.*", re.S
)
LONGEST = 200


class Shown:
    """Names of columns by position, from 1; ``column 3`` where the header cannot be trusted to be one.

    Args:
        labels: cells of the header row.
        fields: names in the schema, if one was given: a header that shares none with it may well be data.
        has_header: whether there is a header row at all.
    """

    def __init__(self, labels: Sequence[str], fields: Sequence[str], has_header: bool) -> None:
        known = {name.strip().lower() for name in fields}
        shares = not known or any(label.strip().lower() in known for label in labels)
        self.trusted = has_header and shares and not any(NOT_A_NAME.fullmatch(label[:LONGEST]) for label in labels)
        self._labels = labels

    def __call__(self, position: int) -> str:
        """The name of one column."""
        if self.trusted and position <= len(self._labels) and self._labels[position - 1].strip():
            return self._labels[position - 1][:LONGEST]
        return f"column {position}"
