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


def progress(run: Run) -> Progress:
    """Where a run stands at this moment."""
    changes = dict(run.counts)
    found = int(changes.pop("listed", 0))
    endings: dict[str, int] = {}
    records = done = 0
    query = sa.select(Task.change, sa.func.count(), sa.func.count(Task.finished)).where(Task.run_id == run.id)
    for change, number, finished in model.Session.execute(query.group_by(Task.change)):
        records, done = records + number, done + finished
        if finished:
            endings[change] = finished
        if finished and run.finished is None:  # the counts of a finished run have them already
            changes[change] = changes.get(change, 0) + finished
    speed = None if run.finished else _speed(run)
    left = round((records - done) / speed) if speed else None
    return Progress(found, records, done, changes, speed and round(speed * 60, 1), left, endings)


def _speed(run: Run) -> float | None:
    """Records a second, over the last ones that were finished."""
    query = sa.select(Task.finished).where(Task.run_id == run.id, Task.finished.is_not(None))
    moments: list[datetime] = list(model.Session.scalars(query.order_by(Task.finished.desc()).limit(LAST)))
    if len(moments) < 2:
        return None
    seconds = (moments[0] - moments[-1]).total_seconds()
    return (len(moments) - 1) / seconds if seconds > 0 else None
