"""Dates and times not in the future: what has been observed or done cannot lie ahead."""

from __future__ import annotations

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Context
from .moments import MOMENT, Moments
from .settings import FORMAT, time_zone
from .unread import unread

RULE = "time-in-future"
LONDON = "Europe/London"


class NotInFuture(Tally):
    """Holds no state but its counts. A time without an offset is compared with the clock of the time zone."""

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._moments = Moments(context.columns[settings["column"]], settings.get("format", ""))
        now = context.now + timedelta(minutes=settings.get("minutes", 0))
        local = now.astimezone(ZoneInfo(settings.get("time_zone", LONDON)))
        self._now = pl.lit(now.astimezone(UTC).replace(tzinfo=None), MOMENT)
        self._local = pl.lit(local.replace(tzinfo=None), MOMENT)

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        frame = pl.concat([rows.select(ROW), self._moments.of(rows)], how="horizontal")
        limit = pl.when("aware").then(self._now).otherwise(self._local)
        self.note(RULE, frame.filter(pl.col("moment") > limit), self._moments.column)

    def end(self) -> None:
        """See Tally."""
        unread(self, self._moments)


CHECK = Kind(
    name="not-in-future",
    why="What was observed, paid or inspected cannot lie ahead: the clock is wrong, or day and month are swapped.",
    source="compared with the clock of the portal when the file is checked",
    settings={
        "column": Setting("column", "column of dates or times", required=True),
        "minutes": Setting("count", "minutes that a time may lie ahead, for clocks that differ; 0 if left out"),
        "time_zone": Setting("text", "whose clock times without an offset follow; Europe/London if left out"),
        "format": FORMAT,
    },
    rules={
        RULE: Explanation(
            N_("A time in the future"),
            N_("The date or time lay in the future when the file was checked."),
            N_("Check the device's clock and time zone, and that day and month are not swapped."),
        ),
    },
    build=NotInFuture,
    problem=time_zone,
)
