"""Layers of a GeoPackage as tables (OGC 12-128r19). The file is a database and may be hostile: nothing in it is run.

SQLite gets the bytes in memory, so that it opens no file, and may only read the plain tables that it is asked for: no
view, trigger, function, virtual table or extension. Source: https://www.sqlite.org/security.html on hostile files.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from ..reasons import Reason, Unchecked
from .gpkg_geometry import read_geometry
from .places import Gathering, Places

MOST_CELLS = 20_000_000  # as Python values they take memory many times over
STEPS, MOST_STEPS = (
    100_000,
    20_000,
)  # how often SQLite asks whether to go on, and how often it may: for a plain scan ample
LIMITS = {  # far above what writing tools make; sqlite.org/security.html names even lower ones
    sqlite3.SQLITE_LIMIT_LENGTH: 100_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 50_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 10,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
LAYERS = ("features", "attributes")  # OGC 12-128r19, Table 4: other kinds of content are pictures
# tables of the standard and of SQLite itself; the text in the first ones is screened
TEXTS = re.compile(r"gpkg_(?!spatial_ref_sys$).*")
SYSTEMS = "gpkg_spatial_ref_sys"
PLUMBING = re.compile(rf"{SYSTEMS}|sqlite_.*")
IDENTIFIERS = frozenset({"fid", "ogc_fid", "objectid"})  # what GDAL (so QGIS, R, geopandas) and Esri call keys they add
LARGEST_COUNT = 999_999_999  # a larger key has the length of a telephone, NHS or card number

Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its first row are the labels.

    Attributes:
        aside: texts that the file holds about its layers: no data, but screened too.
        layers: how many layers or other tables hold anything.
        places: where the geometries are; None in a layer of attributes.
    """

    rows: Rows
    aside: tuple[str, ...]
    layers: int
    places: Places | None


@dataclass(frozen=True, slots=True)
class _Geometry:
    """The column of a layer's geometries, and the number of the system that they are in."""

    column: str
    system: int


def layer_rows(path: Path, wanted: str | int, longest: int, fields: Collection[str] | None = None) -> Layer | None:
    """Reads one layer of features or attributes; None if the file has none. The geometry is checked, and no column.

    Args:
        wanted: name of the layer, or its number from 1.
        longest: characters that one cell may have.
        fields: names in the schema if there is one; the key that programs add is a column only if the schema knows it.

    Raises:
        Unchecked: ``unreadable``, ``wrong-encoding``, ``giant-cell``, ``memory-limit``, ``time-limit``, ``no-layer``,
            ``no-contents``, ``computed-layer`` or ``broken-geometry``.
    """
    with _opened(path) as database:
        return _layer(database, wanted, longest, frozenset(fields or ()))


@contextmanager
def _opened(path: Path) -> Iterator[_Database]:
    content = bytearray(path.read_bytes())
    content[18:20] = b"\x01\x01"  # it may say that there is a second file with changes; that one never came
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.deserialize(bytes(content))
            yield _Database(connection)
        except UnicodeDecodeError as wrong:
            raise Unchecked("The GeoPackage has text that is not UTF-8.", reason="wrong-encoding") from wrong
        except (sqlite3.DataError, OverflowError) as large:
            raise Unchecked("A cell is longer than any cell should be.", reason="giant-cell") from large
        except sqlite3.Error as broken:
            slow = getattr(broken, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT
            reason: Reason = "time-limit" if slow else "unreadable"
            raise Unchecked("The GeoPackage cannot be read to its end.", reason=reason) from broken


class _Database:
    """A database of which only columns of plain tables can be read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        for category, most in LIMITS.items():
            connection.setlimit(category, most)
        for setting in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
            connection.execute(f"PRAGMA {setting}")
        connection.text_factory = lambda text: text.decode()
        asked = count()
        connection.set_progress_handler(lambda: next(asked) > MOST_STEPS, STEPS)
        connection.set_authorizer(_only_reads)
        self._connection = connection
        schema = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view')")
        self.tables: dict[str, str] = {str(name): str(sql or "") for name, sql in schema}

    def plain(self, table: str) -> bool:
        """Whether a table of that name keeps its rows as they are: no view, nothing virtual, nothing computed."""
        sql = self.tables.get(table, "")
        if not re.match(r"CREATE\s+TABLE\b", sql, re.I):
            return False
        return all(hidden == 0 for *_, hidden in self._columns(table))

    def columns(self, table: str) -> dict[str, str]:
        """Names and declared types of a plain table's columns."""
        return {str(name): str(kind).upper() for _, name, kind, *_ in self._columns(table)}

    def key(self, table: str) -> str:
        """The column that is a plain table's primary key by itself and numbers its rows; "" if none does."""
        keys = [(str(name), str(kind).upper()) for _, name, kind, _, _, place, *_ in self._columns(table) if place]
        return keys[0][0] if len(keys) == 1 and keys[0][1] == "INTEGER" else ""

    def select(self, table: str, columns: Sequence[str], most: str = "") -> Iterator[tuple[Any, ...]]:
        """Rows of a plain table, without any index: that could say something else."""
        names = ", ".join(map(_quoted, columns))
        yield from self._connection.execute(f"SELECT {names} FROM {_quoted(table)} NOT INDEXED {most}")  # noqa: S608

    def holds_rows(self, table: str) -> bool:
        """Whether there is anything in a table; what cannot be read counts as something."""
        if not self.plain(table):
            return True
        return any(self.select(table, list(self.columns(table))[:1], "LIMIT 1"))

    def _columns(self, table: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(f"PRAGMA table_xinfo({_quoted(table)})").fetchall()


def _only_reads(action: int, first: str | None, _second: str | None, _in: str | None, view: str | None) -> int:
    allowed = action in READS or (action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo")
    return sqlite3.SQLITE_OK if allowed and view is None else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _layer(database: _Database, wanted: str | int, longest: int, fields: frozenset[str]) -> Layer | None:
    contents = list(_registered(database, "gpkg_contents", ["table_name", "data_type"]))
    names = [str(name) for name, kind in contents if kind in LAYERS]
    if not names:
        return None
    name = names[wanted - 1] if isinstance(wanted, int) and 0 < wanted <= len(names) else str(wanted)
    if name not in names:
        raise Unchecked(f"The recipe names the layer “{wanted}”.", reason="no-layer")
    if name not in database.tables:
        raise Unchecked("The GeoPackage lists a layer that it does not have.", reason="no-contents")
    if not database.plain(name):
        raise Unchecked("The layer is computed from something else.", reason="computed-layer")
    geometry = _geometry(database, name) if (name, "features") in contents else None
    aside = [text for table in database.tables if TEXTS.fullmatch(table) for text in _texts(database, table)]
    others = sum(database.holds_rows(table) for table in database.tables if not _known(database, table, name, geometry))
    rows, identifiers, places = _rows(database, name, geometry, longest, fields)
    return Layer(rows, (*aside, *identifiers), 1 + others, places) if rows[0] else None


def _registered(database: _Database, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    if not database.plain(table) or not set(columns) <= set(database.columns(table)):
        raise Unchecked("The GeoPackage has no table of contents.", reason="no-contents")
    return database.select(table, columns)


def _geometry(database: _Database, layer: str) -> _Geometry:
    listed = _registered(database, "gpkg_geometry_columns", ["table_name", "column_name", "srs_id"])
    found = [_Geometry(column, system) for name, column, system in listed if name == layer]
    if len(found) != 1 or found[0].column not in database.columns(layer):
        raise Unchecked("The GeoPackage does not say where its geometries are.", reason="no-contents")
    return found[0]


def _system(database: _Database, number: int) -> str:
    """The name of a coordinate reference system in EPSG's register; "" if the file does not say it."""
    columns = ["srs_id", "organization", "organization_coordsys_id"]
    if not database.plain(SYSTEMS) or not set(columns) <= set(database.columns(SYSTEMS)):
        return ""
    names = [f"{body}:{code}".upper() for one, body, code in database.select(SYSTEMS, columns) if one == number]
    return names[0] if len(names) == 1 and re.fullmatch(r"EPSG:[0-9]{1,9}", names[0]) else ""


def _rows(
    database: _Database, layer: str, geometry: _Geometry | None, longest: int, fields: frozenset[str]
) -> tuple[Rows, list[str], Places | None]:
    """The rows with their labels, what needs a look in a key that is no column, and where the geometries are."""
    kinds = database.columns(layer)
    names = list(kinds)
    shape = names.index(geometry.column) if geometry else None
    key = _identifier(database, layer, [name for position, name in enumerate(names) if position != shape], fields)
    kept = [position for position, name in enumerate(names) if position != shape and name != key]
    truths = {position for position, kind in enumerate(kinds.values()) if kind == "BOOLEAN"}
    rows: Rows = [[names[position] for position in kept]]
    identifiers, gathering = list[str](), Gathering()
    for number, cells in enumerate(database.select(layer, names), start=2):
        if number * len(names) > MOST_CELLS:
            raise Unchecked("The layer has more cells than can be checked.", reason="memory-limit")
        if geometry and shape is not None:
            try:
                gathering.add(number, read_geometry(cells[shape], geometry.system))
            except ValueError as broken:
                raise Unchecked(f"The geometry in row {number} {broken}.", reason="broken-geometry") from broken
        if any(isinstance(c, str | bytes) and len(c) > longest for at, c in enumerate(cells) if at != shape):
            raise Unchecked("A cell is longer than any cell should be.", reason="giant-cell")
        if key and not _counts(identifier := cells[names.index(key)]):
            identifiers.append(f"{key}: {identifier}")
        rows.append([_truth(cells[position]) if position in truths else cells[position] for position in kept])
    return rows, identifiers, gathering.places(_system(database, geometry.system)) if geometry else None


def _identifier(database: _Database, layer: str, columns: list[str], fields: frozenset[str]) -> str:
    """The key that a program has added to tell features apart, if nobody wants it as a column; else ""."""
    key = database.key(layer)
    wanted = {name.casefold() for name in fields}
    added = key.casefold() in IDENTIFIERS - wanted and key in columns
    return key if added and len(columns) > 1 else ""


def _counts(value: object) -> bool:
    """Whether a key is no more than a count; anything else is screened although it is no column."""
    return isinstance(value, int) and 0 <= value <= LARGEST_COUNT


def _truth(cell: object) -> object:
    """A value of a BOOLEAN column: SQLite keeps it as 0 or 1 (OGC 12-128r19, Table 1)."""
    return bool(cell) if cell in (0, 1) else cell


def _texts(database: _Database, table: str) -> Iterator[str]:
    if database.plain(table):
        for row in database.select(table, list(database.columns(table))):
            yield from (cell for cell in row if isinstance(cell, str))


def _known(database: _Database, table: str, layer: str, geometry: _Geometry | None) -> bool:
    """Whether a table is the layer itself, has its texts screened, or is one that SQLite or the standard asks for."""
    if table == layer or PLUMBING.fullmatch(table) or (TEXTS.fullmatch(table) and database.plain(table)):
        return True
    index = f"rtree_{layer}_{geometry.column if geometry else ''}"  # the bounds of the layer's geometries
    return table.removeprefix(index) in ("", "_node", "_parent", "_rowid")
