"""Totals that don't add up: a row's parts against its total."""

from __future__ import annotations

import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.watch import ROW
from .check import Kind, Setting, Tally
from .column import Context
from .numeric import Numbers
from .unread import unread

RULE = "total-wrong"
ROUNDING = 1e-9  # what adding doubles may lose, as a share of the largest number


class Totals(Tally):
    """Holds no state but its counts. A row in which one of the numbers is missing is left alone."""

    def __init__(self, settings: Json, context: Context) -> None:
        super().__init__()
        self._parts = [Numbers(context.columns[name]) for name in settings["parts"]]
        self._total = Numbers(context.columns[settings["total"]])
        self._tolerance = float(settings.get("tolerance", 0))
        self._detail = f"{' + '.join(settings['parts'])} = {settings['total']}"

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        parts = [number.of(rows).alias(str(place)) for place, number in enumerate(self._parts)]
        frame = rows.select(ROW).with_columns(*parts, self._total.of(rows).alias("total")).drop_nulls()
        names = [part.name for part in parts]
        apart = (pl.sum_horizontal(names) - pl.col("total")).abs()
        allowed = self._tolerance + ROUNDING * pl.max_horizontal(pl.col(*names, "total").abs())
        self.note(RULE, frame.filter(apart > allowed), self._total.column, self._detail)

    def end(self) -> None:
        """See Tally."""
        unread(self, self._total, *self._parts)


CHECK = Kind(
    name="totals",
    why="A total that is not the sum of its parts shows a lost row, a slip of the keyboard, or a changed definition.",
    source="which columns make up the total is the dataset's own",
    settings={
        "parts": Setting("columns", "columns to be added up", required=True),
        "total": Setting("column", "column that holds their total", required=True),
        "tolerance": Setting("number", "difference that rounding explains, such as 0.01; 0 if left out"),
    },
    rules={
        RULE: Explanation(
            N_("A total that does not add up"),
            N_("The parts in the row do not add up to its total."),
            N_("Correct the part or the total; say in the recipe how much rounding may make them differ."),
        ),
    },
    build=Totals,
)
