"""What one run publishes can be found together."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pysolr
import pytest
from ckan import logic, model
from ckan.lib import search

from ckanext.digitalcity.harvest import schedule, together
from ckanext.digitalcity.harvest.together import SETTING
from ckanext.digitalcity.model import Item, Run

from world import TOILETS, Council

Harvest = Callable[..., dict[str, Any]]


def found() -> int:
    return int(tk.get_action("package_search")({}, {"rows": 0})["count"])


def test_a_run_commits_the_search_index_once_and_everything_is_found(
    council: Council, harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    send = pysolr.Solr._send_request

    def watched(self: Any, method: str, path: str = "", *rest: Any, **more: Any) -> Any:
        asked.append(path)
        return send(self, method, path, *rest, **more)

    monkeypatch.setattr(pysolr.Solr, "_send_request", watched)
    monkeypatch.setattr(together, "EVERY", math.inf)  # however long the run takes
    for number in range(4):
        council.publish(f"set-{number}", TOILETS)
    harvest(council.recipe())
    updates = [path for path in asked if path.startswith("update")]
    assert sum("commit=true" in path for path in updates) <= 2  # when its work and when the run ends
    assert found() == 4
    assert tk.config[SETTING] is True


def test_at_its_end_a_run_looks_whether_what_it_published_is_shown_and_hands_over_what_is_not(
    council: Council, harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[str] = []
    update = logic.index_update_package

    def watched(context: Any, id_: str, **options: Any) -> None:
        again.append(id_)
        update(context, id_, **options)

    monkeypatch.setattr(logic, "index_update_package", watched)
    for number in range(4):
        council.publish(f"set-{number}", TOILETS)
    harvest(council.recipe())
    assert again == [], "all is shown as it is"
    council.publish("set-0", TOILETS, description="More about it.")
    mend = together.mend

    def forgetful(ids: list[str]) -> None:
        search.clear(ids[0])  # as after a power cut
        mend(ids)

    monkeypatch.setattr(together, "mend", forgetful)
    harvest(council.recipe())
    assert again == [model.Session.query(Item).filter_by(remote_id="set-0").one().dataset_id]
    assert found() == 4


def test_a_commit_that_fails_costs_nothing_but_time(
    council: Council, harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, *rest: Any, **more: Any) -> None:
        raise pysolr.SolrError("out of order")

    council.publish("first", TOILETS)
    with monkeypatch.context() as broken:
        broken.setattr(pysolr.Solr, "commit", refuse)
        harvest(council.recipe())
    assert model.Session.query(Run).one().state == "finished"
    assert found() == 0
    search.clear_all()  # Solr may have lost what it did not commit
    schedule.tick()
    assert found() == 1
    assert model.Session.query(model.SystemInfo).filter(model.SystemInfo.key.startswith(together.OWED)).count() == 0
