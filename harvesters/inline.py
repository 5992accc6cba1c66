"""Data that stands inside a description instead of in a file, written out as the file it would be."""

from __future__ import annotations

import csv
import io
import json
from typing import Any


def as_file(data: Any, format_: str) -> tuple[bytes, str]:
    """The data as bytes, and the format that they are in.

    Text is kept as it is, in its stated format. Rows (lists, or objects) become CSV, unless they are stated to be JSON.
    Anything else becomes JSON (Data Package v1 and v2, Data Resource, ``data``).

    Args:
        format_: as stated, upper case, or "".
    """
    if isinstance(data, str):
        return data.encode("utf-8", "replace"), format_
    if format_ in ("", "CSV") and (table := _table(data)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([[_cell(value) for value in row] for row in table])
        return text.getvalue().encode("utf-8", "replace"), "CSV"
    return json.dumps(data, ensure_ascii=False, default=float).encode("utf-8", "replace"), "JSON"


def _table(data: Any) -> list[list[Any]]:
    """Rows with the header first; empty if the data is no table."""
    if not isinstance(data, list) or not data:
        return []
    if all(isinstance(row, list) for row in data):
        return data
    if all(isinstance(row, dict) for row in data):
        header = list(dict.fromkeys(name for row in data for name in row))
        return [header, *([row.get(name) for name in header] for row in data)]
    return []


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, default=float)
    return str(value)
