"""The newest date in a column of texts, without reading every one of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl
from frictionless import Field

from .fast.template import pattern_of
from .fast.types.datetime import FINER, ISO, ZONE

KINDS = {"date": ("%Y-%m-%d", ""), "datetime": (ISO, FINER + ZONE)}
OFFSET = r"[+-][0-9]{2}:[0-9]{2}"


class NewestText:
    """One column of type ``date`` or ``datetime``; ``place`` is its number from 0, ``limit`` the last moment wanted."""

    def __init__(self, field: Field, place: int, limit: datetime) -> None:
        self._column, self._limit = pl.col(str(place)), limit
        self._reader = field.create_cell_reader()
        fmt, suffix = KINDS[field.type] if field.format == "default" else (field.format, "")
        self._format = "" if field.format == "default" else fmt
        # which century two digits mean is not for Polars to say
        self._pattern = None if "%y" in fmt else pattern_of(fmt, suffix)

    def candidates(self, frame: pl.DataFrame) -> Iterator[date]:
        """One value is the column's newest up to the limit; the others are older, or too new, or as new."""
        texts = frame.select(self._column).to_series()
        if self._pattern:
            plain = texts.str.contains(self._pattern)
            known, texts = texts.filter(plain), texts.filter(~plain)
            yield from self._read(self._parsed(known) if self._format else self._ordered(known))
        yield from self._read(texts.unique())

    def _ordered(self, known: pl.Series) -> pl.Series:
        """ISO texts of one offset are ordered as what they mean."""
        parts = pl.DataFrame({"text": known}).with_columns(
            moment=pl.col("text").str.replace(f"(?:Z|{OFFSET})$", "").str.slice(0, 26),
            offset=pl.col("text").str.slice(19).str.extract(f"({OFFSET})$").fill_null(""),
        )
        newest = [
            parts.filter((pl.col("offset") == offset) & (pl.col("moment") <= self._limit_at(offset)))
            .filter(pl.col("moment") == pl.col("moment").max())
            .get_column("text")
            .head(1)
            for offset in parts.get_column("offset").unique().to_list()
        ]
        return pl.concat(newest) if newest else known

    def _limit_at(self, offset: str) -> str:
        hours, minutes = (int(offset[1:3]), int(offset[4:6])) if offset else (0, 0)
        ahead = timedelta(hours=hours, minutes=minutes)
        local = self._limit - ahead if offset.startswith("-") else self._limit + ahead
        return local.replace(tzinfo=None).isoformat()

    def _parsed(self, known: pl.Series) -> pl.Series:
        """Texts that only have digits where their format has directives mean the same to Polars and to Python."""
        moments = known.str.strptime(pl.Datetime("us"), self._format, strict=False)
        right = (moments <= self._limit.replace(tzinfo=None)).fill_null(value=False)
        left = known.filter(moments.is_null())
        place = moments.filter(right).arg_max()
        return left.unique() if place is None else pl.concat([left.unique(), known.filter(right).slice(place, 1)])

    def _read(self, texts: pl.Series) -> Iterator[date]:
        for text in texts.to_list():
            value = self._reader(text)[0]
            if isinstance(value, date):
                yield value
