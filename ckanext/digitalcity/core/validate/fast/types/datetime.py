"""Type ``datetime``: ISO 8601 to the second or finer, with or without time zone, and strptime formats of numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
from frictionless import Field

from ..bounds import Bound, bounds
from ..screen import Key, Screen
from ..template import pattern_of
from ..unsure import NotSure

ISO = "%Y-%m-%dT%H:%M:%S"
ZONE = "(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
FINER = "(?:[.][0-9]{1,6})?"
LENGTH = 19  # of a text in ISO


def datetime_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS."""
    default = field.format == "default"
    pattern = pattern_of(ISO, FINER + ZONE) if default else pattern_of(field.format)
    if pattern is None or "%" not in (ISO if default else field.format):
        raise NotSure
    certain = column.str.contains(pattern)
    limits = bounds(field, datetime)
    for bound in limits:
        if not default:
            raise NotSure
        certain = certain & _within(column, bound)
    if not default:
        return Screen(certain, None, pattern[1:-1])
    # to the second, without zone or in UTC: then two texts are the same moment only if they are the same text
    plain = (column.str.len_bytes() == LENGTH) | ((column.str.len_bytes() == LENGTH + 1) & column.str.ends_with("Z"))
    key = Key(pl.when(certain & plain).then(column), pl.String, _text)
    return Screen(certain, key, None if limits else pattern[1:-1])


def _within(column: pl.Expr, bound: Bound) -> pl.Expr:
    limit = _text(bound.value.replace(microsecond=0))
    if limit is None:
        raise NotSure
    zone = limit[LENGTH:]
    alike = column.str.ends_with(zone) if zone else column.str.len_bytes() == LENGTH
    second = column.str.slice(0, LENGTH)
    within: pl.Expr = bound.strictly(second, limit[:LENGTH])
    if bound.passes is not bound.strictly and not bound.value.microsecond:
        within = within | (column == limit)
    return alike & within


def _text(value: Any) -> str | None:
    """A moment as its only text; None if it has none."""
    if not isinstance(value, datetime) or value.microsecond or not 1000 <= value.year <= 2999:
        return None
    if value.utcoffset() is None:
        return value.replace(tzinfo=None).isoformat()
    moment = value.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if 1000 <= moment.year <= 2999 else None
