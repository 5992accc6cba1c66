"""Where the columns that a recipe names stand in a file, and how the schema says their cells are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from ..model import Json
from ..validate.places import Places


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as the recipe writes it, so that no header that is really data is ever repeated.
        position: from 1.
        field: its Table Schema field; empty if there is none.
        missing: texts that stand for a missing value.
    """

    name: str
    position: int
    field: Json
    missing: tuple[str, ...]

    @property
    def text(self) -> pl.Expr:
        """The cells in a frame of rows."""
        return pl.col(str(self.position - 1))

    @property
    def there(self) -> pl.Expr:
        """Whether a cell holds a value."""
        return ~self.text.is_in(self.missing) & (self.text.str.strip_chars() != "")


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may know of the file.

    Attributes:
        columns: those that the recipe names, by name.
        now: time zone aware.
        places: where the geometries are; None if the format has none.
    """

    columns: dict[str, Column]
    now: datetime
    places: Places | None = None


def find(name: str, labels: Sequence[str], schema: Json | None) -> Column | None:
    """The first column of a name, whatever its case; None if the file has none."""
    wanted = name.strip().lower()
    for position, label in enumerate(labels, start=1):
        if label.strip().lower() == wanted:
            field = _field(label, position, schema or {})
            missing = field.get("missingValues") or (schema or {}).get("missingValues") or [""]
            texts = [entry["value"] if isinstance(entry, dict) else entry for entry in missing]
            return Column(name, position, field, tuple(texts))
    return None


def _field(label: str, position: int, schema: Json) -> Json:
    """Frictionless reads fields by their place; a schema in another order than the file is asked by name."""
    fields = schema.get("fields") or []
    at_place = fields[position - 1] if position <= len(fields) else {}
    if at_place.get("name") == label:
        return dict(at_place)
    return dict(next((field for field in fields if field.get("name") == label), {}))
