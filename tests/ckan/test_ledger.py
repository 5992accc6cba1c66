"""Runs, leases and fencing numbers: at most one worker writes, and no run is lost with its worker."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model

from ckanext.digitalcity.core.errors import LostLease
from ckanext.digitalcity.harvest import ledger, schedule
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import Run, Source, now

from world import TOILETS, Council, as_admin

Harvest = Callable[..., dict[str, Any]]


@pytest.fixture
def source(council: Council, portal: Any) -> Source:
    council.publish("toilets", TOILETS)
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe(schedule="every day at 02:00")})
    return find("council")


def test_a_source_has_one_unfinished_run_however_often_it_is_started(source: Source) -> None:
    first = ledger.open_run(source, "one").id
    assert ledger.open_run(source, "two").id == first


def test_a_run_that_is_held_cannot_be_claimed(source: Source) -> None:
    run_id = ledger.open_run(source, "test").id
    assert ledger.claim(run_id) == 1
    assert ledger.claim(run_id) is None


def test_a_run_whose_worker_died_on_this_host_is_free_at_once(source: Source) -> None:
    run = ledger.open_run(source, "test")
    ledger.claim(run.id)
    run.lease_owner = f"{socket.gethostname()}|999999999|0"
    model.Session.commit()
    assert ledger.abandoned() == [run.id]
    assert ledger.claim(run.id) == 2


def test_a_run_on_another_host_is_free_only_when_its_lease_has_run_out(source: Source) -> None:
    run = ledger.open_run(source, "test")
    ledger.claim(run.id)
    run.lease_owner = "elsewhere|1|0"
    model.Session.commit()
    assert ledger.abandoned() == []
    run.lease_until = now() - timedelta(seconds=1)
    model.Session.commit()
    assert ledger.abandoned() == [run.id]


def test_a_worker_whose_run_was_taken_over_can_write_nothing_more(source: Source) -> None:
    run_id = ledger.open_run(source, "test").id
    ledger.claim(run_id)
    model.Session.query(Run).update({"fence": 2})
    model.Session.commit()
    with pytest.raises(LostLease):
        ledger.hold_on(run_id, 1)


def test_a_tick_starts_what_is_due_once_and_plans_the_next(source: Source) -> None:
    source.next_run = now() - timedelta(days=3)
    model.Session.commit()
    assert schedule.tick()["started"] == 1
    assert schedule.tick()["started"] == 0
    assert find("council").next_run > now()


def test_a_tick_gives_an_abandoned_run_to_a_worker_that_ends_it(source: Source) -> None:
    run_id = ledger.open_run(source, "test").id
    assert schedule.tick()["resumed"] == 1
    assert work(run_id)
    assert model.Session.get(Run, run_id).state == "finished"
    assert schedule.tick()["resumed"] == 0
