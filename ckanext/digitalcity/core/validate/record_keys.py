"""Foreign keys into the other files of the same record (Table Schema, "Foreign Keys"), which together are a package.

Frictionless itself looks the values up; here it is only told where. A key names the other file as a package names its
resources: by the file's key or name in the record, or by its file name with or without the ending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from frictionless import FrictionlessException, Schema
from frictionless.resources import TableResource

from ..check import Limits, Request
from ..model import Json
from ..reasons import Unchecked
from .encoding import detect_encoding
from .geopackage import IDENTIFIERS
from .schema_repair import repair_schema
from .schema_report import read_schema
from .sniff import sniff
from .source import Layout, layer_layout, rows_layout, sheet_layout, text_layout
from .unpack import check_zip, only_member, unpack


@dataclass(frozen=True, slots=True)
class Tied:
    """Where the foreign keys of a schema lead to.

    Attributes:
        tables: the other tables.
        untied: whether a key was taken out: its file is not there, cannot be read as a table, or two files go by
            that name.
        unpacked: files that vanish when nobody holds them any more; some of the tables are read from them.
    """

    tables: tuple[TableResource, ...] = ()
    untied: bool = False
    unpacked: tuple[IO[bytes], ...] = ()


def tie_keys(schema: Schema, request: Request, limits: Limits) -> Tied:
    """Leaves in the schema the keys that can be followed, and finds the tables that they lead to."""
    tables: dict[str, TableResource | None] = {}
    unpacked: list[IO[bytes]] = []
    kept, before = [], len(schema.foreign_keys)
    for key in schema.foreign_keys:
        name = str(key["reference"]["resource"])
        if name and name.casefold() not in _folded(request.names):
            if name not in tables:
                tables[name] = _table(name, request, limits, f"file-{len(tables) + 1}", unpacked)
            if (table := tables[name]) is None:
                continue
            kept.append({**key, "reference": {**key["reference"], "resource": table.name}})
        else:
            kept.append({**key, "reference": {**key["reference"], "resource": ""}})
    schema.foreign_keys = kept
    return Tied(tuple(table for table in tables.values() if table), len(kept) < before, tuple(unpacked))


def _folded(names: Sequence[str]) -> set[str]:
    return {name.casefold() for name in names}


def _table(name: str, request: Request, limits: Limits, called: str, unpacked: list[IO[bytes]]) -> TableResource | None:
    found = [other for other in request.others if name.casefold() in _folded(other["names"])]
    if len(found) != 1:
        return None
    path, schema = Path(found[0]["path"]), found[0]["schema"]
    if request.repair_schema and isinstance(schema, dict):
        schema, _ = repair_schema(schema)
    promised, faults = read_schema(schema) if schema is not None else (None, ())
    if faults:
        return None
    try:
        layout = _layout(path, promised, limits, unpacked, found[0].get("reading", {}))
        if layout is None:
            return None
        if promised:
            promised.foreign_keys = []
        table = layout.resource(schema=promised)
        table.name = called
        with table:  # so that a file which cannot be opened is not taken for a fault of the one that refers to it
            return table
    except (Unchecked, FrictionlessException):
        return None


def _layout(
    path: Path, schema: Schema | None, limits: Limits, unpacked: list[IO[bytes]], reading: Json
) -> Layout | None:
    """How to read another file of the record, by its bytes and by what the recipe states of it."""
    kind = sniff(path)
    if kind == "gzip" or (kind == "zip" and only_member(path)):
        unpacked.append(unpack(path, kind, limits.unpacked))
        path = Path(f"/dev/fd/{unpacked[-1].fileno()}")
        kind = sniff(path)
    header, sheet = reading.get("header_row", 0), reading.get("sheet", 1)
    if kind in ("xlsx", "ods"):
        check_zip(path, limits.unpacked)
    if kind in ("xlsx", "ods", "xls"):
        return sheet_layout(path, kind, header, sheet)
    if kind in ("json", "ndjson", "geojson", "parquet"):
        return rows_layout(path, kind, schema.field_names if schema else None, limits.cell)
    if kind == "gpkg":
        return layer_layout(path, sheet, schema.field_names if schema else IDENTIFIERS, limits.cell)
    if kind != "text":
        return None
    encoding = reading.get("encoding") or detect_encoding(path)
    return text_layout(path, encoding, reading.get("delimiter", ""), header, ",", reading.get("quote", '"'))
