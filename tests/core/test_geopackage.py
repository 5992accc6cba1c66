"""GeoPackages: one layer is checked as a table, its geometries too, and nothing that is written in the file is run."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from geopackages import CONTENTS, geometry, write

from ckanext.digitalcity.core.check import Checker, Request
from ckanext.digitalcity.core.explain import REASONS
from ckanext.digitalcity.core.model import CheckResult, Outcome

Examine = Callable[..., CheckResult]
TREES = [["fid", "name", "oak", "geom"], [1, "Derwen", 1, geometry()], [2, "Onnen", 0, None]]
TYPES = "INTEGER TEXT BOOLEAN POINT"
SCHEMA = {
    "fields": [
        {"name": "fid", "type": "integer"},
        {"name": "name", "type": "string"},
        {"name": "oak", "type": "boolean"},
    ]
}


@pytest.fixture
def gate(checker: Checker, tmp_path: Path) -> Callable[..., CheckResult]:
    """Checks a file in a child process with all its limits."""

    def run(path: Path, filename: str = "trees.gpkg", **facts: Any) -> CheckResult:
        return checker.check(Request(str(path), "0" * 64, filename, **facts))

    return run


@pytest.mark.parametrize("schema", [SCHEMA, None])
def test_a_layer_of_features_is_a_table_without_its_geometry(gate: Examine, tmp_path: Path, schema: Any) -> None:
    result = gate(write(tmp_path / "a", {"trees": TREES}, TYPES), schema=schema)
    assert (result.outcome, result.reason, result.stats["rows"], result.stats["fields"]) == (Outcome.PASSED, "", 2, 3)
    assert result.detected["format"] == "gpkg"
    assert "screen" in result.method


def test_faults_are_told_by_row_and_column(gate: Examine, tmp_path: Path) -> None:
    rows = [["fid", "name", "oak"], [1, "Derwen", 1], [2, None, 2], ["x", "Onnen", 0]]
    result = gate(write(tmp_path / "a", {"trees": rows}), schema=SCHEMA)
    assert result.reason == "invalid"
    wrong = write(tmp_path / "a", {"trees": rows}, "ANY TEXT BOOLEAN")
    faults = [(fault.rule, fault.row, fault.field) for fault in gate(wrong, schema=SCHEMA).faults]
    assert faults == [("type-error", 3, "oak"), ("type-error", 4, "fid")]


def test_a_geopackage_may_be_compressed_and_say_that_it_has_a_log_beside_it(gate: Examine, tmp_path: Path) -> None:
    path = write(tmp_path / "a", {"trees": TREES}, TYPES)
    content = bytearray(path.read_bytes())
    content[18:20] = b"\x02\x02"
    path.write_bytes(gzip.compress(bytes(content)))
    result = gate(path, "trees.gpkg.gz")
    assert (result.outcome, result.detected["archive"]) == (Outcome.PASSED, "gzip")


def test_a_recipe_can_name_the_layer_but_the_others_wait_for_a_person(gate: Examine, tmp_path: Path) -> None:
    path = write(tmp_path / "a", {"trees": [["id"], [1]], "parks": [["id"], ["x"], ["y"]]})
    for layer, rows in ((1, 1), (2, 2), ("parks", 2)):
        result = gate(path, sheet=layer)
        assert (result.outcome, result.reason, result.stats["rows"]) == (Outcome.HELD, "several-layers", rows)
        assert result.detected["layers"] == 2
    for layer in (3, "roads"):
        assert (gate(path, sheet=layer).outcome, gate(path, sheet=layer).reason) == (Outcome.ERROR, "no-layer")


@pytest.mark.parametrize(
    "more",
    [
        ("CREATE TABLE notes (text)", "INSERT INTO notes VALUES ('jo.bloggs@example.org')"),
        ("CREATE VIEW both AS SELECT * FROM trees",),
        ("CREATE TABLE rtree_trees_secrets (text)", "INSERT INTO rtree_trees_secrets VALUES ('x')"),
        ("CREATE VIRTUAL TABLE words USING fts4(text)",),
    ],
)
def test_nothing_beside_the_layer_is_passed_over_in_silence(
    gate: Examine, tmp_path: Path, more: tuple[str, ...]
) -> None:
    result = gate(write(tmp_path / "a", {"trees": [["id"], [1]]}, "", *more))
    assert (result.outcome, result.reason) == (Outcome.HELD, "several-layers")


@pytest.mark.parametrize(
    "more",
    [
        ("UPDATE gpkg_contents SET description = 'ask jo.bloggs@example.org'",),
        ("CREATE TABLE gpkg_metadata (metadata)", "INSERT INTO gpkg_metadata VALUES ('<a>jo.bloggs@example.org</a>')"),
        ("INSERT INTO trees VALUES ('jo.bloggs@example.org')",),
    ],
)
def test_the_layer_and_what_the_file_says_about_it_are_screened(
    gate: Examine, tmp_path: Path, more: tuple[str, ...]
) -> None:
    result = gate(write(tmp_path / "a", {"trees": [["id"], [1]]}, "", *more))
    assert result.reason == "personal-data"
    assert "jo.bloggs" not in str(result)


def test_the_index_and_the_triggers_that_programs_add_do_not_matter(gate: Examine, tmp_path: Path) -> None:
    more = (
        "CREATE VIRTUAL TABLE rtree_trees_geom USING rtree(id, minx, maxx, miny, maxy)",
        "INSERT INTO rtree_trees_geom VALUES (1, 0, 1, 0, 1)",
        "CREATE TRIGGER rtree_trees_geom_insert AFTER INSERT ON trees"
        " WHEN NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom) BEGIN"
        " INSERT INTO rtree_trees_geom VALUES (NEW.fid, ST_MinX(NEW.geom), 0, 0, 0); END",
        "CREATE TABLE gpkg_ogr_contents (table_name TEXT, feature_count INTEGER)",
    )
    assert gate(write(tmp_path / "a", {"trees": TREES}, TYPES, *more)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (b"", "is not written as GeoPackage geometries are"),
        ("POINT (1 2)", "is not written as GeoPackage geometries are"),
        (geometry()[4:], "is not written as GeoPackage geometries are"),
        (geometry(system=4326), "is in another coordinate reference system than its layer"),
        (geometry(flags=0b1011), "has a header that says what the standard does not know"),
        (geometry()[:10], "is cut off"),
        (geometry(flags=0b0011), "is cut off"),
        (geometry(flags=0b0011, envelope=(2, 1, 0, 0)), "has bounds that are the wrong way round"),
        (geometry(kind=77), "is of a kind that the standard does not know"),
        (geometry(kind=9001), "is of a kind that the standard does not know"),
        (geometry()[:8] + b"\x07" + geometry()[9:], "is damaged"),
        (geometry() + b"jo.bloggs@example.org", "is followed by something else"),
        (geometry(numbers=(1, float("nan"))), "has a coordinate that is no number"),
    ],
)
def test_a_broken_geometry_is_an_error_that_names_its_row(gate: Examine, tmp_path: Path, cell: Any, said: str) -> None:
    if said == "is cut off" and len(cell) > 20:
        cell = cell[:30]
    result = gate(write(tmp_path / "a", {"trees": [TREES[0], TREES[1], [2, "Onnen", 0, cell]]}, TYPES))
    assert (result.outcome, result.reason) == (Outcome.ERROR, "broken-geometry")
    assert result.faults[0].detail == f"The geometry in row 3 {said}."


@pytest.mark.parametrize(
    "cell",
    [
        geometry(kind=3001, numbers=(1, 2, 3, 4)),
        geometry(flags=0b0011, envelope=(1, 2, 0, 0)),
        geometry(flags=0b10001),
        geometry(flags=0b100001)[:20],
        geometry(flags=0b10011, envelope=[float("nan")] * 4),
    ],
)
def test_geometries_with_heights_bounds_or_nothing_in_them_are_good(gate: Examine, tmp_path: Path, cell: bytes) -> None:
    assert gate(write(tmp_path / "a", {"trees": [TREES[0], [1, "a", 1, cell]]}, TYPES)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("DROP TABLE gpkg_contents",), "no-contents"),
        (("DROP TABLE gpkg_contents", f"{CONTENTS.replace('gpkg_contents', 'other')}",
          "CREATE VIEW gpkg_contents AS SELECT * FROM other"), "no-contents"),
        (("DROP TABLE trees",), "no-contents"),
        (("DELETE FROM gpkg_geometry_columns",), "no-contents"),
        (("UPDATE gpkg_geometry_columns SET column_name = 'shape'",), "no-contents"),
        (("ALTER TABLE trees RENAME TO t", "CREATE VIEW trees AS SELECT * FROM t"), "computed-layer"),
        (("DROP TABLE trees", "CREATE VIEW trees AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
          " SELECT x AS fid, NULL AS geom FROM n"), "computed-layer"),
        (("DROP TABLE trees", "CREATE VIRTUAL TABLE trees USING fts4(fid, geom)"), "computed-layer"),
        (("ALTER TABLE trees ADD COLUMN more AS (zeroblob(1000000000))",), "computed-layer"),
        (("DELETE FROM gpkg_contents",), "cannot-check"),
        (("UPDATE gpkg_contents SET data_type = 'tiles'",), "cannot-check"),
        (("INSERT INTO trees VALUES (3, CAST(X'ff' AS TEXT), 0, NULL)",), "wrong-encoding"),
        (("INSERT INTO trees VALUES (3, hex(zeroblob(600000)), 0, NULL)",), "giant-cell"),
        (("INSERT INTO trees VALUES (3, zeroblob(110000000), 0, NULL)",), "giant-cell"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_a_table_has_its_reason(
    gate: Examine, tmp_path: Path, more: tuple[str, ...], reason: str
) -> None:
    result = gate(write(tmp_path / "a", {"trees": TREES}, TYPES, *more))
    assert result.reason == reason
    assert result.outcome is (Outcome.HELD if reason == "cannot-check" else Outcome.ERROR)
    assert reason in REASONS


def test_a_file_that_is_cut_off_or_damaged_is_an_error(gate: Examine, tmp_path: Path) -> None:
    path = write(tmp_path / "a", {"trees": [["id", "name"], *([n, "Derwen " * 20] for n in range(500))]})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert (gate(path).outcome, gate(path).reason) == (Outcome.ERROR, "unreadable")
    for at in range(4096, len(whole) - 4096, 4096):
        path.write_bytes(whole[:at] + b"\xff" * 200 + whole[at + 200 :])
        result = gate(path)
        assert result.outcome is not Outcome.PASSED or result.stats["rows"] == 500
        assert result.reason != "crash"


def test_a_schema_that_is_not_what_its_name_says_runs_nothing(gate: Examine, tmp_path: Path) -> None:
    path = write(tmp_path / "a", {"trees": [["id"], [1]]})
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA writable_schema = ON")
        endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS id FROM n"
        database.execute("UPDATE sqlite_schema SET name = 'other' WHERE name = 'trees'")
        database.execute(
            "INSERT INTO sqlite_schema VALUES ('view', 'v', 'v', 0, ?), ('table', 'trees', 'trees', 0, ?)",
            (f"CREATE VIEW trees AS {endless}", "CREATE TABLE zzz (id)"),
        )
        database.commit()
    assert gate(path).outcome is Outcome.ERROR


def test_any_other_database_waits_for_a_person(gate: Examine, tmp_path: Path) -> None:
    path = write(tmp_path / "a", {"trees": TREES}, TYPES, "PRAGMA application_id = 0")
    for name in ("trees.gpkg", "trees.sqlite"):
        assert (gate(path, name).outcome, gate(path, name).reason) == (Outcome.HELD, "cannot-check")
    assert gate(path, "trees.csv").reason == "format-mismatch"


def test_a_layer_without_rows_is_held(gate: Examine, tmp_path: Path) -> None:
    assert gate(write(tmp_path / "a", {"trees": TREES[:1]}, TYPES)).reason == "no-rows"
