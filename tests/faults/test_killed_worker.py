"""A worker that is killed, again and again, loses nothing, doubles nothing, and publishes nothing unchecked."""

from __future__ import annotations

from typing import Any

from ckan import model
from gate import GatedCouncil
from processes import RUN, Start, kill
from running import at_work, done, until

from ckanext.digitalcity.model import Item, Run

from surviving import begin, nothing_lost
from world import BAD_TOILETS, TOILETS

GOOD, BAD = 12, 4


def test_a_worker_killed_in_mid_run_leaves_a_run_that_the_next_one_completes(
    gated: GatedCouncil, portal: Any, start: Start
) -> None:
    for number in range(GOOD):
        gated.publish(f"good-{number}", TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n")
    for number in range(BAD):
        gated.publish(f"bad-{number}", BAD_TOILETS)
    run_id = begin(gated)
    before = 0
    for number in (0, 1, 5, 9, 14):
        gated.let(number - before)
        process = start(*RUN)
        until(lambda number=number, process=process: done(run_id) == number and at_work(run_id, process), tick=False)  # type: ignore[misc]
        kill(process)
        before = number
    gated.open()
    assert start(*RUN).wait(timeout=240) == 0
    model.Session.remove()
    run = model.Session.get(Run, run_id)
    assert run.state == "finished"
    assert _counts(run) == {"published": GOOD, "held": BAD}
    nothing_lost(gated, {f"bad-{number}" for number in range(BAD)})
    assert model.Session.query(Item).count() == GOOD + BAD


def _counts(run: Run) -> dict[str, int]:
    """Published and held records. A replayed task may find its own work done: that counts as published."""
    counts = dict(run.counts)
    published = counts.get("published", 0) + counts.get("updated", 0) + counts.get("unchanged", 0)
    return {"published": published, "held": counts.get("held", 0)}
