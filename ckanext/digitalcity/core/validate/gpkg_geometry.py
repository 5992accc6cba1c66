"""Geometries as a GeoPackage keeps them: a header of its own, then well-known binary (OGC 12-128r19, clause 2.1.3)."""

from __future__ import annotations

import struct
from math import nan

from .places import Bounds
from .wkb import bounds_of

ENVELOPES = {0: 0, 1: 4, 2: 6, 3: 6, 4: 8}  # numbers in the header, by the code in its flags (Table 7)
EMPTY, EXTENDED, RESERVED = 0b0001_0000, 0b0010_0000, 0b1100_0000
UNREAD: Bounds = (nan, nan, nan, nan)


def read_geometry(cell: object, system: object) -> Bounds | None:
    """Where one geometry is: ``UNREAD`` if only the program that made it could say, None if it is blank or empty.

    Args:
        system: number of the layer's coordinate reference system.

    Raises:
        ValueError: it is broken; the message is the end of a sentence that begins with the geometry.
    """
    if cell is None:
        return None
    if not isinstance(cell, bytes) or len(cell) < 8 or cell[:2] != b"GP" or cell[2] != 0:
        raise ValueError("is not written as GeoPackage geometries are")
    flags = cell[3]
    order, numbers = "<" if flags & 1 else ">", ENVELOPES.get(flags >> 1 & 7)
    if numbers is None or flags & RESERVED:
        raise ValueError("has a header that says what the standard does not know")
    if struct.unpack_from(f"{order}i", cell, 4)[0] != system:
        raise ValueError("is in another coordinate reference system than its layer")
    begin = 8 + 8 * numbers
    if len(cell) < begin + 5:
        raise ValueError("is cut off")
    envelope = struct.unpack_from(f"{order}{numbers}d", cell, 8)
    if not flags & EMPTY and any(low > high for low, high in zip(envelope[::2], envelope[1::2], strict=True)):
        raise ValueError("has bounds that are the wrong way round")
    if not flags & EXTENDED:
        return bounds_of(cell, begin)  # the header's bounds are only said to be the geometry's
    if flags & EMPTY:
        return None
    return (envelope[0], envelope[2], envelope[1], envelope[3]) if envelope else UNREAD
