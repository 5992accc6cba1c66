"""Where the geometries of a table are: not as cells of a column, but as the bounds of each."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
import polars as pl

from .watch import ROW

Bounds = tuple[float, float, float, float]  # west, south, east, north
EDGES = ("west", "south", "east", "north")


@dataclass(frozen=True, slots=True)
class Places:
    """The bounds of all geometries that are anywhere.

    Attributes:
        system: their coordinate reference system, such as ``EPSG:4326``; "" if the file does not say. East always
            comes before north, whatever the system's own order of axes.
        bounds: a frame with the number of the row and its four ``EDGES``; NaN where a geometry cannot be read.
    """

    system: str
    bounds: pl.DataFrame


class Gathering:
    """Collects bounds row by row, 40 bytes for each."""

    def __init__(self) -> None:
        self._numbers = array("d")

    def add(self, row: int, bounds: Bounds | None) -> None:
        """Notes one geometry; None is nowhere."""
        if bounds is not None:
            self._numbers.append(row)
            self._numbers.extend(bounds)

    def places(self, system: str) -> Places:
        """All that were noted."""
        numbers = np.frombuffer(self._numbers, dtype=np.float64).reshape(-1, 1 + len(EDGES))
        frame = pl.DataFrame({name: numbers[:, at] for at, name in enumerate((ROW, *EDGES))})
        return Places(system, frame.with_columns(pl.col(ROW).cast(pl.Int64)))
