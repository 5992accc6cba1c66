"""Bounds of a geometry in well-known binary (OGC 06-103r4 clause 8.2, ISO 13249-3). The bytes may be hostile.

No count is believed before the bytes that it speaks of are there: time and memory stay in line with their number.
"""

from __future__ import annotations

import struct
from math import isfinite, isnan
from typing import Any

import numpy as np

from .places import Bounds

DEEPEST = 16  # geometries in one another; a collection of surfaces whose rings are compound curves needs 5
KINDS = range(1, 18)  # Point to Triangle; thousands say whether there are heights, measures or both
ABSTRACT = (13, 14)  # Curve and Surface: what has such a code could only be one of their subtypes


def bounds_of(content: bytes, begin: int) -> Bounds | None:
    """West, south, east and north of the points (of arcs: those that they are drawn through); None if there is none.

    Raises:
        ValueError: it is broken; the message is the end of a sentence that begins with the geometry.
    """
    reader = _Reader(content, begin)
    reader.geometry(DEEPEST)
    if reader.at < len(content):
        raise ValueError("is followed by something else")
    return reader.bounds


class _Reader:
    def __init__(self, content: bytes, begin: int) -> None:
        self._content, self.at = content, begin
        self.bounds: Bounds | None = None

    def geometry(self, deeper: int) -> None:
        if not deeper:
            raise ValueError("is nested too deeply")
        mark = self._take("<B")[0]
        if mark not in (0, 1):
            raise ValueError("is damaged")
        order = "<" if mark else ">"
        code = self._take(f"{order}I")[0]
        dimension, kind = divmod(code, 1000)
        if dimension > 3 or kind not in KINDS or kind in ABSTRACT:
            raise ValueError("is of a kind that the standard does not know")
        size = (2, 3, 3, 4)[dimension]
        match kind:
            case 1:
                x, y, *_ = self._take(f"{order}{size}d")
                if not (isnan(x) and isnan(y)):  # OGC 12-128r19, clause 2.1.3: an empty point
                    self._widen(x, y, x, y)
            case 2 | 8:  # LineString, CircularString
                self._points(order, size)
            case 3 | 17:  # Polygon, Triangle
                for _ in range(self._count(order)):
                    self._points(order, size)
            case _:
                for _ in range(self._count(order)):
                    self.geometry(deeper - 1)

    def _points(self, order: str, size: int) -> None:
        count = self._count(order)
        begin = self._pass(count * size * 8)
        if count:
            numbers = np.frombuffer(self._content, f"{order}f8", count * size, begin).reshape(count, size)
            low, high = numbers.min(axis=0), numbers.max(axis=0)
            self._widen(float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def _widen(self, *box: float) -> None:
        if not all(map(isfinite, box)):
            raise ValueError("has a coordinate that is no number")
        west, south, east, north = box
        if self.bounds:
            west, south = min(west, self.bounds[0]), min(south, self.bounds[1])
            east, north = max(east, self.bounds[2]), max(north, self.bounds[3])
        self.bounds = west, south, east, north

    def _count(self, order: str) -> int:
        return int(self._take(f"{order}I")[0])

    def _take(self, form: str) -> tuple[Any, ...]:
        return struct.unpack_from(form, self._content, self._pass(struct.calcsize(form)))

    def _pass(self, size: int) -> int:
        begin = self.at
        if size > len(self._content) - begin:
            raise ValueError("is cut off")
        self.at = begin + size
        return begin
