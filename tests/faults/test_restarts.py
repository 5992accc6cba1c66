"""PostgreSQL, Solr and Redis stop, are killed and come back while a run is on; the disk is full for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import psutil
import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from gate import GatedCouncil
from processes import WORKER, Start
from running import at_work, jobs_of, state, until
from stack import Servers

from ckanext.digitalcity.harvest.worker import enqueue, work
from ckanext.digitalcity.portal.stack import SERVICES

from surviving import begin, nothing_lost, recover
from world import BAD_TOILETS, TOILETS

pytestmark = pytest.mark.usefixtures("servers")  # before the portal, which is made on them


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long before the next try."""
    sleep = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: sleep(min(seconds, 0.05)))


@pytest.fixture
def listed(gated: GatedCouncil) -> GatedCouncil:
    """A council with five good records, the fourth of them a bad one."""
    for number in range(5):
        rows = BAD_TOILETS if number == 3 else TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n"
        gated.publish(f"set-{number}", rows)
    return gated


def test_a_run_goes_on_after_the_database_was_restarted_and_after_it_was_killed(
    servers: Servers, portal: Any, listed: GatedCouncil, start: Start
) -> None:
    run_id = begin(listed)
    enqueue(run_id)
    worker = start(*WORKER)
    until(lambda: at_work(run_id, worker))
    (job,) = jobs_of(worker, run_id)
    model.Session.remove()
    servers.stop("postgres")
    listed.let(1)
    until(lambda: not psutil.pid_exists(job), tick=False)  # it has met the fault
    servers.start("postgres")
    model.meta.engine.dispose()
    until(lambda: at_work(run_id, worker))
    model.Session.remove()
    servers.kill("postgres")
    servers.start("postgres")
    model.meta.engine.dispose()
    listed.open()
    until(lambda: state(run_id) == "finished")
    assert worker.is_running(), "the worker itself outlives the database"
    recover(run_id)
    nothing_lost(listed, {"set-3"})


def test_a_run_and_the_next_one_find_their_worker_when_redis_was_stopped_and_is_back_with_nothing(
    servers: Servers, portal: Any, listed: GatedCouncil, start: Start
) -> None:
    run_id = begin(listed)
    enqueue(run_id)
    worker = start(*WORKER)
    until(lambda: at_work(run_id, worker))
    (job,) = jobs_of(worker, run_id)
    servers.stop("valkey")
    listed.open()
    until(lambda: not psutil.pid_exists(job))
    servers.start("valkey")
    connect_to_redis().flushall()
    worker.wait(60)  # rq ends where Redis does
    start(*WORKER)  # as whoever watches over it would
    until(lambda: state(run_id) == "finished")
    nothing_lost(listed, {"set-3"})
    listed.publish("late", TOILETS)
    run_id = begin(listed)
    until(lambda: state(run_id) == "finished")
    nothing_lost(listed, {"set-3"})


def test_what_is_published_while_solr_is_stopped_is_found_once_it_is_back(
    servers: Servers, portal: Any, listed: GatedCouncil, impatient: None
) -> None:
    run_id = begin(listed)
    listed.meanwhile["set-2.csv"] = lambda: servers.stop("solr")
    listed.open()
    work(run_id)
    servers.start("solr")
    recover(run_id)
    nothing_lost(listed, {"set-3"})


def test_what_solr_was_handed_before_it_was_killed_is_found_once_it_is_back(
    servers: Servers, portal: Any, listed: GatedCouncil
) -> None:
    def killed() -> None:
        servers.kill("solr")
        servers.start("solr")

    run_id = begin(listed)
    listed.meanwhile["set-4.csv"] = killed
    listed.open()
    work(run_id)
    assert state(run_id) == "finished"
    until(lambda: tk.get_action("package_search")({}, {"rows": 0})["count"] == 4)  # it reads its log first
    nothing_lost(listed, {"set-3"})


def test_a_disk_that_is_full_for_a_while_loses_nothing(
    servers: Servers,
    portal: Any,
    listed: GatedCouncil,
    impatient: None,
    monkeypatch: pytest.MonkeyPatch,
    reset_storages: Callable[[], None],
) -> None:
    if not servers.small:
        pytest.skip("only root may make a disk that is small enough to be filled, and not in every container")
    monkeypatch.setitem(portal, "ckan.files.storage.digitalcity_stage.path", str(servers.root / "stage"))
    reset_storages()
    run_id = begin(listed)
    ballast: list[Path] = []
    listed.meanwhile["set-1.csv"] = lambda: ballast.append(servers.fill())
    listed.open()
    with suppress(Exception):  # a worker may die of it; what counts is what it leaves
        work(run_id)
    (full,) = ballast
    full.unlink()
    servers.stop("solr")  # as the operator's guide asks for: it stays closed until it is started again
    for name in SERVICES:
        servers.start(name)
    recover(run_id)
    nothing_lost(listed, {"set-3"})
