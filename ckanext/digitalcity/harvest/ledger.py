"""Who works on what: runs to gather and records to deal with, with leases and fencing numbers, in PostgreSQL alone."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, NoReturn, Protocol

import psutil
import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import IntegrityError

from ckanext.digitalcity.core.errors import LostLease
from ckanext.digitalcity.core.model import Json
from ckanext.digitalcity.model import Run, Source, Task, now

ENDING = ("outcome", "change", "reason", "message", "title")  # of a task, as ``work.Done`` has it
LEASE = timedelta(minutes=5)
AT_ONCE = 4  # workers at one source at a time: each reads from its host, which has other readers


def me() -> str:
    """This process: host, pid and start time, so that a pid used again isn't taken for its predecessor."""
    return _name_of(os.getpid())


@cache
def _name_of(pid: int) -> str:
    return f"{socket.gethostname()}|{pid}|{psutil.Process(pid).create_time():.0f}"


def open_run(source: Source, started_by: str, *, allow_withdrawals: bool = False) -> Run:
    """The source's unfinished run, or a new one. Two callers at once get the same run.

    Commits.
    """
    session = model.Session
    run = unfinished(source.id)
    if run:
        return run
    run = Run(source_id=source.id, started_by=started_by, allow_withdrawals=allow_withdrawals)
    session.add(run)
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
        run = unfinished(source.id)
        if not run:
            raise
    return run


def unfinished(source_id: str) -> Run | None:
    """The one run of a source that isn't finished."""
    query = sa.select(Run).where(Run.source_id == source_id, Run.finished.is_(None))
    found: Run | None = model.Session.scalars(query).first()
    return found


def claim(run_id: str) -> int | None:
    """Takes a run that is still to be gathered, if nobody else holds it. Commits.

    Returns:
        The fencing number that every later write must show, or None if the run is held or gathered.
    """
    session = model.Session
    run = session.scalars(
        sa.select(Run)
        .where(Run.id == run_id, Run.finished.is_(None), Run.state == "waiting")
        .with_for_update(skip_locked=True)
    ).first()
    if run is None or not _free(run):
        session.rollback()
        return None
    run.fence += 1
    run.lease_owner = me()
    run.lease_until = now() + LEASE
    run.started = run.started or now()
    fence: int = run.fence
    session.commit()
    return fence


def _free(run: Run) -> bool:
    return run.lease_until is None or run.lease_until < now() or _is_dead(run.lease_owner)


def _is_dead(owner: str) -> bool:
    """True only if the owner ran on this host and certainly does no more."""
    host, _, rest = owner.partition("|")
    pid, _, started = rest.partition("|")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        process = psutil.Process(int(pid))
        return process.status() == psutil.STATUS_ZOMBIE or f"{process.create_time():.0f}" != started
    except psutil.NoSuchProcess:
        return True


def hold_on(run_id: str, fence: int) -> None:
    """Makes the lease longer, within the caller's transaction: what commits with it was still ours to write.

    Raises:
        LostLease: another worker has claimed the run since.
    """
    changed = model.Session.execute(
        sa.update(Run)
        .where(Run.id == run_id, Run.fence == fence, Run.finished.is_(None))
        .values(lease_until=now() + LEASE)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        model.Session.rollback()
        raise LostLease("Another worker has taken over this run.")


def abort(run_id: str, message: str) -> bool:
    """Ends a run for good, whoever works on it: what it has finished stays, the rest is left for another run. Commits.

    The worker learns it when it wants to write: its fencing number is old. So nothing half-done remains, nothing is
    withdrawn, and how far the source was read stays as it was.

    Returns:
        False if the run had ended before.
    """
    run = model.Session.scalars(
        sa.select(Run).where(Run.id == run_id, Run.finished.is_(None)).with_for_update()
    ).first()
    if run is None:
        model.Session.rollback()
        return False
    counts = Counter(run.counts)
    for (change,) in model.Session.query(Task.change).filter(Task.run_id == run.id, Task.finished.is_not(None)):
        counts[change] += 1
    run.fence += 1
    run.state, run.finished, run.message, run.counts = "aborted", now(), message, dict(counts)
    model.Session.commit()
    return True


def abandoned() -> list[str]:
    """Ids of unfinished runs that nobody works on: waiting ones, expired leases, owners that died."""
    query = sa.select(Run).where(Run.finished.is_(None)).order_by(Run.created)
    return [run.id for run in model.Session.scalars(query) if (_free(run) if run.state == "waiting" else _left(run.id))]


def _left(run_id: str) -> bool:
    return all(_is_dead(owner) for owner in _owners(run_id))


def due(moment: sa.sql.elements.ColumnElement[bool] | None = None) -> list[Source]:
    """Sources whose next run is due and that have no unfinished one."""
    busy = sa.select(Run.source_id).where(Run.finished.is_(None))
    query = sa.select(Source).where(Source.next_run <= now(), Source.id.not_in(busy)).order_by(Source.next_run)
    return list(model.Session.scalars(query))


class Ending(Protocol):
    """How a task ended, see ``work.Done``. Without a title the task keeps its own."""

    @property
    def outcome(self) -> str: ...
    @property
    def change(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def title(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """A task that this process holds. ``tries`` counts this one."""

    id: str
    run_id: str
    ref: Json
    fence: int
    tries: int

    def hold_on(self) -> None:
        """Makes the lease longer, within the caller's transaction, which an abort of the run waits for.

        Raises:
            LostLease: another worker has claimed the task since, or the run has ended.
        """
        if not _goes_on(self.run_id) or not self._renew(_clock() + LEASE):
            _lost()

    def end(self, ending: Ending) -> None:
        """As ``finish``, for one."""
        finish([(self, ending)])

    def put_back(self, after: float = 0.0, *, untried: bool = False) -> None:
        """Leaves the task to whoever comes next. Commits.

        Args:
            after: seconds for which nobody takes it.
            untried: this was no try, for its server was not asked.
        """
        later = {"not_before": _clock() + timedelta(seconds=after)} if after else {}
        self._renew(None, attempts=Task.attempts - int(untried), **later)
        model.Session.commit()

    def _renew(self, until: Any, **more: Any) -> bool:
        changed = model.Session.execute(
            sa.update(Task)
            .where(Task.id == self.id, Task.fence == self.fence, Task.finished.is_(None))
            .values(lease_until=until, **more)
            .execution_options(synchronize_session=False)
        )
        return bool(changed.rowcount == 1)


def finish(endings: Sequence[tuple[Taken, Ending]]) -> None:
    """Writes down how tasks of one run ended, in the caller's transaction: with what that brought about, or not at all.

    Raises:
        LostLease: another worker has claimed one of them since, or the run has ended.
    """
    columns = [sa.column(name, sa.Text) for name in ("id", *ENDING)]
    rows = [(taken.id, taken.fence, *(str(getattr(ending, name)) for name in ENDING)) for taken, ending in endings]
    ended = sa.values(columns[0], sa.column("fence", sa.Integer), *columns[1:], name="ended").data(rows)
    written = {name: ended.c[name] for name in ENDING if name != "title"}
    title = sa.func.coalesce(sa.func.nullif(ended.c.title, ""), Task.title)
    changed = (
        sa.update(Task)
        .where(Task.id == ended.c.id, Task.fence == ended.c.fence, Task.finished.is_(None))
        .values(lease_until=None, finished=now(), title=title, **written)
        .execution_options(synchronize_session=False)
    )
    if not _goes_on(endings[0][0].run_id) or model.Session.execute(changed).rowcount != len(endings):
        _lost()


def _goes_on(run_id: str) -> bool:
    """Whether the run has not ended. It won't before the caller's transaction has."""
    running = sa.select(Run.id).where(Run.id == run_id, Run.finished.is_(None)).with_for_update(read=True)
    return model.Session.scalar(running) is not None


def _lost() -> NoReturn:
    model.Session.rollback()
    raise LostLease("Another worker has taken over this record, or the run was stopped.")


def take(run_id: str) -> Taken | None:
    """Takes the run's next record, in the order gathered but those tried before last. Commits.

    The try is counted before it begins, so that a record that kills its worker is set aside.

    Returns:
        None if the run has ended, nothing is free or may be taken yet, or as many other workers as its source allows
        are at it.
    """
    return next(iter(_take(run_id, 1, sa.true())), None)


def take_new(run_id: str, most: int) -> list[Taken]:
    """The same with several records, of those that nobody has tried yet."""
    return _take(run_id, most, Task.attempts == 0)


def _take(run_id: str, most: int, which: sa.ColumnElement[bool]) -> list[Taken]:
    session = model.Session
    others = _owners(run_id) - {me()}
    dead = {owner for owner in others if _is_dead(owner)}
    if len(others - dead) >= AT_ONCE:
        session.rollback()
        return []
    first = (
        _free_tasks(run_id, dead)
        .where(which)
        .with_only_columns(Task.id)
        .order_by(Task.attempts, Task.position)
        .limit(most)
        .with_for_update(of=Task, skip_locked=True)
        .cte("first")  # PostgreSQL looks for them once: a subquery might be asked again, and lock more
    )
    counted = {"fence": Task.fence + 1, "attempts": Task.attempts + 1}
    tasks = session.execute(
        sa.update(Task)
        .where(Task.id == first.c.id)
        .values(lease_owner=me(), lease_until=_clock() + LEASE, **counted)
        .returning(Task.id, Task.ref, Task.fence, Task.attempts, Task.position)
        .execution_options(synchronize_session=False)
    ).all()
    session.commit()
    tasks.sort(key=lambda task: task.position)
    return [Taken(task.id, run_id, task.ref, task.fence, task.attempts) for task in tasks]


def note_reached(tasks: Mapping[str, str]) -> set[str]:
    """Writes down how far tasks have come, for whoever watches the run. Commits.

    Args:
        tasks: task id -> ``Task.reached``.

    Returns:
        Ids of those that were written: somebody else is writing the others just now, and is not waited for.
    """
    noted = set[str]()
    for reached in ("fetched", "checked"):
        ids = sorted(id_ for id_, what in tasks.items() if what == reached)
        free = sa.select(Task.id).where(Task.id.in_(ids)).with_for_update(skip_locked=True).cte("free")
        written = sa.update(Task).where(Task.id == free.c.id).values(reached=reached).returning(Task.id)
        noted.update(model.Session.scalars(written.execution_options(synchronize_session=False)))
    model.Session.commit()
    return noted


def has_room(run_id: str) -> bool:
    """Whether one more worker would find a record of the run to work on."""
    waiting = bool(model.Session.scalar(sa.select(_free_tasks(run_id, set()).exists())))
    room = waiting and sum(not _is_dead(owner) for owner in _owners(run_id)) < AT_ONCE
    model.Session.rollback()
    return room


def last_task_done(run_id: str) -> Run | None:
    """The run, locked until the caller commits, if all its tasks are done and it still has to be finished."""
    query = sa.select(Run).where(Run.id == run_id, Run.finished.is_(None), Run.state == "working").with_for_update()
    run: Run | None = model.Session.scalars(query.execution_options(populate_existing=True)).first()
    if run and not model.Session.scalar(sa.select(sa.exists().where(Task.run_id == run_id, Task.finished.is_(None)))):
        return run
    model.Session.rollback()
    return None


def _free_tasks(run_id: str, dead: set[str]) -> sa.Select[tuple[Task]]:
    free = sa.or_(Task.lease_until.is_(None), Task.lease_until < _clock(), Task.lease_owner.in_(dead))
    query = sa.select(Task).join(Run, Run.id == Task.run_id)
    ripe = sa.or_(Task.not_before.is_(None), Task.not_before < _clock())
    return query.where(Task.run_id == run_id, Task.finished.is_(None), Run.finished.is_(None), free, ripe)


def _owners(run_id: str) -> set[str]:
    """Who holds tasks of the run."""
    held = sa.select(Task.lease_owner).where(
        Task.run_id == run_id, Task.finished.is_(None), Task.lease_until > _clock()
    )
    return set(model.Session.scalars(held))


def _clock() -> Any:
    """The database's time: workers on several machines need not agree on theirs."""
    return sa.func.clock_timestamp()
