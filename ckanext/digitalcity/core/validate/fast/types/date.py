"""Type ``date``: ISO dates and strptime formats of numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
from frictionless import Field

from ..bounds import bounds
from ..screen import Key, Screen
from ..template import DATE, directives, pattern_of
from ..unsure import NotSure

ISO = "%Y-%m-%d"


def date_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS."""
    fmt = ISO if field.format == "default" else field.format
    pattern = pattern_of(fmt)
    if pattern is None or not directives(fmt):
        raise NotSure
    certain = matched = column.str.contains(pattern)
    limits = bounds(field, date)
    for bound in limits:
        if fmt != ISO or bound.value.year < 1000:  # ISO dates are ordered as texts are
            raise NotSure
        certain = certain & bound.passes(column, bound.value.isoformat())
    whole = set(directives(fmt)) <= DATE  # else two texts may be the same date
    key = Key(pl.when(matched).then(column), pl.String, _key(fmt)) if whole else None
    return Screen(certain, key, None if limits else pattern[1:-1])


def _key(fmt: str) -> Callable[[Any], str | None]:
    def key(value: Any) -> str | None:
        return value.strftime(fmt) if isinstance(value, date) and value.year >= 1000 else None

    return key
