"""Reads cells as numbers, in the way that the schema says: certain texts at once, each other one by Frictionless."""

from __future__ import annotations

from math import isnan
from typing import Any

import polars as pl
from frictionless import Field

from ..validate.fast.types import SCREENS
from ..validate.fast.unsure import NotSure
from .column import Column

TYPES = ("number", "integer", "year")


class Numbers:
    """One column's numbers. ``seen`` counts cells that hold something, ``read`` those that are numbers."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.seen = self.read = 0
        known = column.field if column.field.get("type") in TYPES else {"name": column.name, "type": "number"}
        # a value that breaks a constraint is a value all the same
        descriptor = {key: value for key, value in known.items() if key not in ("constraints", "example")}
        field = Field.from_descriptor({**descriptor, "missingValues": list(column.missing)})
        self._reader = field.create_cell_reader()
        self._fast = _fast(field, column.text)

    def of(self, rows: pl.DataFrame) -> pl.Series:
        """Doubles; null for what is missing or no number."""
        there = rows.select(there=self.column.there, value=self._fast, text=self.column.text)
        values = there.select(pl.when("there").then("value").fill_nan(None)).to_series()
        doubtful = there.filter(pl.col("there") & values.is_null()).get_column("text").unique().to_list()
        known = {text: value for text in doubtful if (value := self._number(text)) is not None}
        if known:
            slow = there.get_column("text").replace_strict(known, default=None, return_dtype=pl.Float64)
            values = values.fill_null(there.select(pl.when("there").then(slow)).to_series())
        self.seen += int(there.get_column("there").sum())
        self.read += len(values) - values.null_count()
        return values

    def _number(self, text: str) -> float | None:
        try:
            value: Any = self._reader(text)[0]
            number = float(value) if value is not None else None
        except OverflowError:  # more than a double holds: beyond any bound
            return float("-inf") if value < 0 else float("inf")
        except (ArithmeticError, TypeError, ValueError):
            return None
        return None if number is None or isnan(number) else number


def _fast(field: Field, text: pl.Expr) -> pl.Expr:
    nothing = pl.lit(None, pl.Float64)
    try:
        screen = SCREENS[field.type](field, text)
    except NotSure:
        return nothing
    if screen.key is None or field.type == "year":
        return nothing
    return pl.when(screen.certain).then(screen.key.expr.cast(pl.Float64))
