"""Cells of a sheet's XML as text, and what kind of value openpyxl makes of each (ECMA-376-1 18.3.1.4, 18.18.11)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .column import Column
from .unsure import NotSure

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.uint8]

EMPTY, TEXT, NUMBER, TRUTH, MOMENT, OTHER = range(6)
# What follows "<c ": place, style, type, value or own text, and what stands before the next cell.
CELL = (
    r'^r="(?<letters>[A-Z]{1,3})(?<row>[0-9]{1,7})"(?: s="(?<style>[0-9]+)")?(?: t="(?<type>[a-zA-Z]+)")?'
    r"(?:/>|>(?:<f(?: [^>]*)?(?:/>|>[^<]*</f>))?(?:<v>(?<value>[^<]*)</v>|<v/>)?</c>"
    r'|><is><t(?: xml:space="preserve")?>(?<own>[^<]*)</t></is></c>)'
    r'(?<after></row>(?:<row [^>]*/>)*(?:<row r="(?<next>[0-9]{1,7})"(?: [^>]*[^/>])?>)?)?$'
)
NUMERAL = r"^-?[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?$"
SERIAL = r"^[0-9]{2,7}(?:[.][0-9]+)?$"
FIRST_DAY, LAST_DAY = 61, 2_958_465  # 1 March 1900, after the day that Excel invented, to the end of 9999
EPOCH = datetime(1899, 12, 30)
DAY = 86_400_000  # milliseconds
ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
ISO = "%Y-%m-%dT%H:%M:%S"
# missing values that a number, a truth or a moment could be written as
VALUE = re.compile(r"[+-]?[.]?[0-9]|true|false|none|[+-]?inf|nan", re.IGNORECASE)


class Cells:
    """Reads the cells of one workbook's sheet."""

    def __init__(self, sheet: Any) -> None:
        book = sheet.parent
        self._shared = pl.Series(sheet._shared_strings, dtype=pl.String)
        self._spans = [str(style) for style in book._timedelta_formats]
        self._dates = [str(style) for style in book._date_formats]
        self._numbers: dict[str, int] = {}

    def places(self, cells: pl.DataFrame, row: int) -> tuple[Ints, Ints]:
        """Row numbers from 1 and column numbers from 0.

        Args:
            row: number of the row that the first cell must be in.

        Raises:
            NotSure: a cell is not understood, or they are not in order.
        """
        letters = cells.get_column("letters")
        if letters.null_count() or cells.get_column("after").item(-1) != "</row>":
            raise NotSure
        known = letters.unique().to_list()
        column = letters.replace_strict(known, [_index_of(each) for each in known], return_dtype=pl.Int64).to_numpy()
        rows = cells.get_column("row").cast(pl.Int64).to_numpy()
        ends = cells.get_column("after").is_not_null().to_numpy()[:-1]
        begun = cells.get_column("next").cast(pl.Int64).fill_null(0).to_numpy()[:-1]
        following = np.where(ends, begun, rows[:-1])
        ordered = np.where(ends, rows[1:] > rows[:-1], column[1:] > column[:-1])
        if rows[0] != row or (rows[1:] != following).any() or not ordered.all():
            raise NotSure
        return rows, column

    def read(self, cells: pl.DataFrame) -> tuple[pl.Series, Kinds]:
        """Texts, and what kinds of values they stand for.

        Raises:
            NotSure: a text has something that only an XML parser understands.
        """
        type_, value, own = pl.col("type").fill_null("n"), pl.col("value").fill_null(""), pl.col("own")
        style = pl.col("style").fill_null("0")
        date = style.is_in(self._dates) & ~style.is_in(self._spans)
        nothing = value == ""
        kind = (
            pl.when(own.is_not_null())
            .then(pl.when(type_ == "inlineStr").then(TEXT).otherwise(OTHER))
            .when(nothing & type_.is_in(["n", "str", "inlineStr"]))
            .then(EMPTY)
            .when(type_.is_in(["s", "str"]))
            .then(TEXT)
            .when((type_ == "b") & value.is_in(["0", "1"]))
            .then(TRUTH)
            .when((type_ == "n") & date & value.str.contains(SERIAL))
            .then(MOMENT)
            .when((type_ == "n") & ~style.is_in(self._dates + self._spans) & value.str.contains(NUMERAL))
            .then(NUMBER)
            .otherwise(OTHER)
            .cast(pl.UInt8)
        )
        found = cells.lazy().select(text=own.fill_null(value), kind=kind, shared=type_ == "s").collect()
        text, kinds = found.get_column("text"), found.get_column("kind").to_numpy().copy()
        text = self._named(text, found.get_column("shared"))
        text = _unescaped(text, found.get_column("shared"))
        truths = pl.Series(kinds == TRUTH)
        if truths.any():
            text = text.zip_with(~truths, text.replace({"0": "false", "1": "true"}))
        return self._dated(text, kinds), kinds

    def _named(self, text: pl.Series, shared: pl.Series) -> pl.Series:
        if not shared.any():
            return text
        number = text.zip_with(shared, pl.repeat("0", len(text), eager=True)).cast(pl.Int64, strict=False)
        if number.null_count() or not len(self._shared) or not number.is_between(0, len(self._shared) - 1).all():
            raise NotSure
        return self._shared.gather(number).zip_with(shared, text)

    @staticmethod
    def _dated(text: pl.Series, kinds: Kinds) -> pl.Series:
        """Serial numbers as ISO 8601, rounded to milliseconds as openpyxl does."""
        places = np.flatnonzero(kinds == MOMENT)
        if not places.size:
            return text
        serial = text.gather(places).cast(pl.Float64).to_numpy()
        wrong = (serial < FIRST_DAY) | (serial >= LAST_DAY)
        kinds[places[wrong]] = OTHER
        places, serial = places[~wrong], serial[~wrong]
        day = np.floor(serial)
        moment = day * DAY + np.rint((serial - day) * 86_400 * 1000)
        moments = pl.Series(moment).cast(pl.Int64).cast(pl.Duration("ms")) + pl.Series([EPOCH]).cast(pl.Datetime("ms"))
        return text.scatter(places, moments.dt.strftime(f"{ISO}%.3f").str.replace(".000", "", literal=True))


class Fit:
    """Which kinds of values a column's screen may judge by their text.

    Args:
        keyed: whether the table has unique fields or a primary key.

    Raises:
        NotSure: a missing value could be a number, a truth or a moment, or an empty cell is not a missing one.
    """

    def __init__(self, column: Column, keyed: bool) -> None:
        field = column.field
        if "" not in column.missing or any(VALUE.match(text) for text in column.missing):
            raise NotSure
        plain = field.type in ("integer", "year") or (
            field.type == "number" and field.decimal_char == "." and not field.group_char
        )
        anything = field.type == "any" and not field.constraints and not keyed
        self._day = field.type == "date"
        self._kinds = {
            EMPTY: True,
            TEXT: True,
            NUMBER: plain or anything,
            TRUTH: anything
            or (field.type == "boolean" and "true" in field.true_values and "false" in field.false_values),
            MOMENT: anything or (field.type in ("date", "datetime") and field.format == "default"),
            OTHER: False,
        }
        # a float has its value to 15 digits; compared is what Frictionless makes of the float
        self._exact = keyed or bool(set(field.constraints) - {"required"})

    def take(self, text: pl.Series, kind: Kinds) -> tuple[pl.Series, Flags]:
        """The column as the screen is to see it, and the rows that it must not judge."""
        allowed = np.array([self._kinds[number] for number in range(OTHER + 1)])
        wrong = ~allowed[kind]
        if self._exact and (kind == NUMBER).any():
            long = ((text.str.len_bytes() > 16) & text.str.contains("[.]")) | text.str.contains("[eE]")
            wrong |= long.to_numpy() & (kind == NUMBER)
        if self._day and (kind == MOMENT).any():
            midnight = text.str.replace("T00:00:00$", "")
            text = midnight.zip_with(pl.Series(kind == MOMENT), text)
        return text, wrong


def _unescaped(text: pl.Series, shared: pl.Series) -> pl.Series:
    marked = text.str.contains("&", literal=True) & ~shared
    if not marked.any():
        return text
    names = list(ENTITIES)
    if text.filter(marked).str.replace_many(names, [""] * len(names)).str.contains("&", literal=True).any():
        raise NotSure
    return text.str.replace_many(names, list(ENTITIES.values())).zip_with(marked, text)


def _index_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
