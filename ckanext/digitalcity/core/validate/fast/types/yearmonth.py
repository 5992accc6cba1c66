"""Type ``yearmonth``: four digits, a hyphen, a month of two digits."""

from __future__ import annotations

import polars as pl
from frictionless import Field

from ..bounds import bounds
from ..screen import Key, Screen
from ..unsure import NotSure

PLAIN = "^[0-9]{4}-(?:0[1-9]|1[0-2])$"


def yearmonth_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS. Such texts are ordered as the months are."""
    certain = matched = column.str.contains(PLAIN)
    limits = bounds(field, tuple)
    for bound in limits:
        if not 0 <= bound.value.year <= 9999:
            raise NotSure
        certain = certain & bound.passes(column, f"{bound.value.year:04}-{bound.value.month:02}")
    key = Key(pl.when(matched).then(column), pl.String, lambda value: f"{value.year:04}-{value.month:02}")
    return Screen(certain, key, None if limits else PLAIN[1:-1])
