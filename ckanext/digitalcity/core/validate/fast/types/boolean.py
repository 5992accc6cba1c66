"""Type ``boolean``: exactly the texts of trueValues and falseValues."""

from __future__ import annotations

import polars as pl
from frictionless import Field

from ..piece import one_of_these
from ..screen import Key, Screen, one_of


def boolean_screen(field: Field, column: pl.Expr) -> Screen:
    """See SCREENS. A text in both lists is false, as Frictionless has it."""
    texts = [*field.true_values, *field.false_values]
    certain = one_of(column, texts)
    key = pl.when(certain).then(~column.is_in(field.false_values))
    known = Key(key, pl.Boolean, lambda value: value if isinstance(value, bool) else None)
    return Screen(certain, known, one_of_these(texts))
