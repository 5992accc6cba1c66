"""Type ``integer``: what Polars reads as 64 bits is a subset of what Python's ``int`` reads."""

from __future__ import annotations

from typing import Any

import polars as pl
from frictionless import Field

from ..bounds import bounds
from ..ranges import integers_within
from ..screen import Key, Screen
from ..unsure import NotSure

REACH = 1 << 63


def integer_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS. With ``bareNumber`` false other characters are taken away first, never a digit or the sign."""
    value = column.cast(pl.Int64, strict=False)
    certain = value.is_not_null() if field.bare_number else column.str.contains("^-?[0-9]{1,18}$")
    limits = bounds(field, int)
    for bound in limits:
        if abs(bound.value) >= REACH:
            raise NotSure
        certain = certain & bound.passes(value, bound.value)
    return Screen(certain, Key(value, pl.Int64, _key), integers_within(limits))


def _key(value: Any) -> int | None:
    return value if isinstance(value, int) and abs(value) < REACH else None
