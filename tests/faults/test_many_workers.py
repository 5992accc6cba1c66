"""Many workers share the records of one source; who dies, who is slow and who is stopped harms nobody else.

``DIGITALCITY_MANY`` says how many datasets the killed workers harvest: 36, or 2,000 for a long night.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import psutil
import pytest
from ckan import model
from ckan.lib import jobs
from ckan.lib.redis import connect_to_redis
from pytest_httpserver import HTTPServer
from rq import Worker

from ckanext.digitalcity.core.errors import LostLease
from ckanext.digitalcity.harvest import ledger, schedule, worker
from ckanext.digitalcity.harvest.gathering import gather
from ckanext.digitalcity.harvest.worker import enqueue
from ckanext.digitalcity.harvesters.base import Ref
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import File, Item, Run, Task

from world import BAD_TOILETS, TOILETS, Council, as_admin

MANY = int(os.environ.get("DIGITALCITY_MANY", "36"))
Start = Callable[[], psutil.Popen]


@pytest.fixture
def start(ini: Path) -> Iterator[Start]:
    """Starts a ``ckan jobs worker``; all are ended with the test."""
    started: list[psutil.Popen] = []

    def run() -> psutil.Popen:
        ckan = Path(sys.executable).with_name("ckan")
        command = [str(ckan), "-c", str(ini), "jobs", "worker"]
        process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        started.append(process)
        return process

    yield run
    for process in started:
        kill(process)


def kill(process: psutil.Popen) -> None:
    """SIGKILL for a worker and all that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for one in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()


def open_run(council: Council, **changes: Any) -> str:
    recipe = council.recipe(**changes)
    source = tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": recipe})
    run_id: str = ledger.open_run(find(source["name"]), "test").id
    model.Session.commit()
    return run_id


def state(run_id: str) -> str:
    model.Session.remove()
    found: str = model.Session.get(Run, run_id).state
    return found


def untried(run_id: str) -> int:
    """Records that no worker has begun."""
    model.Session.remove()
    return int(model.Session.query(Task).filter_by(run_id=run_id, attempts=0).count())


def at_work() -> set[int]:
    """Processes that wait for jobs, or did so until they were killed."""
    return {found.pid for found in Worker.all(connection=connect_to_redis()) if found.pid}


def until(wanted: Callable[[], bool], seconds: float = 240.0) -> None:
    """Ticks as the scheduler does until something has come about."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end, "it did not come about"
        schedule.tick()
        time.sleep(0.5)


def test_three_workers_killed_again_and_again_publish_each_dataset_once(
    council: Council, portal: Any, start: Start
) -> None:
    bad = {number for number in range(MANY) if number % 6 == 5}
    for number in range(MANY):
        council.publish(
            f"set-{number}", BAD_TOILETS if number in bad else TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n"
        )
    chance = random.Random(7)
    workers = [start() for _ in range(3)]
    until(lambda: {process.pid for process in workers} <= at_work())
    run_id = open_run(council)
    enqueue(run_id)
    killed = 0
    for left in sorted((chance.randrange(10, MANY) for _ in range(MANY // 9)), reverse=True):
        until(lambda left=left: untried(run_id) <= left, 60.0 + 2 * MANY)  # type: ignore[misc]
        victim = chance.randrange(3)
        kill(workers[victim])
        killed += 1
        workers[victim] = start()
    until(lambda: state(run_id) not in ("waiting", "working"), 240.0 + 2 * MANY)
    assert killed == MANY // 9
    assert state(run_id) == "finished"
    counts = dict(model.Session.get(Run, run_id).counts)
    passed = sum(counts.get(change, 0) for change in ("published", "updated", "unchanged"))
    assert (passed, counts["held"], counts.get("error", 0)) == (MANY - len(bad), len(bad), 0)
    names = [row.title for row in model.Session.query(model.Package).filter_by(state="active", type="dataset")]
    assert sorted(names) == sorted(f"Set {number}" for number in range(MANY) if number not in bad)
    assert tk.get_action("package_search")({}, {"rows": 0})["count"] == MANY - len(bad)
    assert (model.Session.query(Item).count(), model.Session.query(File).count()) == (MANY, MANY - len(bad))
    owners = {owner for (owner,) in model.Session.query(Task.lease_owner).filter_by(run_id=run_id)}
    assert len(owners) > 1, "one worker did all"


def test_a_slow_host_does_not_keep_a_fast_one_waiting(council: Council, portal: Any, start: Start) -> None:
    with HTTPServer(host="127.0.0.1", port=0) as server:
        slow = Council(server)
        handed = slow._file
        slow._file = lambda request: (time.sleep(2 * (request.method == "GET")), handed(request))[1]  # type: ignore[method-assign]
        server.clear()
        server.expect_request("/index.csv").respond_with_handler(slow._index)
        server.expect_request("/files").respond_with_handler(slow._file)
        for number in range(60):
            slow.publish(f"slow-{number}", TOILETS)
        for number in range(3):
            council.publish(f"fast-{number}", TOILETS)
        first, second = open_run(slow, name="slow"), open_run(council)
        enqueue(first)
        enqueue(second)
        start()
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
    jobs.get_queue().empty()
    schedule.tick()
    assert len(jobs.get_queue().jobs) == 0, "the note says that one waits"
    connect_to_redis().flushdb()  # Redis loses both, so the run is called again
    schedule.tick()
    assert [job.args for job in jobs.get_queue().jobs] == [[gathered]]


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
