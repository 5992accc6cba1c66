"""Foreign keys into the other files of the same record (Table Schema, "Foreign Keys"), which together are a package.

Frictionless itself looks the values up; here it is only told where. A key names the other file as a package names its
resources: by the file's key or name in the record, or by its file name with or without the ending.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from frictionless import FrictionlessException, Schema
from frictionless.resources import TableResource

from ..check import Limits, Request
from ..errors import Skippable
from .encoding import detect_encoding
from .schema_repair import repair_schema
from .schema_report import read_schema
from .sniff import sniff
from .source import sheet_layout, text_layout
from .unpack import check_zip


def tie_keys(schema: Schema, request: Request, limits: Limits) -> tuple[tuple[TableResource, ...], bool]:
    """Leaves in the schema the keys that can be followed, and finds the tables that they lead to.

    Returns:
        The other tables, and whether a key was taken out: its file is not there, cannot be read as a table, or two
        files go by that name.
    """
    tables: dict[str, TableResource | None] = {}
    kept, before = [], len(schema.foreign_keys)
    for key in schema.foreign_keys:
        name = str(key["reference"]["resource"])
        if name and name.casefold() not in _folded(request.names):
            if name not in tables:
                tables[name] = _table(name, request, limits, f"file-{len(tables) + 1}")
            if (table := tables[name]) is None:
                continue
            kept.append({**key, "reference": {**key["reference"], "resource": table.name}})
        else:
            kept.append({**key, "reference": {**key["reference"], "resource": ""}})
    schema.foreign_keys = kept
    return tuple(table for table in tables.values() if table), len(kept) < before


def _folded(names: Sequence[str]) -> set[str]:
    return {name.casefold() for name in names}


def _table(name: str, request: Request, limits: Limits, called: str) -> TableResource | None:
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
        kind = sniff(path)
        if kind in ("xlsx", "ods"):
            check_zip(path, limits.unpacked)
        if kind in ("xlsx", "ods", "xls"):
            layout = sheet_layout(path, kind, 0)
        elif kind == "text":
            layout = text_layout(path, detect_encoding(path), "", 0, ",")
        else:
            return None
        table = layout.resource()
        table.name = called
        if promised:
            promised.foreign_keys = []
            table.schema = promised
        with table:  # so that a file which cannot be opened is not taken for a fault of the one that refers to it
            return table
    except (Skippable, FrictionlessException):
        return None
