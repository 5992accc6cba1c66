"""Rows that are the header again: files that were joined, or tables printed one below the other."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .watch import ROW

MOST = 10  # rows that are listed


class RepeatedHeader:
    """Watches for rows that say what the header says. Frictionless takes them for data wherever text is allowed.

    Args:
        labels: of the columns; fewer than two are too little to tell.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = [label.strip() for label in labels] if len(labels) > 1 and any(labels) else []
        self.count = 0
        self.rows: list[int] = []

    def see(self, rows: pl.DataFrame) -> None:
        """Looks at some rows."""
        for position, label in enumerate(self._labels):
            rows = rows.filter(pl.col(str(position)).str.strip_chars() == label)
            if not rows.height:
                return
        if self._labels:
            self.count += rows.height
            self.rows += rows.get_column(ROW).to_list()[: MOST - len(self.rows)]
