"""Tables in Apache Parquet, as rows of Python values. Polars reads them: Frictionless's own way takes pandas and Arrow,
and turns integers with a gap among them into fractions.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from ..reasons import Unchecked
from .json_rows import as_json

MOST_CELLS = 20_000_000  # as Python values they take memory many times over


def parquet_rows(path: Path, longest: int) -> list[list[Any]]:
    """Reads a whole file: labels first, then the rows.

    Raises:
        Unchecked: it is broken (``unreadable``), has too many cells (``memory-limit``) or a ``giant-cell``.
    """
    try:
        lazy = pl.scan_parquet(path)
        if lazy.select(pl.len()).collect().item() * len(lazy.collect_schema()) > MOST_CELLS:
            raise Unchecked("The table has more cells than can be checked.", reason="memory-limit")
        frame = lazy.collect()
    except (pl.exceptions.PolarsError, OSError) as broken:
        raise Unchecked("The Parquet file is broken or incomplete.", reason="unreadable") from broken
    rows = [list(row) for row in chain([frame.columns], frame.iter_rows())]
    for row in rows:
        for cell in row:
            if isinstance(cell, str | bytes | list | dict) and len(as_json(cell)) > longest:
                raise Unchecked("A cell is longer than any cell should be.", reason="giant-cell")
    return rows
