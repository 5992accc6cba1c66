"""What a screening rule is, and how what it sees is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from .column import Column

FIRST_ROWS = 20
FEW = 3


class Sight(Enum):
    """What a cell looks like to a rule.

    ``CERTAIN`` stands for itself; ``LIKELY`` only counts where nearly the whole column looks like it;
    ``OFFICE`` is an organisation's own; ``SHAPED`` has the form but fails the check, and speaks against the column.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    OFFICE = "office"
    SHAPED = "shaped"


@dataclass(slots=True)
class Count:
    """Cells of one sight in one column: how many, where first, and up to three different values (kept in memory)."""

    cells: int = 0
    rows: list[int] = field(default_factory=list)
    values: set[str] = field(default_factory=set)

    def add(self, row: int, value: str) -> None:
        """Counts one cell."""
        self.cells += 1
        if len(self.rows) < FIRST_ROWS:
            self.rows.append(row)
        if len(self.values) < FEW:
            self.values.add(value)


@dataclass(slots=True)
class Tally:
    """All that one rule saw in one column."""

    column: Column
    counts: dict[Sight, Count] = field(default_factory=lambda: {sight: Count() for sight in Sight})

    def cells(self, *sights: Sight) -> int:
        """How many cells looked like any of these."""
        return sum(self.counts[sight].cells for sight in sights)

    def values(self, *sights: Sight) -> int:
        """How many different values, counted up to three for each sight."""
        return len(set().union(*(self.counts[sight].values for sight in sights)))

    def share(self, sight: Sight) -> float:
        """Share of this sight in all cells that have the form at all."""
        return self.cells(sight) / max(self.cells(*Sight), 1)


@dataclass(frozen=True, slots=True)
class Table:
    """What the names of all columns say about whom the rows are about."""

    of_people: bool
    of_organisations: bool


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule makes of one column: which sights count, and as what (``personal`` or ``note``)."""

    level: str
    sights: tuple[Sight, ...]


Look = Callable[[Sequence[str], Sequence[Column]], Iterator[tuple[int, Sight, str]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of personal data.

    Attributes:
        name: as findings show it.
        hint: a row without a match holds nothing for this rule. It runs on every row, in Python and in Rust, so it
            is quick, without look-around, and rather too wide than too narrow.
        look: yields (index of the cell, what it looks like, value without its spelling) for a row with a hint.
        judge: what the whole column comes to, after the last row.
    """

    name: str
    hint: str
    look: Look
    judge: Callable[[Tally, Table], Sequence[Ruling]]
