"""A worker that is killed, again and again, loses nothing, doubles nothing, and publishes nothing unchecked."""

from __future__ import annotations

import time
from typing import Any

import psutil
from ckan import model
from gate import GatedCouncil
from processes import Start, kill

from ckanext.digitalcity.model import Item, Run, Task

from surviving import begin, nothing_lost
from world import BAD_TOILETS, TOILETS

GOOD, BAD = 12, 4
RUN = ("digitalcity", "harvest", "run", "council", "--json")


def test_a_worker_killed_in_mid_run_leaves_a_run_that_the_next_one_completes(
    gated: GatedCouncil, portal: Any, start: Start
) -> None:
    for number in range(GOOD):
        gated.publish(f"good-{number}", TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n")
    for number in range(BAD):
        gated.publish(f"bad-{number}", BAD_TOILETS)
    run_id = begin(gated)
    before = 0
    for done in (0, 1, 5, 9, 14):
        gated.let(done - before)
        process = start(*RUN)
        _wait_until_done(run_id, done, process)
        kill(process)
        before = done
    gated.open()
    assert start(*RUN).wait(timeout=240) == 0
    model.Session.remove()
    run = model.Session.get(Run, run_id)
    assert run.state == "finished"
    assert _counts(run) == {"published": GOOD, "held": BAD}
    nothing_lost(gated, {f"bad-{number}" for number in range(BAD)})
    assert model.Session.query(Item).count() == GOOD + BAD


def _wait_until_done(run_id: str, number: int, process: psutil.Popen) -> None:
    """Until so many records of the run are done and the worker has another: no more are let through to it."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, "the worker ended before it could be killed"
        mine = model.Session.query(Task).filter(
            Task.lease_owner.contains(f"|{process.pid}|"), Task.lease_until.is_not(None)
        )
        finished = model.Session.query(Task).filter(Task.run_id == run_id, Task.finished.is_not(None))
        got_there = mine.count() > 0 and finished.count() == number
        model.Session.remove()
        if got_there:
            return
        time.sleep(0.05)
    raise AssertionError("the worker did not get that far")


def _counts(run: Run) -> dict[str, int]:
    """Published and held records. A replayed task may find its own work done: that counts as published."""
    counts = dict(run.counts)
    published = counts.get("published", 0) + counts.get("updated", 0) + counts.get("unchanged", 0)
    return {"published": published, "held": counts.get("held", 0)}
