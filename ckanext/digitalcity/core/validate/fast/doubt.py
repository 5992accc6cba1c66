"""Which rows of a block are not certainly valid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from .column import Column
from .keys import Unique
from .plan import Plan

Flags = npt.NDArray[np.bool_]


def certain_rows(frame: pl.DataFrame, plan: Plan) -> Flags:
    """One flag for each row of the frame: True where Frictionless certainly finds nothing wrong in the row itself.

    What other rows have to do with it, such as an equal key, is not looked at; but a row is only certain if its
    keys can be compared by the screen.
    """
    certain = certain_cells(frame, plan.columns, plan.uniques)
    return certain & ~_blank_rows(frame, plan.columns)


def certain_cells(frame: pl.DataFrame, columns: tuple[Column, ...], uniques: tuple[Unique, ...]) -> Flags:
    """The same of some columns only, and of rows that are known not to be blank."""
    certain = np.ones(frame.height, np.bool_)
    asked = [column for column in columns if column.certain is not None]
    questions = [column.certain.alias(column.name) for column in asked if column.certain is not None]
    if questions:
        answers = frame.lazy().select(questions).collect()  # lazy, so that what they share is computed once
        for column in asked:
            answer = answers.get_column(column.name)
            if not answer.all():
                certain &= column.settle(frame, answer).to_numpy()
    comparable = [known for unique in uniques if (known := unique.comparable()) is not None]
    if comparable:
        certain &= frame.select(pl.all_horizontal(comparable)).to_series().to_numpy()
    return certain


def _blank_rows(frame: pl.DataFrame, columns: tuple[Column, ...]) -> Flags:
    """Rows of missing values only: Frictionless calls them blank, even if every cell alone is valid."""
    if any(column.required for column in columns):
        return np.zeros(frame.height, np.bool_)  # then none of them is certain
    blank = np.ones(frame.height, np.bool_)
    for column in columns:
        blank &= frame.select(column.blank).to_series().to_numpy()
        if not blank.any():
            break
    return blank
