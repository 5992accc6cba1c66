"""Geometries as a GeoPackage keeps them: a header of its own, then well-known binary (OGC 12-128r19, clause 2.1.3)."""

from __future__ import annotations

import struct

ENVELOPES = {0: 0, 1: 4, 2: 6, 3: 6, 4: 8}  # numbers in the header, by the code in its flags (Table 7)
EMPTY, EXTENDED, RESERVED = 0b0001_0000, 0b0010_0000, 0b1100_0000
KINDS = range(18)  # ISO 13249-3: Geometry to Triangle; thousands say whether there are heights and measures


def check_geometry(cell: object, system: object) -> str:
    """What is wrong with one geometry, as the end of a sentence, or "" if nothing is. A blank one is allowed.

    Args:
        system: number of the layer's coordinate reference system.
    """
    if cell is None:
        return ""
    if not isinstance(cell, bytes) or len(cell) < 8 or cell[:2] != b"GP" or cell[2] != 0:
        return "is not written as GeoPackage geometries are"
    flags = cell[3]
    order, numbers = "<" if flags & 1 else ">", ENVELOPES.get(flags >> 1 & 7)
    if numbers is None or flags & RESERVED:
        return "has a header that says what the standard does not know"
    if struct.unpack_from(f"{order}i", cell, 4)[0] != system:
        return "is in another coordinate reference system than its layer"
    begin = 8 + 8 * numbers
    if len(cell) < begin + 5:
        return "is cut off"
    bounds = struct.unpack_from(f"{order}{numbers}d", cell, 8)
    if not flags & EMPTY and any(low > high for low, high in zip(bounds[::2], bounds[1::2], strict=True)):
        return "has bounds that are the wrong way round"
    if flags & EXTENDED:  # of a kind that a program has made up: only it could read on
        return ""
    if cell[begin] not in (0, 1):
        return "is damaged"
    kind = struct.unpack_from("<I" if cell[begin] else ">I", cell, begin + 1)[0]
    return "" if kind % 1000 in KINDS and kind < 4000 else "is of a kind that the standard does not know"
