"""One file per type of Table Schema: the texts that Frictionless certainly reads as that type."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from frictionless import Field

from ..screen import Screen
from .any import any_screen
from .boolean import boolean_screen
from .date import date_screen
from .datetime import datetime_screen
from .geopoint import geopoint_screen
from .integer import integer_screen
from .number import number_screen
from .string import string_screen
from .time import time_screen
from .year import year_screen
from .yearmonth import yearmonth_screen

# Each takes a field and its column; raises NotSure if it doesn't know the field's format or bounds.
# A type that is missing here is read by Frictionless's own cell reader, once for each distinct text.
SCREENS: dict[str, Callable[[Field, pl.Expr], Screen]] = {
    "any": any_screen,
    "boolean": boolean_screen,
    "date": date_screen,
    "datetime": datetime_screen,
    "geopoint": geopoint_screen,
    "integer": integer_screen,
    "number": number_screen,
    "string": string_screen,
    "time": time_screen,
    "year": year_screen,
    "yearmonth": yearmonth_screen,
}
