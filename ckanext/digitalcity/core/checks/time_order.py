"""Times in order within each series, so that a reader may rely on the last row being the newest (or the first)."""

from __future__ import annotations

import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Context
from .local import earliest, latest
from .moments import Moments
from .series import KEY, Hash, Last
from .settings import FORMAT, TIME_ZONE, time_zone
from .unread import unread

RULE = "time-out-of-order"
ORDERS = ("oldest-first", "newest-first")


class TimeOrder(Tally):
    """Compares each row with the one before in its series. Holds that row's time for every series."""

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._moments = Moments(context.columns[settings["column"]], settings.get("format", ""))
        self._key = Hash([context.columns[name] for name in settings.get("by", [])])
        self._last = Last()
        zone = settings.get("time_zone", "")
        now, before = pl.col("moment"), pl.col("moment").shift(1).over(KEY)
        aware, was_aware = pl.col("aware"), pl.col("aware").shift(1).over(KEY)
        if settings.get("order") == "newest-first":
            now, aware, before, was_aware = before, was_aware, now, aware
        self._wrong = latest(now, aware, zone) < earliest(before, was_aware, zone)

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        frame = pl.concat([rows.select(ROW), self._moments.of(rows)], how="horizontal")
        whole = self._last.before(frame.with_columns(self._key.of(rows)).drop_nulls())
        found = whole.filter(self._wrong & pl.col("fresh"))
        self.note(RULE, found, self._moments.column)
        self._last.keep(whole)

    def end(self) -> None:
        """See Tally."""
        unread(self, self._moments)


CHECK = Kind(
    name="time-order",
    why="Rows out of order come from clocks that jumped, from files joined in the wrong order, or from mixed formats.",
    source="the order is the file's own; equal times are in order",
    settings={
        "column": Setting("column", "column of dates or times", required=True),
        "by": Setting("columns", "columns that tell one series (a sensor, a street) from another"),
        "order": Setting("text", "which way the rows run; oldest-first if left out", choices=ORDERS),
        "time_zone": TIME_ZONE,
        "format": FORMAT,
    },
    rules={
        RULE: Explanation(
            N_("Rows that are not in order of time"),
            N_("The row's time does not follow on the time of the row before it, of the same series."),
            N_("Sort the rows by time before they are exported, and check the device's clock."),
        ),
    },
    build=TimeOrder,
    problem=time_zone,
)
