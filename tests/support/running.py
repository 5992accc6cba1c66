"""How far a run is that other processes work on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import psutil
from ckan import model

from ckanext.digitalcity.harvest import schedule
from ckanext.digitalcity.model import Run, Task


def state(run_id: str) -> str:
    """The run's state now."""
    model.Session.remove()
    found: str = model.Session.get(Run, run_id).state
    return found


def untried(run_id: str) -> int:
    """Records that no worker has begun."""
    model.Session.remove()
    return int(model.Session.query(Task).filter_by(run_id=run_id, attempts=0).count())


def done(run_id: str) -> int:
    """Records whose ending is written."""
    model.Session.remove()
    return int(model.Session.query(Task).filter(Task.run_id == run_id, Task.finished.is_not(None)).count())


def jobs_of(worker: psutil.Popen, run_id: str) -> set[int]:
    """The processes of a worker that hold records of the run."""
    model.Session.remove()
    held = model.Session.query(Task.lease_owner).filter(Task.run_id == run_id, Task.lease_until.is_not(None))
    return {pid for pid in (int(owner.split("|")[1]) for (owner,) in held) if _session(pid) == worker.pid}


def at_work(run_id: str, *workers: psutil.Popen) -> bool:
    """Whether each of the workers holds a record of the run."""
    return all(jobs_of(worker, run_id) for worker in workers)


def _session(pid: int) -> int:
    """The session of a process, which is that of the worker which began it; 0 if it is no more."""
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


def until(wanted: Callable[[], bool], seconds: float = 240.0, *, tick: bool = True) -> None:
    """Waits until something has come about, and ticks meanwhile as the scheduler does."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end, "it did not come about"
        if tick:
            schedule.tick()
        time.sleep(0.2)
