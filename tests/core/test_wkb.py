"""Bounds of geometries are those of their points, in any byte order and depth; no bytes do more than be refused."""

from __future__ import annotations

import struct
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.validate.gpkg_geometry import UNREAD, read_geometry
from ckanext.digitalcity.core.validate.places import Bounds
from ckanext.digitalcity.core.validate.wkb import bounds_of

Points = list[list[float]]
numbers = st.floats(-1e6, 1e6)
SIZES = {0: 2, 1: 3, 2: 3, 3: 4}
PARTS = st.sampled_from([4, 5, 6, 7, 9, 10, 11, 12, 15, 16])


def points(size: int) -> st.SearchStrategy[Points]:
    return st.lists(st.lists(numbers, min_size=size, max_size=size), max_size=5)


@st.composite
def geometries(draw: Any, deep: int = 4) -> tuple[bytes, Points]:
    """Well-known binary as the standard says, written apart from the reader, and all the points in it."""
    order, dimension = draw(st.sampled_from("<>")), draw(st.sampled_from(list(SIZES)))
    kind = draw(st.sampled_from([1, 2, 3, 8, 17, *([0] if deep else [])])) or draw(PARTS)
    head = struct.pack(f"{order}BI", order == "<", dimension * 1000 + kind)
    if kind == 1:
        point = draw(st.lists(numbers, min_size=SIZES[dimension], max_size=SIZES[dimension]) | st.none())
        return head + _packed(order, [point or [nan] * SIZES[dimension]]), [point] if point else []
    if kind in (2, 8):
        line = draw(points(SIZES[dimension]))
        return head + _counted(order, line), line
    if kind in (3, 17):
        rings = draw(st.lists(points(SIZES[dimension]), max_size=3))
        content = b"".join(_counted(order, ring) for ring in rings)
        return head + struct.pack(f"{order}I", len(rings)) + content, [point for ring in rings for point in ring]
    parts = draw(st.lists(geometries(deep - 1), max_size=3))
    content = b"".join(part for part, _ in parts)
    return head + struct.pack(f"{order}I", len(parts)) + content, [point for _, inner in parts for point in inner]


def _counted(order: str, line: Points) -> bytes:
    return struct.pack(f"{order}I", len(line)) + _packed(order, line)


def _packed(order: str, line: Points) -> bytes:
    return b"".join(struct.pack(f"{order}{len(point)}d", *point) for point in line)


def box(found: Points) -> Bounds | None:
    if not found:
        return None
    xs, ys = [point[0] for point in found], [point[1] for point in found]
    return min(xs), min(ys), max(xs), max(ys)


@given(geometries(), st.binary(max_size=4))
def test_the_bounds_are_those_of_all_points_wherever_the_geometry_begins(
    drawn: tuple[bytes, Points], before: bytes
) -> None:
    content, found = drawn
    assert bounds_of(before + content, len(before)) == box(found)


@given(geometries(), st.data())
def test_what_is_cut_off_or_too_long_is_refused(drawn: tuple[bytes, Points], data: st.DataObject) -> None:
    content, _ = drawn
    with pytest.raises(ValueError, match="is cut off"):
        bounds_of(content[: data.draw(st.integers(0, len(content) - 1))], 0)
    with pytest.raises(ValueError, match="is followed by something else"):
        bounds_of(content + b"\x00", 0)


@given(st.binary(max_size=60) | geometries().map(lambda drawn: drawn[0]), st.data())
def test_any_bytes_have_bounds_or_are_refused(content: bytes, data: st.DataObject) -> None:
    changed = bytearray(content)
    for at in data.draw(st.lists(st.integers(0, max(0, len(content) - 1)), max_size=3)) if content else []:
        changed[at] = data.draw(st.integers(0, 255))
    for read in (lambda: bounds_of(bytes(changed), 0), lambda: read_geometry(b"GP\0\1\0\0\0\0" + bytes(changed), 0)):
        try:
            west, south, east, north = read() or (0, 0, 0, 0)
        except ValueError as refused:
            assert str(refused).startswith(("is ", "has "))
        else:
            assert west <= east
            assert south <= north


@pytest.mark.parametrize(
    ("written", "bounds"),
    [
        # byte order 0, type 1, then x = 2.0 and y = 4.0
        ("00 00000001 4000000000000000 4010000000000000", (2, 4, 2, 4)),
        # the same point the other way round
        ("01 01000000 0000000000000040 0000000000001040", (2, 4, 2, 4)),
        # an empty point (OGC 12-128r19, 2.1.3: all its coordinates are NaN)
        ("01 01000000 000000000000f87f 000000000000f87f", None),
        # a point with height: the height is no edge
        ("00 000003e9 4000000000000000 4010000000000000 40f86a0000000000", (2, 4, 2, 4)),
        # a line of two points: (1 1, 2 4)
        ("00 00000002 00000002 3ff0000000000000 3ff0000000000000 4000000000000000 4010000000000000", (1, 1, 2, 4)),
        # a line and an area of nothing
        ("00 00000002 00000000", None),
        ("00 00000003 00000000", None),
        # two points of one multipoint, each in its own byte order
        (
            "00 00000004 00000002 00 00000001 3ff0000000000000 3ff0000000000000"
            " 01 01000000 0000000000000040 0000000000001040",
            (1, 1, 2, 4),
        ),
    ],
)
def test_bytes_written_by_hand_are_read_as_the_standard_says(written: str, bounds: Bounds | None) -> None:
    assert bounds_of(bytes.fromhex(written), 0) == bounds


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("02 00000001", "is damaged"),
        ("00 00000000", "is of a kind that the standard does not know"),
        ("00 0000000d", "is of a kind that the standard does not know"),
        ("00 00000012", "is of a kind that the standard does not know"),
        ("00 80000001", "is of a kind that the standard does not know"),  # how PostGIS marks heights, not the standard
        ("00 00000002 ffffffff 3ff0000000000000", "is cut off"),
        ("00 00000003 ffffffff 00000000 00000000", "is cut off"),
        ("00 00000001 4000000000000000 7ff8000000000000", "has a coordinate that is no number"),
        ("00 00000001 7ff0000000000000 4000000000000000", "has a coordinate that is no number"),
        ("00 00000002 00000001 7ff8000000000000 7ff8000000000000", "has a coordinate that is no number"),
        ("00 00000007 00000001 " * 2000, "is nested too deeply"),
    ],
)
def test_what_is_broken_says_how(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        bounds_of(bytes.fromhex(written), 0)


@pytest.mark.parametrize(
    ("flags", "envelope"),
    [
        ("00", ""),
        ("01", ""),
        ("02", "3ff0000000000000 4000000000000000 3ff0000000000000 4010000000000000"),
        ("04", "3ff0000000000000" * 6),
        ("06", "3ff0000000000000" * 6),
        ("08", "3ff0000000000000" * 8),
    ],
)
def test_every_form_of_the_header_leads_to_the_geometry_whose_own_points_count(flags: str, envelope: str) -> None:
    system = "e6100000" if int(flags) & 1 else "000010e6"
    point = "00 00000001 4000000000000000 4010000000000000"
    assert read_geometry(bytes.fromhex(f"4750 00 {flags} {system} {envelope} {point}"), 4326) == (2, 4, 2, 4)


def test_of_a_geometry_that_a_program_made_up_its_header_alone_says_where_it_is() -> None:
    edges = "3ff0000000000000 4000000000000000 4008000000000000 4010000000000000"  # 1 to 2 east, 3 to 4 north
    assert read_geometry(bytes.fromhex(f"4750 00 22 000010e6 {edges} 0a0b0c0d 0e"), 4326) == (1, 3, 2, 4)
    assert read_geometry(bytes.fromhex("4750 00 20 000010e6 0a0b0c0d 0e"), 4326) is UNREAD
    assert read_geometry(bytes.fromhex("4750 00 30 000010e6 0a0b0c0d 0e"), 4326) is None
