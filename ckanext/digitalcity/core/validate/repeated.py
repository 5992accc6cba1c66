"""Rows that are the header again: files that were joined, or tables printed one below the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
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
        if not self._labels:
            return
        # NumPy, no query and no arg_true: those begin threads, for which a process forked later waits for ever
        same = (rows.get_column("0") == self._labels[0]).to_numpy().astype(bool)
        for place in np.flatnonzero(same).tolist():
            cells = rows.row(place, named=True)
            if all((cells[str(at)] or "").strip() == label for at, label in enumerate(self._labels)):
                self.count += 1
                self.rows += [cells[ROW]] if self.count <= MOST else []
