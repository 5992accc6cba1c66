"""All rules over all rows of one file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from ..model import Finding
from .column import Column, words
from .rule import Table, Tally
from .rules import RULES

VERSION = "1"  # goes on labels: raise it whenever a rule finds more or less than before
PEOPLE = words(
    "forename forenames firstname surname lastname given applicant occupier resident tenant owner owners client "
    "customer patient pupil student child parent employee dob birth gender sex claimant complainant person "
    "volunteer householder holder"
)
ORGANISATIONS = words(
    "organisation organization supplier vendor merchant company business trading premises school academy site "
    "venue establishment provider practice pharmacy council authority department directorate body ratepayer rateable"
)
HINTS = {rule.name: re.compile(rule.hint) for rule in RULES}
ANY_HINT = "|".join(f"(?:{rule.hint})" for rule in RULES)


class Screen:
    """Reads every row once and holds counts, no rows.

    Args:
        columns: in the order of the cells; cells beyond them are looked at too, under no name.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = list(columns)
        names = frozenset[str]().union(*(column.words for column in columns))
        self._table = Table(not names.isdisjoint(PEOPLE), not names.isdisjoint(ORGANISATIONS))
        self._tallies: dict[tuple[str, int], Tally] = {}

    def see(self, number: int, cells: Iterable[object]) -> None:
        """Looks at one row; ``number`` is what a finding will say."""
        texts = [cell if isinstance(cell, str) else _text(cell) for cell in cells]
        while len(texts) > len(self._columns):
            self._columns.append(Column("", (place := len(self._columns) + 1), f"column {place}"))
        line = "\n".join(texts)
        for rule in RULES:
            if HINTS[rule.name].search(line):
                for index, sight, value in rule.look(texts, self._columns):
                    tally = self._tallies.setdefault((rule.name, index), Tally(self._columns[index]))
                    tally.counts[sight].add(number, value)

    def see_many(
        self, frame: pl.DataFrame, numbers: npt.NDArray[np.int64], odd: Iterable[tuple[int, Sequence[str]]] = ()
    ) -> None:
        """Looks at many rows of text, but only reads those with a hint in some cell.

        Args:
            numbers: of the rows in the frame.
            odd: numbers and cells of other rows between them.
        """
        hinted = frame.select(pl.any_horizontal(pl.all().str.contains(ANY_HINT))).to_series().to_numpy()
        rows = zip(numbers[hinted].tolist(), frame.filter(hinted).iter_rows(), strict=True)
        for number, cells in sorted([*rows, *odd], key=lambda row: row[0]):
            self.see(number, cells)

    def findings(self) -> tuple[Finding, ...]:
        """What the whole file came to, in the order of the rules and columns."""
        return tuple(self._findings())

    def _findings(self) -> Iterator[Finding]:
        for rule in RULES:
            for (name, _), tally in sorted(self._tallies.items()):
                if name != rule.name:
                    continue
                for ruling in rule.judge(tally, self._table):
                    counts = [tally.counts[sight] for sight in ruling.sights]
                    rows = sorted({row for count in counts for row in count.rows})[:20]
                    level = "note" if rule.name in tally.column.public else ruling.level
                    yield Finding(
                        rule=rule.name,
                        field=tally.column.shown,
                        count=sum(count.cells for count in counts),
                        rows=tuple(rows),
                        level=level,
                    )


def _text(cell: object) -> str:
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # spreadsheets keep every number as a fraction
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)
