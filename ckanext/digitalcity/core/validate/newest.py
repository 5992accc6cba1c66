"""The newest date or time that a table holds, found in passing, for freshness."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
from frictionless import Field
from frictionless.table import Row

from .newest_text import KINDS, NewestText

AHEAD = timedelta(days=1)  # clocks differ and zones too, but a value further ahead is a plan or a mistake


class Newest:
    """Looks at the columns of type ``date`` and ``datetime`` in every row."""

    def __init__(self, fields: Sequence[Field], now: datetime | None = None) -> None:
        self._names = [field.name for field in fields if field.type in KINDS]
        self._limit = (now or datetime.now(UTC)) + AHEAD
        self._columns = [NewestText(f, at, self._limit) for at, f in enumerate(fields) if f.type in KINDS]
        self._instant: datetime | None = None
        self.value: str | None = None

    def see(self, row: Row) -> None:
        """Notes a row's dates; cells that are not what the schema says are passed over."""
        for name in self._names:
            value = row.get(name)
            if isinstance(value, date):
                self._note(value)

    def see_many(self, frame: pl.DataFrame) -> None:
        """Notes the dates of many rows; cells are text, and columns are named by their place from 0."""
        for column in self._columns:
            for value in column.candidates(frame):
                self._note(value)

    def _note(self, value: date | datetime) -> None:
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        try:
            instant = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except OverflowError:  # year 1 or 9999 in a zone that would carry it beyond
            return
        if instant > self._limit or (self._instant and instant <= self._instant):
            return
        self._instant = instant
        zoned = isinstance(value, datetime) and value.tzinfo is not None
        self.value = instant.isoformat().replace("+00:00", "Z") if zoned else value.isoformat()
