"""Dates and times between two dates: those that the dataset is about."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Context
from .moments import Moments
from .settings import FORMAT, date_format
from .unread import unread

RULE = "time-out-of-range"


class TimeRange(Tally):
    """Holds no state but its counts. The day in ``to`` counts until midnight."""

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._moments = Moments(context.columns[settings["column"]], settings.get("format", ""))
        self._from = _midnight(settings["from"]) if "from" in settings else datetime.min
        self._before = _midnight(settings["to"]) + timedelta(days=1) if "to" in settings else datetime.max
        self._detail = " ".join(f"{word} {settings[word]}" for word in ("from", "to") if word in settings)

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        frame = pl.concat([rows.select(ROW), self._moments.of(rows)], how="horizontal")
        wrong = (pl.col("moment") < self._from) | (pl.col("moment") >= self._before)
        self.note(RULE, frame.filter(wrong), self._moments.column, self._detail)

    def end(self) -> None:
        """See Tally."""
        unread(self, self._moments)


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time())


def _problem(settings: Json) -> str:
    if not {"from", "to"} & set(settings):
        return "“from” or “to” is missing: say where the range begins or ends."
    try:
        moments = [_midnight(settings[word]) for word in ("from", "to") if word in settings]
    except ValueError:
        return "“from” and “to” are dates like 2026-03-31."
    if any(not 1 < moment.year < 9999 for moment in moments):
        return "“from” and “to” are dates like 2026-03-31."
    return date_format(settings) if moments == sorted(moments) else "“from” must not be later than “to”."


CHECK = Kind(
    name="time-range",
    why="Dates such as 1900-01-01 or 1970-01-01 stand for “unknown” in many systems; others are slips of the year.",
    source="the range is the dataset's own",
    settings={
        "column": Setting("column", "column of dates or times", required=True),
        "from": Setting("text", "first day that can be right"),
        "to": Setting("text", "last day that can be right"),
        "format": FORMAT,
    },
    rules={
        RULE: Explanation(
            N_("A date that cannot be right"),
            N_("The date or time is earlier or later than the recipe says this data can be."),
            N_("Correct the date; leave the cell blank where nobody knows it."),
        ),
    },
    build=TimeRange,
    problem=_problem,
)
