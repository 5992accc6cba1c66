"""A local file as Frictionless is to read it: format, encoding, dialect and header row decided and recorded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from frictionless import Control, Detector, Dialect, FrictionlessException, Schema, formats
from frictionless.resources import TableResource

from ..model import Json
from ..reasons import Unchecked
from .dialect import detect_delimiter, detect_header, head_of, is_unsplit, rows_of, skips_spaces
from .geopackage import layer_rows
from .json_rows import GEOMETRY, json_rows
from .parquet_rows import parquet_rows
from .places import Places
from .sheets import filled_sheets
from .standard import profile_of

MOST_ABOVE = 100  # rows that Frictionless looks for a header in


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a table.

    Attributes:
        format: ``csv``, ``xlsx``, ``xls`` or ``ods``, or with ``rows`` what was sniffed.
        quote: of text.
        sheet: of a workbook, or layer of a GeoPackage: by name or by number from 1.
        header_row: from 1; 0 if the table has no header row.
        above: cells of the rows above the header: no data, but they are screened too.
        sheets: how many sheets or layers hold anything; only one is a table we check.
        rows: the labels and the rows, where they are already values and not text.
        unsplit: every row came out as one cell, and looks as if it were several.
        types: of columns, by name, where the format leaves no doubt and no schema says otherwise.
        places: where the geometries are that are no column.
    """

    path: Path
    format: str
    encoding: str = "utf-8"
    delimiter: str = ""
    quote: str = '"'
    skip_spaces: bool = False
    sheet: str | int = 1
    header_row: int = 1
    above: tuple[tuple[str, ...], ...] = ()
    sheets: int = 1
    unsplit: bool = False
    rows: list[list[Any]] | None = None
    types: Json = field(default_factory=dict)
    places: Places | None = None

    def resource(self, detector: Detector | None = None, schema: Schema | None = None) -> TableResource:
        """The table, not opened yet. The path is relative to its folder: Frictionless trusts no other."""
        certain: Json = {} if schema else {name: {"type": kind} for name, kind in self.types.items()}
        plain = Detector(schema_patch={"fields": certain}) if certain else Detector()
        table = self._table(detector or plain, profile_of(schema))
        if schema is not None:
            table.schema = schema
        return table

    def _table(self, detector: Detector, profile: str | None) -> TableResource:
        if self.rows is not None:
            return TableResource(
                name="table", data=self.rows, format="inline", detector=detector, schema_profile=profile
            )
        dialect = Dialect(controls=[control] if (control := self._control()) else [])
        if self.header_row == 0:
            dialect.header = False
        elif self.header_row > 1:
            dialect.header_rows = [self.header_row]
        return TableResource(
            name="table",
            path=self.path.name,
            basepath=str(self.path.parent),
            scheme="file",
            format=self.format,
            encoding=self.encoding,
            dialect=dialect,
            detector=detector,
            schema_profile=profile,
        )

    def described(self) -> Json:
        """What was detected, for the record."""
        dialect: Json = {"delimiter": self.delimiter, "skipInitialSpace": self.skip_spaces} if self.delimiter else {}
        facts: Json = {"format": self.format, "header_row": self.header_row, "dialect": dialect}
        if self.delimiter and self.quote != '"':
            dialect["quoteChar"] = self.quote
        if self.format == "csv":
            facts["encoding"] = self.encoding
        part = "layer" if self.format == "gpkg" else "sheet"
        if self.sheet != 1:
            facts[part] = self.sheet
        if self.sheets > 1:
            facts[f"{part}s"] = self.sheets
        return facts

    def _control(self) -> Control | None:
        if self.delimiter:
            # the quote is stated, else Frictionless's sniffer takes any frequent character for one
            return formats.CsvControl(
                delimiter=self.delimiter, quote_char=self.quote, skip_initial_space=self.skip_spaces, double_quote=True
            )
        if self.sheet != 1:
            return (formats.OdsControl if self.format == "ods" else formats.ExcelControl)(sheet=self.sheet)
        return None


def text_layout(path: Path, encoding: str, delimiter: str, header_row: int, prefer: str, quote: str = '"') -> Layout:
    """Decides the layout of delimited text; what a recipe gives wins, and nothing but a recipe says of other quotes."""
    head, stated = head_of(path, encoding), bool(delimiter)
    delimiter = delimiter or detect_delimiter(head, prefer)
    rows = rows_of(head, delimiter, quote)
    number = chosen_header(header_row, rows)
    return Layout(
        path=path,
        format="csv",
        encoding=encoding,
        delimiter=delimiter,
        quote=quote,
        skip_spaces=skips_spaces(head),
        header_row=number,
        above=tuple(tuple(row) for row in rows[: max(number - 1, 0)]),
        unsplit=not stated and is_unsplit(rows),
    )


def sheet_layout(path: Path, kind: str, header_row: int, sheet: str | int = 1) -> Layout:
    """Decides the layout of a workbook's sheet.

    Raises:
        Unchecked: Frictionless cannot open it (``unreadable``), or it has no such sheet (``no-sheet``).
    """
    # what old Excel files without Unicode are written in; the others ignore it
    plain = Layout(path=path, format=kind, encoding="cp1252", header_row=0, sheet=sheet)
    try:
        with plain.resource(Detector(field_type="any")) as table:
            rows = [list(row) for row in table.sample]
    except FrictionlessException as refused:
        if "does not have a sheet" in refused.error.note:
            raise Unchecked(f"The recipe names the sheet “{sheet}”.", reason="no-sheet") from refused
        raise Unchecked("The workbook cannot be opened.", reason="unreadable") from refused
    number = chosen_header(header_row, rows)
    above = tuple(tuple("" if cell is None else str(cell) for cell in row) for row in rows[: max(number - 1, 0)])
    return replace(plain, header_row=number, above=above, sheets=filled_sheets(path, kind))


def rows_layout(
    path: Path, kind: str, fields: Collection[str] | None, longest: int, lines: bool = False
) -> Layout | None:
    """The layout of a file whose cells are values already; None if it holds no table.

    Args:
        kind: ``json``, ``ndjson``, ``geojson`` or ``parquet``.
        fields: names in the schema, if there is one.
        longest: characters that one cell may have.
        lines: whether it is called JSON lines, so that a single object in it is a row.

    Raises:
        Unchecked: it is broken, or too much.
    """
    if kind == "parquet":
        return Layout(path=path, format=kind, rows=parquet_rows(path, longest))
    found = json_rows(path, kind, fields, longest, lines)
    if found is None:
        return None
    types = {name: "geojson" for name in found.rows[0] if kind == "geojson" and name == GEOMETRY}
    return Layout(path=path, format=kind, above=tuple((text,) for text in found.aside), rows=found.rows, types=types)


def layer_layout(path: Path, layer: str | int, fields: Collection[str] | None, longest: int) -> Layout | None:
    """The layout of a GeoPackage's layer, by name or number; None if it has no layer that is a table.

    Args:
        fields: names in the schema, if there is one.
        longest: characters that one cell may have.

    Raises:
        Unchecked: it is broken, hostile or too much, or has no such layer.
    """
    found = layer_rows(path, layer, longest, fields)
    if found is None:
        return None
    above = tuple((text,) for text in found.aside)
    layers, places = found.layers, found.places
    return Layout(path=path, format="gpkg", sheet=layer, above=above, sheets=layers, rows=found.rows, places=places)


def chosen_header(stated: int, rows: list[list[str]]) -> int:
    """The header's row number: what the recipe states (-1 for none), else what is detected.

    Raises:
        Unchecked: the table does not begin where the recipe says (``no-header``).
    """
    if stated > min(len(rows), MOST_ABOVE):
        raise Unchecked(f"The header should be on row {stated}.", reason="no-header")
    if stated:
        return max(stated, 0)
    return detect_header(rows) if rows else 1
