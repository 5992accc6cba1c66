"""A worker that is killed, again and again, loses nothing, doubles nothing, and publishes nothing unchecked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model

from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import File, Item, Run, Task

from world import BAD_TOILETS, TOILETS, Council, as_admin

GOOD, BAD = 12, 4


@pytest.fixture
def worker(ini: Path) -> Callable[[], subprocess.Popen[bytes]]:
    """Starts a real worker process on the council's run."""

    def start() -> subprocess.Popen[bytes]:
        ckan = Path(sys.executable).with_name("ckan")
        command = [str(ckan), "-c", str(ini), "digitalcity", "harvest", "run", "council", "--json"]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    return start


def test_a_worker_killed_in_mid_run_leaves_a_run_that_the_next_one_completes(
    council: Council, portal: Any, worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    for number in range(GOOD):
        council.publish(f"good-{number}", TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n")
    for number in range(BAD):
        council.publish(f"bad-{number}", BAD_TOILETS)
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})
    run_id = ledger.open_run(find("council"), "test").id
    model.Session.remove()
    for done in (0, 1, 5, 9, 14):
        process = worker()
        _wait_until_done(run_id, done, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert worker().wait(timeout=240) == 0
    model.Session.remove()
    run = model.Session.get(Run, run_id)
    assert run.state == "finished"
    assert _counts(run) == {"published": GOOD, "held": BAD}
    found = tk.get_action("package_search")({}, {"rows": 100})
    assert found["count"] == GOOD
    titles = sorted(package["title"] for package in found["results"])
    assert titles == sorted(f"Good {number}" for number in range(GOOD))
    assert model.Session.query(Item).count() == GOOD + BAD
    assert model.Session.query(File).count() == GOOD


def _wait_until_done(run_id: str, number: int, process: subprocess.Popen[bytes]) -> None:
    """Until the worker has taken a record and so many of the run are done: the middle of the work."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, "the worker ended before it could be killed"
        mine = model.Session.query(Task).filter(Task.lease_owner.contains(f"|{process.pid}|")).count()
        finished = model.Session.query(Task).filter(Task.run_id == run_id, Task.finished.is_not(None)).count()
        model.Session.remove()
        if mine and finished >= number:
            return
        time.sleep(0.05)
    raise AssertionError("the worker did not get that far")


def _counts(run: Run) -> dict[str, int]:
    """Published and held records. A replayed task may find its own work done: that counts as published."""
    counts = dict(run.counts)
    published = counts.get("published", 0) + counts.get("updated", 0) + counts.get("unchanged", 0)
    return {"published": published, "held": counts.get("held", 0)}
