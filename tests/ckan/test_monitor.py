"""What machines that watch the portal are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ckan import model
from ckan.lib import jobs
from ckan.lib.redis import connect_to_redis
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families
from rq import Worker

from ckanext.digitalcity.cli import digitalcity
from ckanext.digitalcity.harvest import schedule
from ckanext.digitalcity.health import LATE, TICK
from ckanext.digitalcity.model import now

from world import BAD_TOILETS, TOILETS, Council

Harvest = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def no_workers(portal: Any) -> None:
    """Forgets workers that other tests killed."""
    redis = connect_to_redis()
    for key in redis.keys("rq:worker*"):
        redis.delete(key)


def health(app: Any, status: int = 200) -> dict[str, Any]:
    response = app.get("/digitalcity/health")
    assert response.status_code == status
    found: dict[str, Any] = json.loads(response.body)
    return found


def test_a_portal_whose_scheduler_never_ticked_is_degraded_and_says_so(portal: Any, app: Any) -> None:
    found = health(app)
    assert found["status"] == "degraded"
    assert set(found["wrong"]) == {"workers", "scheduler"}  # the tests run neither


def test_a_tick_is_noted_and_an_old_one_counts_for_nothing(portal: Any, app: Any) -> None:
    schedule.tick()
    schedule.tick()
    assert "scheduler" not in health(app)["wrong"]
    model.Session.query(model.SystemInfo).filter_by(key=TICK).update({"value": (now() - 2 * LATE).isoformat()})
    model.Session.commit()
    assert "scheduler" in health(app)["wrong"]


def test_a_worker_counts_while_it_is_heard_of(portal: Any, app: Any) -> None:
    worker = Worker([jobs.get_queue()], connection=connect_to_redis())
    worker.register_birth()
    assert "workers" not in health(app)["wrong"]
    connect_to_redis().hset(worker.key, "last_heartbeat", "2026-01-01T00:00:00.000000Z")
    assert "workers" in health(app)["wrong"]
    worker.register_death()


def test_without_search_the_portal_is_down(portal: Any, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(portal, "solr_url", "http://127.0.0.1:9/solr/ckan")
    found = health(app, status=503)
    assert found["status"] == "down"
    assert "search" in found["wrong"]


def test_without_the_queue_visitors_notice_nothing(portal: Any, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckan.lib.redis._connection_pool", None)
    monkeypatch.setitem(portal, "ckan.redis.url", "redis://127.0.0.1:9/1")
    found = health(app)
    assert found["status"] == "degraded"
    assert "queue" in found["wrong"]
    assert "workers" not in found["wrong"]


def test_the_command_says_the_same_and_ends_with_one(portal: Any) -> None:
    ran = CliRunner().invoke(digitalcity, ["health"])
    assert ran.exit_code == 1
    assert "database: well" in ran.output
    assert "scheduler: It has not ticked" in ran.output
    assert json.loads(CliRunner().invoke(digitalcity, ["health", "--json"]).output)["search"] == ""


def test_prometheus_reads_how_the_sources_stand(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS)
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    schedule.tick()
    response = app.get("/digitalcity/metrics")
    assert response.headers["Content-Type"].startswith("text/plain")
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.body)
        for sample in family.samples
    }
    assert found["digitalcity_sources", ("health", "good")] == 1
    assert found["digitalcity_records", ("outcome", "passed"), ("source", "council")] == 1
    assert found["digitalcity_records_waiting", ("source", "council")] == 1
    assert found["digitalcity_runs_unfinished",] == 0
    last_good = found["digitalcity_source_last_good_timestamp_seconds", ("source", "council")]
    assert abs(last_good - now().timestamp()) < 300
    assert ("digitalcity_last_tick_timestamp_seconds",) in found
