"""How far a run is, how fast it goes and how long it still takes: all of it read from the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.model import Run, Task

LAST = 50  # finished records whose speed counts: an hour ago says little about now


@dataclass(frozen=True, slots=True)
class Progress:
    """``found``: records that the source lists. ``records``: those that have to be looked at, ``done`` of them are.

    ``fetched`` and ``checked`` count those of which that was needed, and are up to a second late.
    ``changes``: what became of the records so far, change -> number, the unchanged ones included. ``per_minute`` and
    ``seconds_left`` are None while there is nothing to tell them from. ``endings``: ``changes`` without
    the records that did not have to be looked at.
    """

    found: int
    records: int
    done: int
    changes: dict[str, int]
    per_minute: float | None
    seconds_left: int | None
    endings: dict[str, int] = field(default_factory=dict)
    fetched: int = 0
    checked: int = 0


def progress(run: Run) -> Progress:
    """Where a run stands at this moment."""
    changes = dict(run.counts)
    found = int(changes.pop("listed", 0))
    endings: dict[str, int] = {}
    records = done = fetched = checked = 0
    come = [sa.func.count().filter(Task.reached.in_(steps)) for steps in (("fetched", "checked"), ("checked",))]
    query = sa.select(Task.change, sa.func.count(), sa.func.count(Task.finished), *come).where(Task.run_id == run.id)
    for change, number, finished, *reached in model.Session.execute(query.group_by(Task.change)):
        records, done = records + number, done + finished
        fetched, checked = fetched + reached[0], checked + reached[1]
        if finished:
            endings[change] = finished
        if finished and run.finished is None:  # the counts of a finished run have them already
            changes[change] = changes.get(change, 0) + finished
    speed = None if run.finished else _speed(run)
    left = round((records - done) / speed) if speed else None
    per_minute = speed and round(speed * 60, 1)
    return Progress(found, records, done, changes, per_minute, left, endings, fetched, checked)


def _speed(run: Run) -> float | None:
    """Records a second, over the last ones that were finished."""
    query = sa.select(Task.finished).where(Task.run_id == run.id, Task.finished.is_not(None))
    moments: list[datetime] = list(model.Session.scalars(query.order_by(Task.finished.desc()).limit(LAST)))
    if len(moments) < 2:
        return None
    seconds = (moments[0] - moments[-1]).total_seconds()
    return (len(moments) - 1) / seconds if seconds > 0 else None
