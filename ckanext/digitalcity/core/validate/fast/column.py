"""One column of a table: the screen's answer, and Frictionless's own cell reader for the texts it is not sure of."""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl
from frictionless import Field

from .piece import ANY, SOME, one_of_these
from .screen import Key, Screen, one_of
from .types import SCREENS
from .unsure import NotSure

REMEMBERED = 1 << 16  # texts per column whose reading is kept


class Column:
    """A field as it stands in the file.

    Attributes:
        name: of the column in a frame of rows.
        field: Frictionless's own.
        missing: texts that stand for a missing value.
        blank: expression, whether a text stands for a missing value.
        certain: expression, whether a cell is certainly valid; None if every cell is.
        required: whether a missing value is an error.
        key: how its values are compared; None if the screen cannot.
        piece: expression for the whole of a cell that is certainly valid, blank or not; None if there is none.
        solid: the same for cells that are not blank.
    """

    def __init__(self, field: Field, number: int) -> None:
        self.name = str(number)
        self.required = bool(field.constraints.get("required"))
        self.field = field
        self.blank, self.missing = _blank(field, pl.col(self.name))
        screen = _screen(field, pl.col(self.name))
        self.key: Key | None = screen.key
        certain = screen.certain & ~self.blank
        if not self.required:
            certain = certain | self.blank
        everything = not self.required and field.type in ("string", "any") and not (set(field.constraints) - {"unique"})
        self.certain = None if everything and field.format == "default" else certain.fill_null(value=False)
        self.solid = _solid(screen.piece, self.missing)
        self.piece = self.solid if self.required else _with_blanks(screen.piece, self.missing)
        reader = field.create_cell_reader()

        @lru_cache(REMEMBERED)
        def reads(text: str) -> bool:
            try:
                return not reader(text)[1]
            except (ArithmeticError, TypeError, ValueError):
                return False  # the row goes to Frictionless, which stumbles in its turn or not at all

        self._reads = reads

    def settle(self, frame: pl.DataFrame, certain: pl.Series) -> pl.Series:
        """Lets Frictionless read each distinct text that the screen was not sure of."""
        texts = frame.get_column(self.name)
        valid = [text for text in texts.filter(~certain).unique().to_list() if self._reads(text)]
        return certain | texts.is_in(valid) if valid else certain


def _screen(field: Field, column: pl.Expr) -> Screen:
    try:
        screen = SCREENS[field.type](field, column) if field.type in SCREENS else Screen(pl.lit(False))
    except NotSure:
        screen = Screen(pl.lit(False))
    choices = field.constraints.get("enum")
    if choices is None:
        return screen
    if field.type != "string":
        return Screen(pl.lit(False), screen.key)
    texts = [choice for choice in choices if isinstance(choice, str)]
    piece = one_of_these(texts) if screen.piece == ANY else None
    return Screen(screen.certain & one_of(column, texts), screen.key, piece)


def _with_blanks(piece: str | None, missing: list[str]) -> str | None:
    blanks = one_of_these(missing)
    return f"(?:{piece}|{blanks})" if piece and piece != ANY and blanks else piece


def _solid(piece: str | None, missing: list[str]) -> str | None:
    if piece == ANY and missing == [""]:
        return SOME
    return None if piece is None or any(re.fullmatch(piece, text, re.DOTALL) for text in missing) else piece


def _blank(field: Field, column: pl.Expr) -> tuple[pl.Expr, list[str]]:
    missing = field.missing_values
    if not field.has_defined("missing_values") and field.schema:
        missing = field.schema.missing_values
    return one_of(column, missing), missing
