"""Geometries from strangers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.harvesters.geojson import geometry, point

POINT = {"type": "Point", "coordinates": [-4.3, 52.3]}
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


@pytest.mark.parametrize("value", [POINT, SQUARE, {"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]}])
def test_a_geometry_is_kept_with_or_without_its_wrapping(value: Any) -> None:
    assert geometry(value) == geometry({"type": "Feature", "geometry": value, "properties": None}) == value


def test_a_height_and_unknown_members_are_left_out() -> None:
    assert geometry({"type": "Point", "coordinates": [1, 2, 99.5], "crs": {"x": 1}}) == {
        "type": "Point",
        "coordinates": [1, 2],
    }


@pytest.mark.parametrize(
    "value",
    [None, 7, "POINT (1 2)", [], {}, {"type": "Feature"}, {"type": "Feature", "geometry": None}, {"type": "Point"},
     {"type": "Point", "coordinates": None}, {"type": "Point", "coordinates": [1]},
     {"type": "Disc", "coordinates": [1, 2]},
     {"type": "Point", "coordinates": [181, 2]}, {"type": "Point", "coordinates": [2, 91]}, {"type": ["Point"]},
     {"type": "Point", "coordinates": ["1", "2"]}, {"type": "Point", "coordinates": [True, 2]},
     {"type": "Point", "coordinates": ["NaN", 2]}, {"type": "Point", "coordinates": [float("inf"), 2]},
     {"type": "Polygon", "coordinates": [[1, 2]]}, {"type": "Polygon", "coordinates": []},
     {"type": "LineString", "coordinates": [[0, 0]] * 2001}],
)  # fmt: skip
def test_what_is_no_place_on_earth_is_no_geometry(value: Any) -> None:
    assert geometry(value) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("Point"),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "coordinates", "geometry"]), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_value_is_too_odd(value: Any) -> None:
    found = geometry(value)
    assert found is None or set(found) == {"type", "coordinates"}


def test_only_a_point_has_a_longitude_and_latitude() -> None:
    assert point(geometry(POINT)) == (-4.3, 52.3)
    assert point(geometry(SQUARE)) is None
    assert point(None) is None
