"""Impossible readings: what the thing that is measured, or the device, cannot be."""

from __future__ import annotations

import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Context
from .numeric import Numbers
from .unread import unread

RULE = "value-impossible"


class PossibleValues(Tally):
    """Holds no state but its counts."""

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._numbers = Numbers(context.columns[settings["column"]])
        self._least = settings.get("minimum", float("-inf"))
        self._most = settings.get("maximum", float("inf"))
        self._never = [float(number) for number in settings.get("never", [])]
        self._detail = " ".join(f"{word} {settings[word]}" for word in ("minimum", "maximum") if word in settings)

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        frame = rows.select(ROW).with_columns(value=self._numbers.of(rows))
        value = pl.col("value")
        wrong = (value < self._least) | (value > self._most) | value.is_in(self._never)
        self.note(RULE, frame.filter(wrong), self._numbers.column, self._detail)

    def end(self) -> None:
        """See Tally."""
        unread(self, self._numbers)


def _problem(settings: Json) -> str:
    if not {"minimum", "maximum", "never"} & set(settings):
        return "“minimum”, “maximum” or “never” is missing: say which readings are impossible."
    least, most = settings.get("minimum", float("-inf")), settings.get("maximum", float("inf"))
    return "" if least <= most else "“minimum” must not be more than “maximum”."


CHECK = Kind(
    name="possible-values",
    why="Devices write numbers such as -999 when they fail, and nobody should average them.",
    source="WMO-No. 8, Guide to Instruments and Methods of Observation: plausible-value checks; limits from the recipe",
    settings={
        "column": Setting("column", "column of readings", required=True),
        "minimum": Setting("number", "smallest reading that can be true"),
        "maximum": Setting("number", "largest reading that can be true"),
        "never": Setting("numbers", "readings within the limits that only mean an error, such as 99.9"),
    },
    rules={
        RULE: Explanation(
            N_("A reading that cannot be true"),
            N_("The value lies outside what can be measured here, or stands for a failure of the device."),
            N_("Leave the cell blank where the device failed, and check its settings and unit."),
        ),
    },
    build=PossibleValues,
    problem=_problem,
)
