"""How a run is shown on a terminal while it works: the numbers of its page, all of them from the ledger."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from ckan import model
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from ckanext.digitalcity.cli.report import WORDS
from ckanext.digitalcity.harvest.progress import Progress as Standing
from ckanext.digitalcity.harvest.progress import progress
from ckanext.digitalcity.model import Run

errors = Console(stderr=True)


class RunBar:
    """A bar for one run, on the terminal's error channel; nothing at all if it is to be quiet."""

    def __init__(self, run_id: str, *, quiet: bool) -> None:
        self.run_id = run_id
        self.ended = False
        said = TextColumn("{task.description}", table_column=Column(ratio=1))  # wraps where the window is narrow
        columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), said)
        self.shown = Progress(*columns, console=errors, disable=quiet, expand=True)
        self.task = self.shown.add_task("Reading the list of records", total=None)

    def __enter__(self) -> RunBar:
        self.shown.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shown.stop()

    def tell(self, *_: Any) -> None:
        """Shows how far the run is now."""
        run = model.Session.get(Run, self.run_id)
        standing, self.ended = progress(run), run.finished is not None
        if run.state != "waiting" and (standing.records or self.ended):
            self.shown.update(self.task, description=numbers(standing), completed=standing.done, total=standing.records)


def numbers(standing: Standing) -> str:
    """``found 300, fetched 20, checked 18, published 12, held 1; 240 a minute, 1 min 12 s left``"""
    said = [f"found {standing.found}", f"fetched {standing.fetched}", f"checked {standing.checked}"]
    said += [f"{word} {standing.changes[change]}" for change, word in WORDS.items() if standing.changes.get(change)]
    speed = [f"{standing.per_minute:g} a minute"] if standing.per_minute is not None else []
    if standing.seconds_left is not None:
        minutes, seconds = divmod(standing.seconds_left, 60)
        speed.append(f"{minutes} min {seconds} s left" if minutes else f"{seconds} s left")
    return "; ".join(", ".join(part) for part in (said, speed) if part)
