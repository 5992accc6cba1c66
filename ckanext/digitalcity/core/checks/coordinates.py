"""Coordinates inside the council's area, and latitude and longitude not swapped.

The area is a rectangle: enough to find what councils really publish (0,0; a lost minus sign; swapped columns; another
grid), and a data officer can read it off any map.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.places import EDGES, Places
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Context
from .numeric import Numbers
from .unread import MISSING, unread

OUTSIDE, SWAPPED, UNCOMPARED = "coordinates-outside", "coordinates-swapped", "coordinates-not-compared"
DEGREES = ("EPSG:4326", "EPSG:4258")  # WGS 84 and ETRS89: less than a metre apart in Europe
METRES = ("EPSG:27700",)  # British National Grid


@dataclass(frozen=True, slots=True)
class Area:
    """The rectangle that a recipe states, in whatever units."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def of(cls, settings: Json) -> Area:
        """The one in a check's settings."""
        return cls(*(settings[edge] for edge in EDGES))

    @property
    def systems(self) -> tuple[str, ...]:
        """Coordinate reference systems that the edges can be numbers of."""
        degrees = max(abs(self.west), abs(self.east)) <= 180 and max(abs(self.south), abs(self.north)) <= 90
        return DEGREES if degrees else METRES

    def holds(self, west: str, south: str, east: str, north: str) -> pl.Expr:
        """Whether a rectangle in columns of a frame lies in the area with all its edges."""
        across = (pl.col(west) >= self.west) & (pl.col(east) <= self.east)
        return across & (pl.col(south) >= self.south) & (pl.col(north) <= self.north)

    def __str__(self) -> str:
        return f"latitude {self.south} to {self.north}, longitude {self.west} to {self.east}"  # as the recipe says


class Coordinates(Tally):
    """Points in two columns. Holds no state but its counts."""

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._latitude = Numbers(context.columns[settings["latitude"]])
        self._longitude = Numbers(context.columns[settings["longitude"]])
        self._area = Area.of(settings)

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        frame = rows.select(ROW).with_columns(y=self._latitude.of(rows), x=self._longitude.of(rows)).drop_nulls()
        wrong = frame.filter(~self._area.holds("x", "y", "x", "y"))
        swapped = self._area.holds("y", "x", "y", "x")
        self.note(SWAPPED, wrong.filter(swapped), self._latitude.column, str(self._area))
        self.note(OUTSIDE, wrong.filter(~swapped), self._latitude.column, str(self._area))

    def end(self) -> None:
        """See Tally."""
        unread(self, self._latitude, self._longitude)


class Geometries(Tally):
    """Points and shapes that the format itself has a place for. All that is left of them are their bounds."""

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._area, self._places = Area.of(settings), context.places

    def end(self) -> None:
        """See Tally."""
        if self._places is None:
            self.note_file(MISSING, "geometry", None, "coordinates")
        elif self._places.system not in self._area.systems:
            self._compare_nothing(self._places)
        else:
            self._compare(self._places.bounds)

    def _compare(self, bounds: pl.DataFrame) -> None:
        known = pl.all_horizontal(pl.col(EDGES).is_not_nan())
        self.note(UNCOMPARED, bounds.filter(~known), None)
        wrong = bounds.filter(known & ~self._area.holds("west", "south", "east", "north"))
        swapped = self._area.holds("south", "west", "north", "east")
        self.note(SWAPPED, wrong.filter(swapped), None, str(self._area))
        self.note(OUTSIDE, wrong.filter(~swapped), None, str(self._area))

    def _compare_nothing(self, places: Places) -> None:
        if places.bounds.height:
            wanted = " or ".join(self._area.systems)
            self.note_file(UNCOMPARED, None, None, f"{places.system or 'not stated'}; area in {wanted}")


def _build(settings: Json, context: Context) -> Tally:
    return (Coordinates if "latitude" in settings else Geometries)(settings, context)


def _problem(settings: Json) -> str:
    if ("latitude" in settings) != ("longitude" in settings):
        return "“latitude” and “longitude” go together. Leave both out where the file has geometries."
    if settings["south"] >= settings["north"]:
        return "“south” must be less than “north”."
    return "" if settings["west"] < settings["east"] else "“west” must be less than “east”; west of Greenwich is minus."


CHECK = Kind(
    name="coordinates",
    why="A point outside the council's area is a slip: swapped columns, a lost minus sign, 0 for unknown.",
    source="the area is the council's own; degrees are WGS 84 (EPSG:4326) if the file's are",
    settings={
        "latitude": Setting("column", "column that holds the latitude (or the northing)"),
        "longitude": Setting("column", "column that holds the longitude (or the easting)"),
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
            N_("Let the latitude (in Britain about 50 to 60) and the longitude change places."),
        ),
        UNCOMPARED: Explanation(
            N_("Places that cannot be compared with the area"),
            N_("The geometries are in another coordinate system than the area in the recipe, or cannot be read."),
            N_("State the area in the file's own units, or export the layer in WGS 84 or British National Grid."),
        ),
    },
    build=_build,
    problem=_problem,
)
