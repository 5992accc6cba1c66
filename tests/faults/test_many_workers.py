"""Many workers share the records of one source; who dies, who is slow and who is stopped harms nobody else.

``DIGITALCITY_MANY`` says how many datasets the killed workers harvest: 36, or 2,000 for a long night.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.lib import jobs
from ckan.lib.redis import connect_to_redis
from gate import GatedCouncil
from processes import WORKER, Start, kill
from pytest_httpserver import HTTPServer
from rq import Worker
from running import at_work, state, until, untried

from ckanext.digitalcity.core.errors import LostLease
from ckanext.digitalcity.harvest import ledger, schedule, worker
from ckanext.digitalcity.harvest.gathering import gather
from ckanext.digitalcity.harvest.worker import enqueue
from ckanext.digitalcity.harvesters.base import Ref
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import Run, Task

from surviving import nothing_lost
from world import BAD_TOILETS, TOILETS, Council, as_admin

MANY = int(os.environ.get("DIGITALCITY_MANY", "36"))
LISTING = 240.0 + MANY  # seconds: each file is asked for, ten a second


def open_run(council: Council, **changes: Any) -> str:
    recipe = council.recipe(**changes)
    source = tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": recipe})
    run_id: str = ledger.open_run(find(source["name"]), "test").id
    model.Session.commit()
    return run_id


def test_three_workers_killed_again_and_again_publish_each_dataset_once(
    gated: GatedCouncil, portal: Any, start: Start
) -> None:
    bad = {number for number in range(MANY) if number % 6 == 5}
    for number in range(MANY):
        rows = BAD_TOILETS if number in bad else TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n"
        gated.publish(f"set-{number}", rows, keywords=f"toilets, group {number // 9}")
    run_id = open_run(gated)
    enqueue(run_id)
    chance = random.Random(7)
    workers = [start(*WORKER) for _ in range(3)]
    for _ in range(MANY // 9):
        until(lambda: at_work(run_id, *workers), LISTING)
        gated.let(chance.randrange(1, 6))  # so few that some are untried at the last kill: no record is killed twice
        time.sleep(chance.random())  # they fetch, check, write and wait
        assert untried(run_id), "it was in mid-run"
        victim = chance.randrange(3)
        kill(workers[victim])
        workers[victim] = start(*WORKER)
        enqueue(run_id)  # should nobody else be there to call the next worker
    until(lambda: at_work(run_id, *workers), LISTING)
    gated.open()
    until(lambda: state(run_id) not in ("waiting", "working"), 240.0 + 2 * MANY)
    assert state(run_id) == "finished"
    counts = dict(model.Session.get(Run, run_id).counts)
    passed = sum(counts.get(change, 0) for change in ("published", "updated", "unchanged"))
    assert (passed, counts["held"], counts.get("error", 0)) == (MANY - len(bad), len(bad), 0)
    nothing_lost(gated, {f"set-{number}" for number in bad})


def test_a_slow_host_does_not_keep_a_fast_one_waiting(council: Council, portal: Any, start: Start) -> None:
    with HTTPServer(host="127.0.0.1", port=0) as server:
        slow = Council(server)
        handed = slow._file
        slow._file = lambda request: (time.sleep(2 * (request.method == "GET")), handed(request))[1]  # type: ignore[method-assign]
        server.clear()
        server.expect_request("/index.csv").respond_with_handler(slow._index)
        server.expect_request("/files").respond_with_handler(slow._file)
        for number in range(300):  # for longer than is waited for
            slow.publish(f"slow-{number}", TOILETS)
        for number in range(3):
            council.publish(f"fast-{number}", TOILETS)
        first, second = open_run(slow, name="slow"), open_run(council)
        enqueue(first)
        enqueue(second)
        start(*WORKER)
        until(lambda: state(second) == "finished")
        assert state(first) == "working"
        assert untried(first) > 0
        tk.get_action("digitalcity_run_abort")(as_admin(), {"id": first})
        assert state(first) == "aborted"
        assert ledger.take(first) is None


class _Listed:
    def gather(self) -> Iterator[Ref]:
        yield from (Ref(f"r{number}", title="R") for number in range(ledger.AT_ONCE + 2))


@pytest.fixture
def gathered(council: Council, portal: Any) -> str:
    """A run whose records are listed and not yet worked on."""
    run_id = open_run(council)
    fence = ledger.claim(run_id)
    assert fence
    gather(model.Session.get(Run, run_id), fence, _Listed(), 20.0, lambda: None)  # type: ignore[arg-type]
    return run_id


def test_two_workers_on_one_run_never_hold_the_same_record(gathered: str) -> None:
    held = [ledger.take(gathered) for _ in range(ledger.AT_ONCE)]
    assert len({taken.id for taken in held if taken}) == ledger.AT_ONCE
    assert ledger.abandoned() == []
    first = held[0]
    assert first
    first.put_back()
    again = ledger.take(gathered)
    assert again
    assert again.id != first.id, "what was tried before comes last"


def test_no_more_workers_are_at_one_source_than_it_may_have(gathered: str) -> None:
    for number in range(ledger.AT_ONCE):
        taken = ledger.take(gathered)
        assert taken
        model.Session.query(Task).filter_by(id=taken.id).update({"lease_owner": f"host-{number}|1|0"})
        model.Session.commit()
    assert not ledger.has_room(gathered)
    assert ledger.take(gathered) is None


def test_a_record_whose_worker_died_here_is_taken_over_at_once_and_its_old_number_writes_nothing(gathered: str) -> None:
    old = ledger.take(gathered)
    assert old
    model.Session.query(Task).update({"attempts": 1})
    model.Session.query(Task).filter_by(id=old.id).update({"lease_owner": f"{ledger.socket.gethostname()}|999999999|0"})
    model.Session.commit()
    assert ledger.abandoned() == [gathered]
    new = ledger.take(gathered)
    assert new
    assert (new.id, new.fence) == (old.id, old.fence + 1)
    with pytest.raises(LostLease):
        old.hold_on()
    new.hold_on()


def test_a_run_that_was_stopped_lets_no_worker_write_or_begin_a_record(gathered: str) -> None:
    taken = ledger.take(gathered)
    assert taken
    assert ledger.abort(gathered, "Stopped.")
    with pytest.raises(LostLease):
        taken.hold_on()
    assert ledger.take(gathered) is None
    assert not ledger.has_room(gathered)
    assert ledger.last_task_done(gathered) is None


def test_ticks_do_not_fill_the_queue_with_jobs_of_a_run_that_waits_its_turn(gathered: str) -> None:
    for _ in range(3):
        schedule.tick()
    assert [job.args for job in jobs.get_queue().jobs] == [[gathered]]
    connect_to_redis().flushdb()  # Redis loses it, so the run is called again
    schedule.tick()
    assert [job.args for job in jobs.get_queue().jobs] == [[gathered]]


def test_a_run_whose_job_was_taken_along_by_a_worker_that_was_killed_is_called_by_the_next_tick(gathered: str) -> None:
    schedule.tick()
    jobs.get_queue().pop_job_id()  # as a worker does before it begins
    schedule.tick()
    assert [job.args for job in jobs.get_queue().jobs] == [[gathered]]


@pytest.mark.parametrize(("waits", "done"), [(True, 1), (False, 6)])
def test_a_turn_is_over_only_if_somebody_else_waits(
    council: Council, portal: Any, monkeypatch: pytest.MonkeyPatch, waits: bool, done: int
) -> None:
    for number in range(6):
        council.publish(f"set-{number}", TOILETS)
    run_id = open_run(council, name="one")
    worker.job(run_id)  # lists its records
    jobs.get_queue().empty()
    if waits:
        enqueue(open_run(council, name="two"))
    monkeypatch.setattr(worker, "TURN", 1e-9)
    worker.job(run_id)
    finished = model.Session.query(Task).filter(Task.run_id == run_id, Task.finished.is_not(None)).count()
    assert finished == done
    assert not waits or len(jobs.get_queue().jobs) == 2, "it waits for its next turn"


def test_however_many_workers_redis_remembers_no_more_than_one_job_of_a_run_waits(
    council: Council, portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        council.publish(f"set-{number}", TOILETS)
    for number in range(3):
        Worker([jobs.get_queue()], name=f"killed-{number}").register_birth()
    monkeypatch.setattr(worker, "TURN", 0.0)
    runs = [open_run(council, name=name) for name in ("one", "two")]
    for run_id in runs:
        enqueue(run_id)
    for _ in range(6):
        waiting = jobs.get_queue().jobs
        assert Counter(job.args[0] for job in waiting) == dict.fromkeys(runs, 1)
        jobs.get_queue().remove(waiting[0])
        worker.job(waiting[0].args[0])
