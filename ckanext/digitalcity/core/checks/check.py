"""What a check of ours is: a watch that has faults to tell once it has seen the last row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from ..explanation import Explanation
from ..model import Fault, Json
from ..validate.watch import ROW, Watch
from .column import Column, Context

KEPT = 100  # faults that one check lists; all of them are counted
ERROR, WARNING = "error", "warning"


class Check(Watch, Protocol):
    """Sees every row once, in batches of any size, and holds bounded memory.

    Attributes:
        level: ``error``: any fault fails the file; ``warning``: it is only listed.
        counts: all the faults by rule; complete once ``faults`` has been asked.
    """

    level: str
    counts: Counter[str]

    def faults(self) -> Iterator[Fault]:
        """The first faults, by row; to be asked after the last row. None of them carries a cell's value."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a recipe can tell a check.

    Attributes:
        kind: ``column`` or ``columns`` (names in the header), ``text``, ``texts``, ``number``, ``numbers``,
            ``count`` (a whole number from 1).
        says: what it means, for the guide.
        choices: if not empty, the only texts that are allowed.
    """

    kind: str
    says: str
    required: bool = False
    choices: tuple[str, ...] = ()


def _fine(settings: Json) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of check as a recipe names it.

    Attributes:
        why: the reason for it, a sentence for the guide.
        source: where its rule comes from.
        settings: by name. ``level`` is understood by every check and not listed.
        rules: what its faults are called, and how they are explained.
        build: makes a check from settings that were found in order.
        problem: what is wrong with settings that are each right alone; "" if nothing is.
    """

    name: str
    why: str
    source: str
    settings: Mapping[str, Setting]
    rules: Mapping[str, Explanation]
    build: Callable[[Json, Context], Tally]
    problem: Callable[[Json], str] = _fine


@dataclass
class Tally:
    """Counts all faults and keeps the first ones of each rule. Base of the checks."""

    level: str = ERROR
    counts: Counter[str] = field(default_factory=Counter)
    _kept: list[Fault] = field(default_factory=list)

    _ended: bool = False

    def see(self, rows: pl.DataFrame) -> None:
        """See Watch."""

    def end(self) -> None:
        """Notes what can only be said after the last row."""

    def note(self, rule: str, found: pl.DataFrame, column: Column | None, detail: str = "") -> None:
        """Notes a fault in every row of a frame that has a column ``row``; later calls are about later rows.

        Args:
            column: None if the fault is none of a column's.
        """
        if not found.height:
            return
        room = max(0, KEPT - self.counts[rule])
        self.counts[rule] += found.height
        for row in found.get_column(ROW).head(room).to_list():
            name, position = (column.name, column.position) if column else (None, None)
            self._kept.append(Fault(rule, row, name, position, detail))

    def note_file(self, rule: str, name: str | None, position: int | None, detail: str) -> None:
        """Notes a fault of the whole file."""
        self.counts[rule] += 1
        self._kept.append(Fault(rule, None, name, position, detail))

    def faults(self) -> Iterator[Fault]:
        """See Check."""
        if not self._ended:
            self._ended = True
            self.end()
        yield from sorted(self._kept, key=lambda fault: fault.row or 0)[:KEPT]
