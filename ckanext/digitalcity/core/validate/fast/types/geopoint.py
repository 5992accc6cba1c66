"""Type ``geopoint``: longitude and latitude with a comma between them."""

from __future__ import annotations

import polars as pl
from frictionless import Field

from ..screen import Screen
from ..unsure import NotSure

LON = r"-?(?:[0-9]{1,2}|1[0-7][0-9])(?:\.[0-9]{1,20})?"
LAT = r"-?[0-8]?[0-9](?:\.[0-9]{1,20})?"


def geopoint_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS."""
    if field.format != "default":
        raise NotSure
    piece = f"{LON}, ?{LAT}"
    return Screen(column.str.contains(f"^{piece}$"), piece=piece)
