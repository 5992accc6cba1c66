"""Reads cells as moments, in the way that the schema or the recipe says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from frictionless import Field

from ..validate.fast.template import directives, pattern_of
from ..validate.fast.types.datetime import FINER, ZONE
from .column import Column

MOMENT = pl.Datetime("us")
SHEET = "%Y-%m-%dT%H:%M:%S"  # how a real date of a spreadsheet is shown to a watch, whatever the schema's format is
ISO_FORMATS = {
    "date": ("%Y-%m-%d",),
    "datetime": ("%Y-%m-%dT%H:%M:%S",),
    "": ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"),
}
LOOSE = "(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"  # ISO 8601 allows these too


class Moments:
    """One column's dates or times. ``seen`` counts cells that hold something, ``read`` those that are moments.

    Args:
        fmt: strptime format from the recipe; "" leaves it to the schema. Where neither says anything, ISO 8601 is
            read, with a blank in place of the T too, as spreadsheets and databases write it.
    """

    def __init__(self, column: Column, fmt: str = "") -> None:
        self.column = column
        self.seen = self.read = 0
        kind, form = column.field.get("type"), column.field.get("format") or "default"
        if fmt:
            kind, form = "datetime", fmt
        elif kind not in ("date", "datetime"):
            kind, form = "", "default"
        self._reader: Callable[[str], Any] | None = None
        if kind:
            descriptor = {"name": column.name, "type": kind, "format": form, "missingValues": list(column.missing)}
            self._reader = Field.from_descriptor(descriptor).create_cell_reader()
        formats = ISO_FORMATS[kind] if form == "default" else (form,)
        suffix = "" if form != "default" else FINER + (ZONE if kind else LOOSE)
        parsers = [_parser(one, column.text, suffix) for one in formats] + [_parser(SHEET, column.text, "")]
        self._parsers = [parser for parser in parsers if parser]

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Columns ``moment`` (Datetime; UTC where the text says so, else as it stands) and ``aware``.

        Both are null for what is missing or no moment.
        """
        frame = rows.select(text=self.column.text, there=self.column.there)
        found = rows.select(
            moment=pl.coalesce([pl.lit(None, MOMENT), *(moment for moment, _ in self._parsers)]),
            aware=pl.coalesce([pl.lit(None, pl.Boolean), *(aware for _, aware in self._parsers)]),
        ).select(pl.when(frame.get_column("there")).then(pl.all()))
        doubtful = frame.filter(pl.col("there") & found.get_column("moment").is_null()).get_column("text").unique()
        known = {text: value for text in doubtful.to_list() if (value := self._moment(text))}
        if known:
            text = frame.get_column("text")
            moments = {one: moment for one, (moment, _) in known.items()}
            awares = {one: aware for one, (_, aware) in known.items()}
            found = found.with_columns(
                pl.col("moment").fill_null(text.replace_strict(moments, default=None, return_dtype=MOMENT)),
                pl.col("aware").fill_null(text.replace_strict(awares, default=None, return_dtype=pl.Boolean)),
            )
        self.seen += int(frame.get_column("there").sum())
        self.read += found.height - found.get_column("moment").null_count()
        return found

    def _moment(self, text: str) -> tuple[datetime, bool] | None:
        if self._reader is None:
            return None
        try:
            value: Any = self._reader(text)[0]
            return as_moment(value) if isinstance(value, date) else None
        except (ArithmeticError, TypeError, ValueError):
            return None


def as_moment(value: date) -> tuple[datetime, bool]:
    """A date or time without its zone, in UTC if it had one, and whether it had."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day), False
    if value.utcoffset() is None:
        return value.replace(tzinfo=None), False
    return value.astimezone(UTC).replace(tzinfo=None), True


def _parser(fmt: str, text: pl.Expr, suffix: str) -> tuple[pl.Expr, pl.Expr] | None:
    """Moment and awareness of texts that only have digits where the format has directives; None if it cannot say.

    Args:
        suffix: what may follow a time: fraction and offset; "" if only the format itself counts.
    """
    letters = directives(fmt)
    timed = "H" in letters
    pattern = None if "y" in letters else pattern_of(fmt, suffix if timed else "")
    if pattern is None or not {"Y", "m", "d"} <= set(letters):
        return None
    plain = pl.when(text.str.contains(pattern)).then(text)
    if not (suffix and timed):
        moment = plain.str.strptime(MOMENT if timed else pl.Date(), fmt, strict=False).cast(MOMENT)
        return moment, pl.when(moment.is_not_null()).then(pl.lit(value=False))
    zone = plain.str.slice(16).str.extract("(Z|[+-].*)$")  # behind hours and minutes
    body = plain.str.head(16) + plain.str.slice(16).str.replace("(?:Z|[+-].*)$", "")
    moment = body.str.strptime(MOMENT, f"{fmt}%.f", strict=False)
    hours = zone.str.slice(1, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = 60 * hours + zone.str.extract(r"[0-9]{2}:?([0-9]{2})$").cast(pl.Int64).fill_null(0)
    ahead = pl.duration(minutes=pl.when(zone.str.starts_with("-")).then(-minutes).otherwise(minutes))
    return moment - ahead, pl.when(moment.is_not_null()).then(zone.is_not_null())
