"""Two machines work on one run; one is lost, and the other finishes when its lease is over."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from gate import GatedCouncil
from hosts import HERE, Host, Relay
from processes import WORKER
from running import at_work, done, state, until

from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.worker import enqueue
from ckanext.digitalcity.model import Task

from surviving import begin, nothing_lost
from world import BAD_TOILETS, TOILETS

MANY, BAD = 8, 5


def test_when_a_machine_is_lost_another_takes_its_record_over_once_the_lease_is_over_and_not_before(
    gated: GatedCouncil, portal: Any, ini: Path, two_hosts: tuple[Host, Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gated.server, "host", HERE)  # as its address is called in the recipe
    ini.write_text(ini.read_text() + f"ckanext.digitalcity.http.allowed = {HERE}/32\n")
    for number in range(MANY):
        rows = BAD_TOILETS if number == BAD else TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n"
        gated.publish(f"set-{number}", rows)
    run_id = begin(gated)
    enqueue(run_id)
    lost, _ = two_hosts
    with Relay(gated.server.port):
        workers = [host.start(ini, *WORKER) for host in two_hosts]
        until(lambda: at_work(run_id, *workers))
        assert held_by(run_id) == {"north": 1, "south": 1}
        lost.lose()
        gated.open()
        until(lambda: done(run_id) == MANY - 1)
        assert held_by(run_id) == {"north": 1}, "it may be alive for all that anybody can tell"
        assert ledger.take(run_id) is None
        assert state(run_id) == "working"
        model.Session.query(Task).filter(Task.finished.is_(None)).update(
            {"lease_until": Task.lease_until - ledger.LEASE}, synchronize_session=False
        )  # time passes in the database, whose clock counts
        model.Session.commit()
        until(lambda: state(run_id) == "finished")
    nothing_lost(gated, {f"set-{BAD}"})
    ended = Counter(task.lease_owner.split("|")[0] for task in model.Session.query(Task))
    assert ended == {"south": MANY}
    assert sorted(task.fence for task in model.Session.query(Task)) == [1] * (MANY - 1) + [2]


def held_by(run_id: str) -> Counter[str]:
    """How many records of the run each machine holds."""
    model.Session.remove()
    tasks = model.Session.query(Task).filter(Task.run_id == run_id, Task.lease_until.is_not(None))
    return Counter(task.lease_owner.split("|")[0] for task in tasks)
