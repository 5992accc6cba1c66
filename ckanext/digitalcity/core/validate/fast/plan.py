"""What the screen will look at in one open table."""

from __future__ import annotations

from dataclasses import dataclass

from frictionless.resources import TableResource
from frictionless.table import Row, create_cell_handlers

from .column import Column
from .keys import Unique
from .unsure import NotSure


@dataclass(frozen=True, slots=True)
class Plan:
    """The table's columns in the order of the file, and its keys. ``first``: number of the first row of content."""

    first: int
    columns: tuple[Column, ...]
    uniques: tuple[Unique, ...]


def plan_of(table: TableResource) -> Plan:
    """Plans the screening of an open table.

    Raises:
        NotSure: something in the schema or the dialect concerns whole rows and is not known to the screen.
    """
    schema = table.schema
    dialect = table.dialect
    if schema.foreign_keys or dialect.comment_char or dialect.comment_rows or dialect.skip_blank_rows:
        raise NotSure
    fields = table.header.get_expected_fields()
    columns = {field.name: Column(field, number) for number, field in enumerate(fields)}
    if not fields or len(columns) < len(fields):
        raise NotSure
    uniques = [_unique((field.name,), columns) for field in fields if field.constraints.get("unique")]
    if schema.primary_key and set(schema.primary_key) <= set(columns):
        nothing = Row([], handlers=create_cell_handlers(fields), row_number=0)
        labels = tuple(table.primary_key_labels(nothing, table.dialect.header_case))
        if not labels:
            raise NotSure
        uniques.append(_unique(labels, columns, primary=True))
    return Plan(dialect.create_first_content_row(), tuple(columns.values()), tuple(uniques))


def _unique(names: tuple[str, ...], columns: dict[str, Column], primary: bool = False) -> Unique:
    parts = tuple(columns[name] for name in names)
    keys = tuple(column.key for column in parts if column.key)
    if len(keys) < len(parts):
        raise NotSure
    return Unique(names, parts, keys, primary)
