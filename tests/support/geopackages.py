"""GeoPackages for tests, written as the standard says (OGC 12-128r19) with Python's own SQLite."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

CONTENTS = "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, description TEXT)"
GEOMETRIES = (
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INT)"
)

SYSTEMS = (
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INT, organization TEXT, organization_coordsys_id INT)"
)


def geometry(
    kind: int = 1,
    system: int = 27700,
    flags: int = 1,
    envelope: Sequence[float] = (),
    numbers: Sequence[float] = (318000.0, 176000.0),
) -> bytes:
    """A point, or what says that it is something else."""
    header = b"GP\x00" + bytes([flags]) + struct.pack("<i", system) + struct.pack(f"<{len(envelope)}d", *envelope)
    return header + b"\x01" + struct.pack("<I", kind) + struct.pack(f"<{len(numbers)}d", *numbers)


def write(path: Path, layers: dict[str, list[list[Any]]], kinds: str = "", *more: str) -> Path:
    """Writes a file whose layers each begin with a row of labels; a label ``geom`` makes a layer of features.

    Args:
        kinds: declared types of the columns, one word for each (INTEGER_PRIMARY_KEY); blank for none.
        more: statements to run at the end.
    """
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA application_id = 0x47504B47")
        for statement in (CONTENTS, GEOMETRIES, SYSTEMS):
            database.execute(statement)
        for code in (4326, 4258, 27700, 3857):
            database.execute("INSERT INTO gpkg_spatial_ref_sys VALUES ('', ?, 'EPSG', ?)", (code, code))
        for name, (labels, *rows) in layers.items():
            types = [kind.replace("_", " ") for kind in kinds.split()] or [""] * len(labels)
            columns = ", ".join(f"{_quoted(label)} {kind}" for label, kind in zip(labels, types, strict=True))
            database.execute(f"CREATE TABLE {_quoted(name)} ({columns})")
            marks = ", ".join("?" * len(labels))
            database.executemany(f"INSERT INTO {_quoted(name)} VALUES ({marks})", rows)
            kind = "features" if "geom" in labels else "attributes"
            database.execute("INSERT INTO gpkg_contents VALUES (?, ?, ?, '')", (name, kind, name))
            if kind == "features":
                database.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POINT', 27700)", (name,))
        for statement in more:
            database.execute(statement)
        database.commit()
    return path


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
