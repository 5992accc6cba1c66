"""Type ``any``: every text is valid and is its own value."""

from __future__ import annotations

import polars as pl
from frictionless import Field

from ..piece import ANY
from ..screen import Key, Screen
from .string import own_text


def any_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS."""
    return Screen(pl.lit(True), Key(column, pl.String, own_text, total=True), ANY)
