"""Geometries of a GeoPackage are compared with the council's area; the key that programs add is no data."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from geopackages import geometry, write

from ckanext.digitalcity.core import check_server
from ckanext.digitalcity.core.check import Limits, Request
from ckanext.digitalcity.core.model import CheckResult, Outcome

Gate = Callable[..., CheckResult]
DEGREES = {"west": -3.4, "south": 51.4, "east": -2.9, "north": 51.7}
METRES = {"west": 305000, "south": 165000, "east": 335000, "north": 195000}
CARDIFF, SWAPPED, NULL_ISLAND = (-3.18, 51.48), (51.48, -3.18), (0.0, 0.0)
LINE = b"\x01\x02\x00\x00\x00\x02\x00\x00\x00"


def system(code: int) -> str:
    return f"UPDATE gpkg_geometry_columns SET srs_id = {code}"


def judge(request: Request) -> CheckResult:
    return check_server.judge(request, Limits())


def told(result: CheckResult) -> list[tuple[str, int | None]]:
    return [(fault.rule, fault.row) for fault in result.beyond]


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """Checks a layer whose rows have a name and these geometries."""

    def run(cells: list[bytes | None], *more: str, area: Any = DEGREES, **settings: Any) -> CheckResult:
        rows = [[number, f"tree {number}", cell] for number, cell in enumerate(cells, start=1)]
        path = write(tmp_path / "a", {"trees": [["fid", "name", "geom"], *rows]}, "", *more)
        return judge(Request(str(path), "0" * 64, "trees.gpkg", checks=[{"coordinates": {**area, **settings}}]))

    return run


@pytest.mark.parametrize("code", [4326, 4258])
def test_points_outside_the_area_and_swapped_ones_are_told_with_their_rows(gate: Gate, code: int) -> None:
    places = (CARDIFF, SWAPPED, NULL_ISLAND)
    result = gate([geometry(system=code, numbers=place) for place in places] + [None], system(code))
    assert told(result) == [("coordinates-swapped", 3), ("coordinates-outside", 4)]
    assert result.outcome is Outcome.FAILED
    assert result.beyond[1].detail == "latitude 51.4 to 51.7, longitude -3.4 to -2.9"


def test_the_area_may_be_in_metres_as_the_layer_is(gate: Gate) -> None:
    assert told(gate([geometry(), geometry(numbers=(176000, 318000))], area=METRES)) == [("coordinates-swapped", 3)]


def test_a_shape_is_outside_if_any_part_of_it_is_whatever_its_header_says(gate: Gate) -> None:
    shape = geometry(kind=2, system=4326, flags=3, envelope=(-3.2, -3.1, 51.5, 51.6), numbers=(*CARDIFF, *NULL_ISLAND))
    shape = shape[:40] + LINE + shape[45:]
    assert told(gate([shape], system(4326))) == [("coordinates-outside", 2)]


@pytest.mark.parametrize(
    ("more", "area", "says"),
    [
        ((), DEGREES, "EPSG:27700; area in EPSG:4326 or EPSG:4258"),
        ((system(4326),), METRES, "EPSG:4326; area in EPSG:27700"),
        ((system(3857),), METRES, "EPSG:3857; area in EPSG:27700"),
        ((system(-1),), METRES, "not stated; area in EPSG:27700"),
        (("DROP TABLE gpkg_spatial_ref_sys",), METRES, "not stated; area in EPSG:27700"),
        (("UPDATE gpkg_spatial_ref_sys SET organization = 'jo'",), METRES, "not stated; area in EPSG:27700"),
        (("INSERT INTO gpkg_spatial_ref_sys VALUES ('', 27700, 'EPSG', 4326)",), METRES,
         "not stated; area in EPSG:27700"),
    ],
)  # fmt: skip
def test_places_in_other_units_than_the_area_are_said_to_be_unchecked(
    gate: Gate, more: tuple[str, ...], area: Any, says: str
) -> None:
    code = int(more[0].rpartition(" ")[2]) if more and "srs_id" in more[0] else 27700
    result = gate([geometry(system=code)], *more, area=area)
    assert [(fault.rule, fault.row, fault.detail) for fault in result.beyond] == [
        ("coordinates-not-compared", None, says)
    ]
    assert result.outcome is Outcome.FAILED
    assert gate([geometry(system=code)], *more, area=area, level="warning").outcome is Outcome.PASSED


def test_a_geometry_that_cannot_be_read_is_said_to_be_unchecked(gate: Gate) -> None:
    own = geometry(flags=0b100001)
    assert told(gate([geometry(), own], area=METRES)) == [("coordinates-not-compared", 3)]


def test_what_has_no_geometries_has_none_to_check(gate: Gate, tmp_path: Path) -> None:
    assert told(gate([None, geometry(flags=0b10001, numbers=[float("nan")] * 2)])) == []
    path = write(tmp_path / "b", {"trees": [["id"], [1]]})
    request = Request(str(path), "0" * 64, "trees.gpkg", checks=[{"coordinates": DEGREES}])
    assert told(judge(request)) == [("check-column-missing", None)]


def test_columns_of_numbers_can_still_be_named(gate: Gate, tmp_path: Path) -> None:
    path = write(tmp_path / "b", {"trees": [["lat", "lon", "geom"], [*NULL_ISLAND, geometry()]]})
    check = {"coordinates": {**DEGREES, "latitude": "lat", "longitude": "lon"}}
    assert told(judge(Request(str(path), "0" * 64, "trees.gpkg", checks=[check]))) == [("coordinates-outside", 2)]


def fields(path: Path, schema: Any = None) -> tuple[CheckResult, list[str]]:
    result = judge(Request(str(path), "0" * 64, "trees.gpkg", schema=schema))
    return result, [field["name"] for field in result.inferred.get("fields", [])]


@pytest.mark.parametrize("name", ["fid", "FID", "ogc_fid", "OBJECTID"])
def test_the_key_that_programs_add_is_no_column_unless_the_schema_lists_it(tmp_path: Path, name: str) -> None:
    rows = [[name, "tree", "geom"], [1, "Derwen", geometry()], [2, "Onnen", None]]
    path = write(tmp_path / "a", {"trees": rows}, "INTEGER_PRIMARY_KEY TEXT POINT")
    assert fields(path)[1] == ["tree"]
    tree, key = {"name": "tree", "type": "string"}, {"name": name, "type": "integer"}
    for listed, count in (([tree], 1), ([key, tree], 2)):
        result, _ = fields(path, {"fields": listed})
        assert (result.outcome, result.stats["fields"]) == (Outcome.PASSED, count)


@pytest.mark.parametrize(
    ("name", "kind"), [("tree_id", "INTEGER_PRIMARY_KEY"), ("fid", "INTEGER"), ("fid", "TEXT_PRIMARY_KEY")]
)
def test_a_key_that_somebody_has_named_or_that_is_none_is_a_column(tmp_path: Path, name: str, kind: str) -> None:
    path = write(tmp_path / "a", {"trees": [[name, "tree"], [1, "Derwen"]]}, f"{kind} TEXT")
    assert fields(path)[1] == [name, "tree"]


def test_a_layer_of_keys_and_shapes_alone_keeps_its_keys(tmp_path: Path) -> None:
    path = write(tmp_path / "a", {"wards": [["fid", "geom"], [1, geometry()]]}, "INTEGER_PRIMARY_KEY POINT")
    result, names = fields(path)
    assert (result.outcome, names) == (Outcome.PASSED, ["fid"])


def test_a_key_that_is_more_than_a_count_is_screened_although_it_is_no_column(tmp_path: Path) -> None:
    kinds = "INTEGER_PRIMARY_KEY_DESC TEXT"  # SQLite keeps anything in such a column
    path = write(tmp_path / "a", {"trees": [["fid", "tree"], ["jo.bloggs@example.org", "Derwen"]]}, kinds)
    result, _ = fields(path)
    assert result.reason == "personal-data"
    assert "jo.bloggs" not in str(result)


def test_a_damaged_table_of_systems_runs_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a", {"trees": [["fid", "name", "geom"], [1, "a", geometry()]]})
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE gpkg_spatial_ref_sys")
        database.execute(
            "CREATE VIEW gpkg_spatial_ref_sys AS"
            " SELECT 27700 srs_id, 'EPSG' organization, 27700 organization_coordsys_id"
        )
        database.commit()
    result = judge(Request(str(path), "0" * 64, "trees.gpkg", checks=[{"coordinates": METRES}]))
    assert told(result) == [("coordinates-not-compared", None)]
