"""Type ``number``: what Polars reads as a double is a subset of what Python's ``Decimal`` and ``float`` read."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite
from typing import Any

import polars as pl
from frictionless import Field

from ..bounds import bounds
from ..ranges import numbers_within
from ..screen import Key, Screen
from ..unsure import NotSure

GROUPS = frozenset(", '_.\u00a0\u202f")


def number_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS.

    Rounding to a double keeps the order of numbers: what is strictly within the rounded bounds is within the
    bounds; what equals one is for Frictionless to compare. Equal numbers are equal doubles, so doubles will do
    as keys: different numbers that round to one double are compared by Frictionless.
    """
    decimal, group = field.decimal_char, field.group_char
    limits = bounds(field, (int, Decimal, float))
    if (decimal, group) == (".", "") and field.bare_number:
        value = column.cast(pl.Float64, strict=False)
        certain = value.is_not_null()
    else:
        certain, value = _marked(column, decimal, group)
    if limits:
        certain = certain & value.is_not_nan()  # Polars holds it to be more than every number
    for bound in limits:
        certain = certain & bound.strictly(value, _double(bound.value))
    piece = numbers_within(limits) if (decimal, group) == (".", "") else None
    return Screen(certain, Key(value + 0.0, pl.Float64, _key), piece)  # minus zero is zero


def _marked(column: pl.Expr, decimal: str, group: str) -> tuple[pl.Expr, pl.Expr]:
    """Plain digits with marks: certain, and the value."""
    if decimal not in (".", ",") or group == decimal or (group and group not in GROUPS):
        raise NotSure
    mark = re.escape(group)
    digits = f"[0-9](?:{mark}[0-9]|[0-9])*" if group else "[0-9]+"
    plain = column.str.replace_all(group, "", literal=True) if group else column
    if decimal != ".":
        plain = plain.str.replace_all(decimal, ".", literal=True)
    certain = column.str.contains(f"^-?{digits}(?:{re.escape(decimal)}[0-9]+)?$")
    return certain, plain.cast(pl.Float64, strict=False)


def _double(value: Any) -> float:
    try:
        double = float(value)
    except (OverflowError, ValueError):
        raise NotSure from None
    if not isfinite(double):
        raise NotSure
    return double


def _key(value: Any) -> float | None:
    try:
        return float(value) + 0.0
    except (OverflowError, ValueError, TypeError):
        return None
