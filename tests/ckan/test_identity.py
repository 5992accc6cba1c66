"""Which dataset a record becomes: its source and its id there decide, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.digitalcity.core.pipeline import Candidate
from ckanext.digitalcity.model import Item
from ckanext.digitalcity.publish import hold_tags

from world import TOILETS, Council, as_admin, changes

Harvest = Callable[..., dict[str, Any]]
MORE = TOILETS + "Old Station,ZZ1 1AC,2024-05-01\n"


def ids() -> dict[tuple[str, str], str]:
    model.Session.remove()
    return {(item.source_id, item.remote_id): item.dataset_id for item in model.Session.query(Item)}


def titles() -> list[str]:
    return sorted(row["title"] for row in tk.get_action("package_search")({}, {"rows": 100})["results"])


def test_two_sources_with_the_same_id_have_a_dataset_each_and_touch_no_other(
    council: Council, harvest: Harvest
) -> None:
    council.publish("toilets", TOILETS)
    council.publish("other", MORE)
    harvest(council.recipe(name="first"))
    before = {id_: tk.get_action("package_show")(as_admin(), {"id": id_}) for id_ in ids().values()}
    council.publish("toilets", MORE, title="Toilets of another council")
    assert changes(harvest(council.recipe(name="second"))) == {"toilets": "published", "other": "published"}
    assert len(set(ids().values())) == 4
    council.withdraw("toilets")
    harvest(council.recipe(name="second"), allow_withdrawals=True)
    for id_, shown in before.items():
        assert tk.get_action("package_show")(as_admin(), {"id": id_}) == shown


def test_known_content_under_a_new_id_waits_for_a_person(council: Council, harvest: Harvest) -> None:
    council.publish("old", TOILETS, title="Toilets")
    council.publish("rest", MORE)
    harvest(council.recipe())
    council.withdraw("old")
    council.publish("new", TOILETS, title="Toilets", file="old.csv")
    run = harvest(council.recipe(), allow_withdrawals=True)
    assert changes(run) == {"new": "held", "old": "missing"}
    assert {row["reason"] for row in run["results"] if row["remote_id"] == "new"} == {"same-content"}
    assert titles() == ["Rest", "Toilets"]
    item = model.Session.query(Item).filter_by(remote_id="new").one()
    tk.get_action("digitalcity_item_release")(as_admin(), {"id": item.id, "reason": "It has a new id"})
    assert titles() == ["Rest", "Toilets", "Toilets"]
    council.publish("new", MORE, title="Toilets", file="old.csv")
    assert changes(harvest(council.recipe(), allow_withdrawals=True))["new"] == "updated"


def test_one_record_that_is_listed_under_two_ids_is_published_once(council: Council, harvest: Harvest) -> None:
    council.publish("one", TOILETS, title="Toilets")
    council.publish("two", TOILETS, title="Toilets", file="one.csv")
    assert changes(harvest(council.recipe())) == {"one": "published", "two": "held"}
    assert titles() == ["Toilets"]


def test_a_new_tag_that_two_workers_bring_at_once_is_kept_once(portal: Any) -> None:
    candidate = Candidate("1", "Toilets", "", {"keyword": ["Accessible toilets"]}, (), (), None, "")
    held, over = threading.Event(), threading.Event()

    def bring(mine: threading.Event) -> None:
        try:
            hold_tags([candidate])
            if model.Tag.by_name("accessible-toilets") is None:
                model.Session.add(model.Tag("accessible-toilets"))
            mine.set()
            over.wait(5)
            model.Session.commit()
        finally:
            model.Session.remove()

    second = threading.Event()
    workers = [threading.Thread(target=bring, args=(event,)) for event in (held, second)]
    workers[0].start()
    assert held.wait(5)
    workers[1].start()
    assert not second.wait(0.5), "it waits for the first"
    over.set()
    for worker in workers:
        worker.join()
    assert model.Session.query(model.Tag).filter_by(name="accessible-toilets").count() == 1
