"""What the checks of codes share: the form of a code, and a list of those that are known."""

from __future__ import annotations

import polars as pl

from ..explanation import N_, Explanation
from ..model import Json
from ..validate.watch import ROW
from .check import Setting, Tally
from .column import Context

UNKNOWN = "code-not-listed"
COLUMN = Setting("column", "column of codes", required=True)
LISTED = Setting("texts", "the only codes that there may be, in quotes; left out: any code of the right form")
EXPLAINED = Explanation(
    N_("A code that is not on the list"),
    N_("The code has the right form, but it is not on the recipe's list of codes."),
    N_("Look the code up in its register; correct it, or add it to the recipe if it is new."),
)


class Codes(Tally):
    """Holds no state but its counts and the list.

    Args:
        rule: name of the fault of a code whose form is wrong.
        pattern: regular expression for the whole code.
        detail: the form in words.
    """

    def __init__(self, settings: Json, context: Context, rule: str, pattern: str, detail: str) -> None:
        super().__init__()
        self._column = context.columns[settings["column"]]
        self._rule, self._detail = rule, detail
        self._form = self._column.text.str.contains(f"^(?:{pattern})$")
        self._listed = settings.get("listed", [])

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""
        cells = rows.filter(self._column.there).select(
            ROW, form=self._form, listed=self._column.text.is_in(self._listed)
        )
        self.note(self._rule, cells.filter(~pl.col("form")), self._column, self._detail)
        if self._listed:
            self.note(UNKNOWN, cells.filter(pl.col("form") & ~pl.col("listed")), self._column)
