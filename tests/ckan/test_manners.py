"""Sources whose servers are in trouble, or want to be left alone: nobody waits with them, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import redis
import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from werkzeug import Response

from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.door import SharedMemory
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.harvesters.manners import Manners
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import Task, now

from world import TOILETS, Council, as_admin, changes, forget_servers

Harvest = Callable[..., dict[str, Any]]


def shown(run_id: str) -> dict[str, Any]:
    model.Session.remove()
    found: dict[str, Any] = tk.get_action("digitalcity_run_show")(as_admin(), {"id": run_id, "limit": 100})
    return found


def tasks() -> list[tuple[int, bool]]:
    """Of every open record: its tries, and whether it waits for a time to come."""
    model.Session.remove()
    rows = model.Session.query(Task.attempts, Task.not_before).filter(Task.finished.is_(None)).order_by(Task.position)
    return [(tries, not_before is not None and not_before > now()) for tries, not_before in rows]


def time_passes() -> None:
    model.Session.execute(sa.update(Task).values(not_before=Task.not_before - timedelta(hours=2)))
    model.Session.commit()
    here = connect_to_redis()
    for key in here.scan_iter("digitalcity:server:rest*"):
        here.delete(key)


def test_while_a_server_is_left_alone_its_records_wait_without_a_worker_and_lose_no_try(
    council: Council, harvest: Harvest
) -> None:
    for number in range(3):
        council.publish(f"set-{number}", TOILETS)
    busy = Response("busy", 503, {"Retry-After": "1800"})
    council.server.expect_oneshot_request("/files", method="GET").respond_with_response(busy)
    run = harvest(council.recipe())
    assert tasks() == [(1, True), (0, True), (0, True)], "one asked, and was told to wait; the others did not ask"
    assert (
        len([request for request, _ in council.server.log if (request.path, request.method) == ("/files", "GET")]) == 1
    )
    assert work(run["id"]) is False
    assert ledger.has_room(run["id"]) is False
    assert ledger.abandoned() == [run["id"]], "so the next tick looks after it"
    time_passes()
    assert work(run["id"])
    run = shown(run["id"])
    assert run["state"] == "finished"
    assert changes(run) == {f"set-{number}": "published" for number in range(3)}


def test_a_server_that_fails_for_long_is_given_up_and_the_next_run_reads_it(council: Council, harvest: Harvest) -> None:
    council.publish("one", TOILETS)
    server = council.server.url_for("").rstrip("/")
    memory = SharedMemory()
    memory.put(f"since {server}", str(time.time() - 3600), 60)
    memory.put(f"rest {server}", str(time.time() + 900), 900)
    run_id = ledger.open_run(
        find(tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})["name"]), "test"
    ).id
    assert work(run_id)
    assert shown(run_id)["state"] == "failed"
    assert "failing for more than 10 minutes" in shown(run_id)["message"]
    forget_servers()
    assert changes(harvest(council.recipe())) == {"one": "published"}


def test_what_robots_txt_asks_is_kept_to_unless_the_recipe_says_that_the_owners_agree(
    council: Council, harvest: Harvest
) -> None:
    council.publish("one", TOILETS)
    council.server.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /files\n")
    run = harvest(council.recipe())
    assert changes(run) == {"one": "error"}
    assert [row["reason"] for row in run["results"]] == ["robots"]
    assert "one.csv" not in council.asked
    assert changes(harvest(council.recipe(robots="agreed"))) == {"one": "published"}


def test_workers_share_what_they_know_and_go_on_without_redis(portal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = SharedMemory(), SharedMemory()
    one.put("a", "ä", 60)
    assert other.get("a") == "ä"
    assert other.first("a", "b", 60) is False
    assert [one.count("n", 60), other.count("n", 60)] == [1, 2]
    other.forget("a", "n")
    assert one.get("a") == ""
    one.put("short", "x", 0.01)
    time.sleep(0.05)
    assert other.get("short") == ""
    monkeypatch.setattr(one._redis, "connection_pool", _closed_pool())
    manners = Manners(one, failures=1, rest=60)
    manners.failed("https://a.example")
    assert float(one.get("rest https://a.example")) > time.time()
    assert other.get("rest https://a.example") == ""


def _closed_pool() -> Any:
    return redis.ConnectionPool(host="127.0.0.1", port=1)
