"""Who wants to see a table's rows while they pass by: the privacy screen, freshness, the checks of our own."""

from __future__ import annotations

from typing import Protocol

import polars as pl

ROW = "row"  # the column that holds each row's number in the file


class Watch(Protocol):
    """Sees every row of content once, in the order of the file, many at a time."""

    def see(self, rows: pl.DataFrame) -> None:
        """Looks at some rows.

        Args:
            rows: column ``row`` has their numbers (Int64, the header is row 1); columns ``0``, ``1`` ... have the
                cells as text, as they stand in the file, in the order of the labels. Rows that have too few or too
                many cells are left out: Frictionless reports those.
        """
        ...
