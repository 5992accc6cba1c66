"""The door through which rows reach Frictionless: a dialect whose content stream holds only the doubtful ones."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self

from frictionless import Dialect
from frictionless.resources import TableResource

from .unsure import NotSure

if TYPE_CHECKING:
    from .engine import Options
    from .reading import Show

Cells = list[str]
PACKED = 8  # a workbook is compressed, and slower to read


class Selection(Dialect):  # type: ignore[misc]
    """Frictionless asks its dialect for the rows that hold content; this one leaves out the certainly valid.

    Attributes:
        show: told of every block of rows, certain or not; see survey.
        last: number of the last row handed over.
        stopped: True while rows are being handed over, hence at the end if Frictionless stopped asking.
    """

    _table: TableResource
    _options: Options
    _streams: list[Generator[tuple[int, Cells]]]
    show: Show | None = None
    last = 0
    stopped = False

    @classmethod
    def install(cls, table: TableResource, options: Options) -> Self:
        """Puts a selection in the place of the table's dialect; the table must not be open."""
        selection: Self = cls.from_descriptor(table.dialect.to_descriptor())
        selection._table, selection._options, selection._streams = table, options, []
        table.dialect = selection
        return selection

    def read_enumerated_content_stream(self, cell_stream: Iterator[Cells]) -> Iterator[tuple[int, Cells]]:
        """Called by Frictionless with a sample (a list), then with the whole table."""
        every: Iterator[tuple[int, Cells]] = super().read_enumerated_content_stream(cell_stream)
        if isinstance(cell_stream, list):
            return every
        self._streams.append(self._select(every))
        return self._streams[-1]

    def close(self) -> None:
        """Ends what Frictionless has stopped asking for, and its threads.

        Python's collector must not come to do that: it waits for threads in the middle of anything, also of what they
        need to end.
        """
        for stream in self._streams:
            stream.close()

    def _select(self, every: Iterator[tuple[int, Cells]]) -> Generator[tuple[int, Cells]]:
        path = Path(self._table.normpath)
        if path.stat().st_size <= self._options.small // (PACKED if self._table.format == "xlsx" else 1):
            yield from every
            return
        from .survey import survey  # here, because loading Polars takes longer than checking a small file

        try:
            for before, number, cells in survey(self._table, path, self._options, self.show):
                self._table.stats.rows = before  # Frictionless adds the row that it gets
                self.last, self.stopped = number, True
                yield number, cells
            self.stopped = False
        except (NotSure, UnicodeError, csv.Error):
            # Frictionless reads what was not looked at yet, and words what is wrong with it
            self.stopped = False
            yield from self._rest(every)

    def _rest(self, every: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        for before, (number, cells) in enumerate(every):
            if number > self.last:
                self._table.stats.rows = before
                yield number, cells
