"""Who works on what: runs with leases and fencing numbers, kept in PostgreSQL alone."""

from __future__ import annotations

import os
import socket
from collections import Counter
from datetime import timedelta

import psutil
import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import IntegrityError

from ckanext.digitalcity.core.errors import LostLease
from ckanext.digitalcity.model import Run, Source, Task, now

LEASE = timedelta(minutes=5)


def me() -> str:
    """This process: host, pid and start time, so that a pid used again isn't taken for its predecessor."""
    process = psutil.Process()
    return f"{socket.gethostname()}|{os.getpid()}|{process.create_time():.0f}"


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
    """Takes the run for this process if nobody else holds it. Commits.

    Returns:
        The fencing number that every later write must show, or None if the run is held or finished.
    """
    session = model.Session
    run = session.scalars(
        sa.select(Run).where(Run.id == run_id, Run.finished.is_(None)).with_for_update(skip_locked=True)
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
    return [run.id for run in model.Session.scalars(query) if _free(run)]


def due(moment: sa.sql.elements.ColumnElement[bool] | None = None) -> list[Source]:
    """Sources whose next run is due and that have no unfinished one."""
    busy = sa.select(Run.source_id).where(Run.finished.is_(None))
    query = sa.select(Source).where(Source.next_run <= now(), Source.id.not_in(busy)).order_by(Source.next_run)
    return list(model.Session.scalars(query))


def next_task(run_id: str) -> Task | None:
    """The next record of a run that isn't dealt with yet, in the order it was gathered."""
    query = (
        sa.select(Task)
        .where(Task.run_id == run_id, Task.finished.is_(None))
        .order_by(Task.attempts, Task.position)
        .limit(1)
    )
    found: Task | None = model.Session.scalars(query).first()
    return found
