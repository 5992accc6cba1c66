"""Type ``year``: four digits."""

from __future__ import annotations

import polars as pl
from frictionless import Field

from ..bounds import bounds
from ..screen import Key, Screen

PLAIN = "^[0-9]{4}$"


def year_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS."""
    certain = matched = column.str.contains(PLAIN)
    value = column.cast(pl.Int64, strict=False)
    limits = bounds(field, int)
    for bound in limits:
        certain = certain & bound.passes(value, bound.value)
    key = Key(pl.when(matched).then(value), pl.Int64, lambda year: year)
    return Screen(certain, key, None if limits else PLAIN[1:-1])
