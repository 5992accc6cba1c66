"""Type ``time``: ISO 8601 to the second or finer, and strptime formats of numbers."""

from __future__ import annotations

from datetime import time
from typing import Any

import polars as pl
from frictionless import Field

from ..bounds import bounds
from ..screen import Key, Screen
from ..template import DATE, directives, pattern_of
from ..unsure import NotSure
from .datetime import FINER, ZONE

ISO = "%H:%M:%S"
LENGTH = 8


def time_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS."""
    default = field.format == "default"
    fmt = ISO if default else field.format
    pattern = pattern_of(fmt, FINER + ZONE if default else "")
    if pattern is None or not directives(fmt) or set(directives(fmt)) & DATE:
        raise NotSure
    certain = matched = column.str.contains(pattern)
    plain = column.str.len_bytes() == LENGTH
    limits = bounds(field, time)
    for bound in limits:
        limit = _text(bound.value)
        if not default or limit is None:
            raise NotSure
        certain = certain & plain & bound.passes(column, limit)
    key = Key(pl.when(matched & plain).then(column), pl.String, _text) if default else None
    return Screen(certain, key, None if limits else pattern[1:-1])


def _text(value: Any) -> str | None:
    plain = isinstance(value, time) and value.tzinfo is None and not value.microsecond
    return value.isoformat() if plain else None
