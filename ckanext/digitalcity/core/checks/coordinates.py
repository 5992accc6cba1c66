"""Coordinates inside the council's area, and latitude and longitude not swapped.

The area is a rectangle: enough to find what councils really publish (0,0; a lost minus sign; swapped columns; another
grid), and a data officer can read it off any map.
"""

from __future__ import annotations

import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Context
from .numeric import Numbers
from .unread import unread

OUTSIDE, SWAPPED = "coordinates-outside", "coordinates-swapped"


class Coordinates(Tally):
    """Holds no state but its counts."""

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._latitude = Numbers(context.columns[settings["latitude"]])
        self._longitude = Numbers(context.columns[settings["longitude"]])
        self._south, self._north = settings["south"], settings["north"]
        self._west, self._east = settings["west"], settings["east"]
        self._area = (
            f"latitude {self._south} to {self._north}, longitude {self._west} to {self._east}"  # as the recipe says
        )

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        frame = rows.select(ROW).with_columns(y=self._latitude.of(rows), x=self._longitude.of(rows)).drop_nulls()
        wrong = frame.filter(~self._inside("y", "x"))
        swapped = self._inside("x", "y")
        self.note(SWAPPED, wrong.filter(swapped), self._latitude.column, self._area)
        self.note(OUTSIDE, wrong.filter(~swapped), self._latitude.column, self._area)

    def end(self) -> None:
        """See Tally."""
        unread(self, self._latitude, self._longitude)

    def _inside(self, latitude: str, longitude: str) -> pl.Expr:
        within = pl.col(latitude).is_between(self._south, self._north)
        return within & pl.col(longitude).is_between(self._west, self._east)


def _problem(settings: Json) -> str:
    if settings["south"] >= settings["north"]:
        return "“south” must be less than “north”."
    return "" if settings["west"] < settings["east"] else "“west” must be less than “east”; west of Greenwich is minus."


CHECK = Kind(
    name="coordinates",
    why="A point outside the council's area is a slip: swapped columns, a lost minus sign, 0 for unknown.",
    source="the area is the council's own; degrees are WGS 84 (EPSG:4326) if the file's are",
    settings={
        "latitude": Setting("column", "column that holds the latitude (or the northing)", required=True),
        "longitude": Setting("column", "column that holds the longitude (or the easting)", required=True),
        "west": Setting("number", "western edge of the area", required=True),
        "south": Setting("number", "southern edge", required=True),
        "east": Setting("number", "eastern edge", required=True),
        "north": Setting("number", "northern edge", required=True),
    },
    rules={
        OUTSIDE: Explanation(
            N_("A point outside the area"),
            N_("The coordinates of the row lead to a place outside the area that the recipe states."),
            N_("Correct the coordinates: look for a lost minus sign, a missing digit, or 0 where nothing is known."),
        ),
        SWAPPED: Explanation(
            N_("Latitude and longitude are swapped"),
            N_("The row's point would be inside the area if its two coordinates changed places."),
            N_("Put the latitude (in Britain about 50 to 60) and the longitude into each other's columns."),
        ),
    },
    build=Coordinates,
    problem=_problem,
)
