"""Stuck sensors: the same reading over and over."""

from __future__ import annotations

import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Context
from .numeric import Numbers
from .series import KEY, Hash, Last
from .unread import unread

RULE = "value-stuck"


class Stuck(Tally):
    """One fault for each run that gets too long, in the row where it does.

    Holds the last value of every series, and how many rows it has been the same.
    """

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._numbers = Numbers(context.columns[settings["column"]])
        self._key = Hash([context.columns[name] for name in settings.get("by", [])])
        self._last = Last()
        self._most = settings["at_most"]
        self._ignored = [float(number) for number in settings.get("ignore", [])]
        self._detail = f"at most {self._most} times in a row"

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        frame = rows.select(ROW).with_columns(self._key.of(rows), value=self._numbers.of(rows), length=pl.lit(1))
        whole = self._last.before(frame.drop_nulls())
        new = pl.col("value").ne_missing(pl.col("value").shift(1)).cast(pl.UInt32).cum_sum().over(KEY)
        whole = whole.with_columns(run=new).with_columns(pl.col("length").cum_sum().over(KEY, "run"))
        long = pl.col("fresh") & (pl.col("length") == self._most + 1) & ~pl.col("value").is_in(self._ignored)
        self.note(RULE, whole.filter(long), self._numbers.column, self._detail)
        self._last.keep(whole.drop("run"))

    def end(self) -> None:
        """See Tally."""
        unread(self, self._numbers)


CHECK = Kind(
    name="stuck",
    why="A sensor that is blocked, frozen or offline often repeats its last reading for ever.",
    source="WMO-No. 8, Guide to Instruments and Methods of Observation: persistence tests of real-time quality control",
    settings={
        "column": Setting("column", "column of readings", required=True),
        "at_most": Setting("count", "how many times in a row the same reading is still believable", required=True),
        "by": Setting("columns", "columns that tell one sensor from another"),
        "ignore": Setting("numbers", "readings that may stay as long as they like: no rain is 0 for weeks"),
    },
    rules={
        RULE: Explanation(
            N_("A reading that never changes"),
            N_("The sensor has given the very same reading more often in a row than can be believed."),
            N_("Look after the sensor, and mark or remove its readings since the first of them."),
        ),
    },
    build=Stuck,
)
