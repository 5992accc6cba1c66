"""What the screen knows of one field: which texts are certainly valid, and what makes two of them the same value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import polars as pl

FEW = 3  # texts that are compared one by one faster than looked up


def one_of(column: pl.Expr, texts: Sequence[str]) -> pl.Expr:
    """Whether a cell is one of the texts."""
    if not 0 < len(texts) <= FEW:
        return column.is_in(texts)
    return reduce(operator.or_, (column == text for text in texts))


@dataclass(frozen=True, slots=True)
class Key:
    """How values are compared in unique fields and primary keys.

    Attributes:
        expr: equal for two certain cells if and only if Frictionless reads equal values; null where that is not sure.
        dtype: type of ``expr``.
        of: the same for a value that Frictionless has read; None if no certain cell can equal it.
        total: whether ``expr`` is never null.
    """

    expr: pl.Expr
    dtype: type[pl.DataType]
    of: Callable[[Any], Any]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """One type's answer for one field.

    Attributes:
        certain: True only for texts that Frictionless reads without a note, constraints included; null counts as False.
        key: None if the type's values cannot be compared by the screen.
        piece: expression for the whole of such a text, of constructs that ``pattern.py`` knows; it may match
            fewer than ``certain``. None if there is none.
    """

    certain: pl.Expr
    key: Key | None = None
    piece: str | None = None
