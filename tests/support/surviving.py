"""What must be true after every fault, and how a run goes on after one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.harvest.together import catch_up
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import File, Item, Run, Task

from world import Council, as_admin


def begin(council: Council) -> str:
    """Saves the council's source and opens a run of it: the run's id."""
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})
    run_id: str = ledger.open_run(find("council"), "test").id
    model.Session.commit()
    return run_id


def recover(run_id: str) -> None:
    """What happens by itself after a fault: leases run out, the run is taken up again, and the source's next run comes.

    The next run is only made if this one failed or left errors, as an unchanged source needs no more.
    """
    model.Session.remove()
    for table in (Task, Run):
        model.Session.execute(sa.update(table).values(lease_until=None))
    model.Session.commit()
    catch_up()  # as every tick does
    _work_off(run_id)
    run = model.Session.get(Run, run_id)
    if run.state != "finished" or run.counts.get("error"):
        _work_off(ledger.open_run(find("council"), "test").id)


def _work_off(run_id: str) -> None:
    for _ in range(20):
        if model.Session.get(Run, run_id).finished:
            return
        work(run_id)
        model.Session.remove()
    raise AssertionError("the run does not end")


def nothing_lost(council: Council, bad: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Every good record is public once with just its bytes, no bad one is, and no run or lease is left open.

    A record whose item says ``passed`` holds what the source has now: no watermark is past unread data.
    """
    model.Session.remove()
    good = {id_: council.rows[id_] for id_ in council.rows if id_ not in bad}
    titles = sorted(row["title"] for row in good.values())
    items: dict[str, Item] = {item.remote_id: item for item in model.Session.query(Item)}
    endings = {id_: (item.outcome, item.reason, item.message) for id_, item in items.items()}
    packages = model.Session.query(model.Package).filter_by(state="active", type="dataset")
    assert sorted(package.title for package in packages) == titles, f"lost, doubled or unchecked: {endings}"
    assert sorted(_found()) == titles, "in the search index"
    assert items.keys() == council.rows.keys()
    tags = [name for (name,) in model.Session.query(model.Tag.name)]
    assert len(tags) == len(set(tags)), "a tag is kept once, however many bring it"
    with StorageStage(config.stage_storage(), config.file_limit()) as stage:
        for id_, item in items.items():
            files = model.Session.query(File).filter_by(item_id=item.id).all()
            shown = model.Session.query(model.Resource).filter_by(package_id=item.dataset_id, state="active").all()
            if id_ in bad:
                assert (item.outcome, files, shown) == ("failed", [], [])
                continue
            at_source = hashlib.sha256(council.files[f"{id_}.csv"]).hexdigest()
            assert (item.outcome, [file.sha256 for file in files]) == ("passed", [at_source])
            assert [resource.hash for resource in shown] == [f"sha256:{at_source}"]
            assert stage.digest(at_source) == at_source
    assert model.Session.query(Run).filter(Run.finished.is_(None)).count() == 0
    kept = model.Session.query(Task).join(Run, Run.id == Task.run_id).filter(Run.state == "finished")
    assert kept.filter(Task.finished.is_(None)).count() == 0
    model.Session.rollback()


def _found() -> Iterator[str]:
    """The titles of all datasets that a search finds."""
    page: list[dict[str, Any]] = [{}]
    start = 0
    while page:
        page = tk.get_action("package_search")({}, {"rows": 1000, "start": start, "sort": "id asc"})["results"]
        yield from (package["title"] for package in page)
        start += len(page)
