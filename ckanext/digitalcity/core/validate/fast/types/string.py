"""Type ``string``: text as it is, with the constraints that only text has."""

from __future__ import annotations

from typing import Any

import polars as pl
from frictionless import Field

from ..pattern import rust_pattern
from ..piece import ANY, steady
from ..screen import Key, Screen
from ..unsure import NotSure

PAIR = r"-?[0-9]+(?:\.[0-9]+)? -?[0-9]+(?:\.[0-9]+)?"
LINE = rf"\({PAIR}(?:, ?{PAIR})*\)"
AREA = rf"\({LINE}(?:, ?{LINE})*\)"
FORMATS = {
    # narrower than what Frictionless accepts; the rest is read by Frictionless
    "email": (
        r"^[A-Za-z0-9_]{1,20}(?:[.-][A-Za-z0-9_]{1,20}){0,2}"
        r"@[a-z0-9]{1,20}(?:-[a-z0-9]{1,20})?(?:\.[a-z]{2,6}){1,2}$"
    ),
    "uri": r"^https?://[a-z0-9]{1,40}(?:[.-][a-z0-9]{1,40}){0,8}(?:/[A-Za-z0-9._~-]*)*$",
    # Frictionless's own parser takes a millisecond for each corner
    "wkt": (
        rf"^(?:POINT ?\({PAIR}\)|LINESTRING ?{LINE}|(?:POLYGON|MULTILINESTRING) ?{AREA}"
        rf"|MULTIPOLYGON ?\({AREA}(?:, ?{AREA})*\))$"
    ),
    "uuid": r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
}


def string_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS."""
    key = Key(column, pl.String, own_text, total=True)
    if field.format == "default":
        certain = pl.lit(True)
    elif field.format in FORMATS:
        certain = column.str.contains(FORMATS[field.format])
    else:
        return Screen(pl.lit(False), key)
    limits = field.constraints
    piece = ANY if field.format == "default" else None
    if (shortest := limits.get("minLength")) is not None:
        certain = certain & (column.str.len_chars() >= _length(shortest))
    if (longest := limits.get("maxLength")) is not None:
        certain = certain & (column.str.len_chars() <= _length(longest))
    if piece and not shortest is longest is None:
        piece = steady(f".{{{shortest or 0},{'' if longest is None else longest}}}")
    if (pattern := limits.get("pattern")) is not None:
        known = _known(pattern)
        certain = certain & (pl.lit(False) if known is None else column.str.contains(known))
        piece = steady(pattern) if known and piece == ANY else None
    return Screen(certain, key, piece)


def own_text(value: Any) -> str | None:
    """A text is its own key."""
    return value if isinstance(value, str) else None


def _length(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 31:
        raise NotSure
    return value


def _known(pattern: Any) -> str | None:
    """The pattern for Polars, if it can be tried there."""
    known = rust_pattern(pattern) if isinstance(pattern, str) else None
    if known is None:
        return None
    try:
        pl.select(pl.lit("").str.contains(known))
    except pl.exceptions.PolarsError:
        return None
    return known
