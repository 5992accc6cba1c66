"""Gaps against the promised frequency: observations that should be there and are not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from ..explanation import N_, Explanation
from ..label.data import load
from ..model import Json
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Context
from .local import earliest, latest
from .moments import Moments
from .series import KEY, Hash, Last
from .settings import FORMAT, TIME_ZONE, time_zone
from .unread import unread

RULE = "time-gap"
PERIODS: dict[str, dict[str, Any]] = load("frequencies")["periods"]
GRACE = 1.5  # periods; devices drift, and the labels allow half a period too


class Gaps(Tally):
    """Compares each row with the one before in its series, whichever way they run. Holds that row's time for each.

    Files out of order show gaps where there are none: ``time-order`` says so.
    """

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._moments = Moments(context.columns[settings["column"]], settings.get("format", ""))
        self._key = Hash([context.columns[name] for name in settings.get("by", [])])
        self._last = Last()
        self._detail = f"every {settings['every']}"
        zone = settings.get("time_zone", "")
        now, before = pl.col("moment"), pl.col("moment").shift(1).over(KEY)
        aware, was_aware = pl.col("aware"), pl.col("aware").shift(1).over(KEY)
        forward = earliest(now, aware, zone) - latest(before, was_aware, zone)
        back = earliest(before, was_aware, zone) - latest(now, aware, zone)
        limit = GRACE * timedelta(**PERIODS[settings["every"]])
        self._wrong = (forward > limit) | (back > limit)

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        frame = pl.concat([rows.select(ROW), self._moments.of(rows)], how="horizontal")
        whole = self._last.before(frame.with_columns(self._key.of(rows)).drop_nulls())
        self.note(RULE, whole.filter(self._wrong & pl.col("fresh")), self._moments.column, self._detail)
        self._last.keep(whole)

    def end(self) -> None:
        """See Tally."""
        unread(self, self._moments)


CHECK = Kind(
    name="gaps",
    why="A sensor that falls silent makes averages wrong without anybody noticing.",
    source="EU authority table “frequency”; a gap is more than one and a half of its periods",
    settings={
        "column": Setting("column", "column of dates or times", required=True),
        "every": Setting("text", "promised frequency, a code of the EU list", required=True, choices=tuple(PERIODS)),
        "by": Setting("columns", "columns that tell one series (a sensor, a street) from another"),
        "time_zone": TIME_ZONE,
        "format": FORMAT,
    },
    rules={
        RULE: Explanation(
            N_("A gap in the observations"),
            N_("More time lies between this row and the one before it, of the same series, than was promised."),
            N_("Find out whether the device was silent or rows were lost, and add them if they are kept elsewhere."),
        ),
    },
    build=Gaps,
    problem=time_zone,
)
