"""Records that were looked at while others were written are written together."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.lib.search import index
from ckan.lib.search.common import make_connection
from ckanext.activity.model import Activity
from pysolr import Solr

from ckanext.digitalcity import batch, publish
from ckanext.digitalcity.harvest import ledger, worker
from ckanext.digitalcity.harvest.ahead import Ahead
from ckanext.digitalcity.indexing import basket
from ckanext.digitalcity.model import Evidence, File, Item, Label, Report, Run, Task, now

from world import BAD_TOILETS, TOILETS, Council, as_admin, changes

Harvest = Callable[..., dict[str, Any]]
TABLES = (Item, Report, Evidence, Label, File, Task, model.Package, model.Resource, model.Member, model.PackageTag)


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records were written together, each time. Nothing is written before all have been looked at."""
    next_, together, found = Ahead._next, worker.settle_together, list[int]()

    def patient(self: Ahead) -> Any:
        if not vars(self).get("waited"):
            vars(self)["waited"] = True
            waiting = model.Session.query(Task).filter(Task.finished.is_(None)).count()
            model.Session.rollback()
            end = time.monotonic() + 60
            while self._ready.qsize() < waiting and time.monotonic() < end:
                time.sleep(0.01)
        return next_(self)

    def counted(*args: Any) -> Any:
        endings = together(*args)
        found.append(len(endings))
        return endings

    monkeypatch.setattr(Ahead, "_next", patient)
    monkeypatch.setattr(worker, "settle_together", counted)
    return found


def rows(number: int) -> str:
    return TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n"


def prints(source: str) -> list[str]:
    """All that is kept of one source, without what no two harvests share: ids, times, and names made of them."""
    items = model.Session.query(Item).join(worker.Source, worker.Source.id == Item.source_id).filter_by(name=source)
    ids = [item.dataset_id for item in items]
    found = []
    for dataset_id in ids:
        shown = tk.get_action("package_show")(as_admin(), {"id": dataset_id}) if _is_public(dataset_id) else {}
        document = make_connection().search(f"id:{dataset_id}").docs
        activity = model.Session.query(Activity).filter_by(object_id=dataset_id)
        found.append([shown, document, [(row.activity_type, row.data, row.permission_labels) for row in activity]])
        for table in TABLES:
            about = [row for row in model.Session.query(table) if dataset_id in _words(row) or _of(row, dataset_id)]
            found.append([table.__name__, sorted(_words(row) for row in about)])
    return [_same(json.dumps(one, default=str, sort_keys=True)) for one in found]


def _is_public(dataset_id: str) -> bool:
    return model.Session.get(model.Package, dataset_id) is not None


def _words(row: Any) -> str:
    return str(sorted((column.name, getattr(row, column.key, "")) for column in row.__table__.columns))


def _of(row: Any, dataset_id: str) -> bool:
    item = model.Session.query(Item).filter_by(dataset_id=dataset_id).one()
    return getattr(row, "item_id", None) == item.id or getattr(row, "remote_id", None) == item.remote_id


def _same(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"(first|second)-[0-9a-f]{8}", r"\1", text)  # the name of the second dataset of one title
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "TIME", text)
    text = re.sub(r"datetime\.datetime\([^)]*\)", "TIME", text)
    text = re.sub(r'"(index_id|_version_)": [^,]*', "", text)
    return re.sub(r"vm\|\d+\|\d+|'seconds': [\d.]+|\"seconds\": [\d.]+", "", text)


def test_what_is_written_together_is_what_would_have_been_written_one_by_one(
    council: Council, harvest: Harvest, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in enumerate(("first", "second")):
        council.publish(name, rows(number), description="About it.")
    council.publish("bad", BAD_TOILETS)
    run = changes(harvest(council.recipe(name="together")))
    assert sizes == [3]
    monkeypatch.setattr(worker, "settle_together", lambda *args: [])
    assert changes(harvest(council.recipe(name="each-alone"))) == run
    assert run == {"first": "published", "second": "published", "bad": "held"}
    alone, together = prints("each-alone"), prints("together")
    assert len(alone) == 3 * (1 + len(TABLES))
    assert together == alone


def test_datasets_written_together_are_found_at_once_and_have_their_activities(
    council: Council, harvest: Harvest, sizes: list[int]
) -> None:
    for number in range(4):
        council.publish(f"set-{number}", rows(number))
    harvest(council.recipe())
    assert sizes == [4]
    assert tk.get_action("package_search")({}, {"rows": 0})["count"] == 4
    assert model.Session.query(Activity).filter_by(activity_type="new package").count() == 4
    assert batch.current() is None


def test_datasets_written_together_go_to_solr_in_one_request(
    council: Council, harvest: Harvest, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, send = list[int](), Solr._send_request  # of each request that has any

    def counted(self: Solr, *args: Any, **more: Any) -> str:
        found = str(more.get("body") or args[2:3]).count('"index_id"')
        documents.extend([found] if found else [])
        return str(send(self, *args, **more))

    monkeypatch.setattr(Solr, "_send_request", counted)
    for number in range(4):
        council.publish(f"set-{number}", rows(number))
    harvest(council.recipe())
    assert (sizes, documents) == ([4], [4])


def test_what_another_thread_indexes_meanwhile_is_not_kept(portal: Any) -> None:
    with basket() as documents, ThreadPoolExecutor(1) as other:
        assert index.make_connection() is documents
        assert isinstance(other.submit(index.make_connection).result(), Solr)
    assert isinstance(index.make_connection(), Solr)


def test_if_one_record_cannot_be_written_the_others_are_all_the_same(
    council: Council, harvest: Harvest, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        council.publish(f"set-{number}", rows(number))
    package_dict = publish.package_dict

    def refused(item: Item, *args: Any) -> Any:
        return {**package_dict(item, *args), **({"name": "no name!"} if item.remote_id == "set-1" else {})}

    monkeypatch.setattr(publish, "package_dict", refused)
    found = changes(harvest(council.recipe()))
    assert sizes == [0], "nothing was written of the three together"
    assert found == {"set-0": "published", "set-1": "error", "set-2": "published"}
    assert tk.get_action("package_search")({}, {"rows": 0})["count"] == 2
    assert {item.reason for item in model.Session.query(Item).filter_by(outcome="error")} == {"metadata"}


def test_a_run_that_was_stopped_meanwhile_gets_none_of_what_was_to_be_written_together(
    council: Council, harvest: Harvest, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        council.publish(f"set-{number}", rows(number))
    finish = ledger.finish

    def too_late(endings: Any) -> None:
        model.Session.query(Run).update({"state": "aborted", "finished": now()})
        finish(endings)

    monkeypatch.setattr(ledger, "finish", too_late)
    harvest(council.recipe())
    assert sizes == [0]
    assert model.Session.query(model.Package).filter_by(type="dataset").count() == 0
    assert model.Session.query(Item).count() == 0
    assert tk.get_action("package_search")({}, {"rows": 0})["count"] == 0


def test_what_changed_is_written_alone_and_what_did_not_together(
    council: Council, harvest: Harvest, sizes: list[int]
) -> None:
    for number in range(3):
        council.publish(f"set-{number}", rows(number))
    harvest(council.recipe())
    del sizes[:]
    for number in range(2):
        council.publish(f"set-{number}", rows(number), description="More about it.")
    council.publish("set-0", rows(9), description="More about it.")
    assert changes(harvest(council.recipe())) == {"set-0": "updated", "set-1": "updated"}
    assert sizes == []


def test_records_that_were_looked_at_are_left_to_others_if_their_worker_fails(
    council: Council, harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        council.publish(f"set-{number}", rows(number))

    def broken(*args: Any) -> None:
        end = time.monotonic() + 60
        while len(council.asked) < 5 and time.monotonic() < end:
            time.sleep(0.01)
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(worker, "settle", broken)
        patched.setattr(worker, "settle_together", broken)
        harvest(council.recipe())
    model.Session.remove()
    tries = {held: {task.attempts for task in _tasks(held)} for held in (True, False)}
    assert tries == {True: {1}, False: {0}}, "held is what it failed on; the rest is free, and counts as untried"


def _tasks(held: bool) -> list[Task]:
    return [task for task in model.Session.query(Task) if (task.lease_until is not None) == held]
