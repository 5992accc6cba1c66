"""Uploads that are too large for a web request wait for a worker, and are not public before."""

from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.lib import jobs

from ckanext.digitalcity.gate import worker
from ckanext.digitalcity.harvest.schedule import tick

from uploading import LARGE, PEOPLE, api, call, item_of, label, reports, shown, work_off
from world import BAD_TOILETS, TOILETS


def test_a_large_file_is_not_public_until_a_worker_has_checked_it(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], all_large: None
) -> None:
    resource = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    refused = app.get(resource["url"], status=404)
    assert "being checked" in refused.body
    page = f"/dataset/{dataset['id']}/resource/{resource['id']}"
    assert "being checked" in app.get(page).body
    assert reports() == 0
    work_off()
    public = shown(resource["id"])
    assert app.get(public["url"]).data == TOILETS.encode()
    assert public["hash"].startswith("sha256:")
    assert label(dataset["id"])["data-errors"] == "met"
    assert "Checked: no errors found" in app.get(page).body


def test_a_large_file_that_fails_is_held_in_the_inbox_and_the_last_good_one_stays(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    monkeypatch.setitem(portal, LARGE, 0)
    answer = api(app, editor, "resource_patch", BAD_TOILETS, "new.csv", id=good["id"])
    assert answer.status_code == 200
    assert app.get(good["url"]).data == TOILETS.encode()
    work_off()
    assert app.get(shown(good["id"])["url"]).data == TOILETS.encode()
    assert label(dataset["id"])["update-held"] == "not met"
    [waiting] = call(editor, "digitalcity_inbox_list")["results"]
    assert waiting["outcome"] == "failed"
    call(editor, "digitalcity_item_release", id=waiting["id"], reason="A known slip.")
    released = shown(good["id"])
    assert released["url"].endswith("/new.csv")
    assert app.get(released["url"]).data == BAD_TOILETS.encode()


def test_a_rejected_upload_leaves_what_is_public(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    api(app, editor, "resource_patch", BAD_TOILETS, id=good["id"], digitalcity_hold="true")
    [waiting] = call(editor, "digitalcity_inbox_list")["results"]
    call(editor, "digitalcity_item_reject", id=waiting["id"], reason="The wrong month.")
    assert app.get(shown(good["id"])["url"]).data == TOILETS.encode()
    assert label(dataset["id"])["update-held"] == "met"


def test_a_newer_upload_takes_the_place_of_one_that_is_still_being_checked(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], all_large: None
) -> None:
    first = api(app, editor, "resource_create", PEOPLE, package_id=dataset["id"]).json["result"]
    api(app, editor, "resource_patch", TOILETS, id=first["id"])
    work_off()
    assert app.get(shown(first["id"])["url"]).data == TOILETS.encode()
    assert reports() == 1


def test_a_check_that_takes_too_long_for_a_web_request_is_left_to_a_worker(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(portal, "ckanext.digitalcity.gate.seconds", 0)
    resource = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    assert item_of(resource).outcome == "pending"
    work_off()
    assert app.get(shown(resource["id"])["url"]).data == TOILETS.encode()


def test_without_redis_a_large_file_waits_and_the_next_tick_has_it_checked(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], all_large: None
) -> None:
    resource = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    jobs.get_queue().empty()  # all that Redis knew is lost
    work_off()
    assert item_of(resource).outcome == "pending"
    assert tick()["resumed"] == 1
    work_off()
    assert app.get(shown(resource["id"])["url"]).data == TOILETS.encode()


def test_ticks_do_not_fill_the_queue_with_jobs_of_a_file_that_waits_its_turn(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], all_large: None
) -> None:
    resource = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    waiting = [[item_of(resource).id]]
    for _ in range(2):
        tick()
    assert [job.args for job in jobs.get_queue().jobs] == waiting
    jobs.get_queue().pop_job_id()  # as a worker does before it begins; it is killed
    tick()
    assert [job.args for job in jobs.get_queue().jobs] == waiting


def test_an_upload_while_redis_is_away_is_kept(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], all_large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckan.lib import redis

    with monkeypatch.context() as away:
        pool = redis.ConnectionPool.from_url("redis://127.0.0.1:1/0")
        away.setattr(redis, "_connection_pool", pool)
        away.setattr(jobs, "_queues", {})
        answer = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"])
    assert answer.status_code == 200
    assert item_of(answer.json["result"]).outcome == "pending"
    tick()
    work_off()
    assert app.get(shown(answer.json["result"]["id"])["url"]).data == TOILETS.encode()


def test_a_worker_that_dies_at_a_file_is_not_waited_for_for_ever(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], all_large: None
) -> None:
    resource = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    item = item_of(resource)
    item.candidate = {**item.candidate, "tries": worker.TRIES, "until": "2020-01-01T00:00:00+00:00"}
    item_id = item.id
    model.Session.commit()
    assert worker.check(item_id)
    assert item_of(resource).outcome == "error"
    assert not worker.check(item_id)
    assert app.get(resource["url"], status=404).status_code == 404
