"""How far a run is, its records by what became of them, its report to take away, and how long it is kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from ckan import model

from ckanext.digitalcity.harvest import retention
from ckanext.digitalcity.harvest.progress import progress
from ckanext.digitalcity.model import Item, Run, Task, now

from pages import main, words
from world import BAD_TOILETS, TOILETS, Council

Harvest = Callable[..., dict[str, Any]]


def test_a_run_page_lists_only_the_records_that_were_held_if_asked_to(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("good", TOILETS)
    council.publish("bad", BAD_TOILETS)
    run = harvest(council.recipe())
    page = main(app, f"/digitalcity/run/{run['id']}")
    link = next(a for a in page.select("nav[aria-label='Which records'] a") if words(a) == "Held")
    shown = main(app, str(link["href"]))
    assert [words(row.find("th")) for row in shown.select("tbody tr")] == ["Bad"]
    assert words(shown.select_one("nav [aria-current]")) == "Held"
    assert "This became of no record" in words(main(app, f"/digitalcity/run/{run['id']}?change=withdrawn"))


def test_a_report_lists_every_record_as_a_table_that_opens_safely(
    council: Council, harvest: Harvest, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        import_module("ckanext.digitalcity.views.run_report"), "AT_ONCE", 2
    )  # so that three records need two questions
    for id_ in ("one", "two"):
        council.publish(id_, TOILETS)
    council.publish("three", BAD_TOILETS, title="=cmd|' /C calc'!A0")
    run = harvest(council.recipe())
    response = app.get(f"/digitalcity/run/{run['id']}.csv")
    assert response.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.body.removeprefix("\ufeff"))))
    assert [row["Id at the source"] for row in rows] == ["one", "two", "three"]
    assert [row["What happened"] for row in rows] == ["Published", "Published", "Held"]
    assert rows[2]["Record"].startswith("'=")
    assert rows[0]["Dataset"].startswith("http")
    assert rows[2]["Dataset"] == ""


def test_a_report_as_json_is_the_run_with_all_its_records(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS)
    council.publish("bad", BAD_TOILETS)
    run = harvest(council.recipe())
    found = json.loads(app.get(f"/digitalcity/run/{run['id']}.json").body)
    assert found["counts"] == run["counts"]
    assert [(record["remote_id"], record["change"]) for record in found["results"]] == [
        ("good", "published"),
        ("bad", "held"),
    ]
    held = json.loads(app.get(f"/digitalcity/run/{run['id']}.json?change=held").body)
    assert [record["remote_id"] for record in held["results"]] == ["bad"]
    assert app.get("/digitalcity/run/nosuch.json").status_code == 404


def test_a_report_in_welsh_is_welsh(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS)
    run = harvest(council.recipe())
    assert "Wedi’i gyhoeddi" in app.get(f"/cy/digitalcity/run/{run['id']}.csv").body


def test_progress_says_what_became_of_records_so_far_how_fast_and_how_long_still(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("good", TOILETS)
    run_id = harvest(council.recipe())["id"]
    run = model.Session.get(Run, run_id)
    model.Session.query(Task).filter_by(run_id=run_id).delete()
    run.state, run.finished, run.counts = "working", None, {"listed": 10, "unchanged": 4}
    for number in range(6):
        done = now() - timedelta(seconds=20 - 10 * number) if number < 3 else None
        change = "published" if number < 2 else "held"
        model.Session.add(
            Task(run_id=run_id, remote_id=str(number), position=number, finished=done, change=change if done else "",
                 reached=("checked", "checked", "checked", "checked", "fetched", "")[number])
        )  # fmt: skip
    model.Session.commit()
    found = progress(run)
    assert (found.found, found.records, found.fetched, found.checked, found.done) == (10, 6, 5, 4, 3)
    assert found.changes == {"unchanged": 4, "published": 2, "held": 1}
    assert found.endings == {"published": 2, "held": 1}
    assert found.per_minute == pytest.approx(6, abs=0.1)
    assert found.seconds_left == pytest.approx(30, abs=1)
    shown = words(main(app, f"/digitalcity/run/{run_id}").select_one("#progress"))
    assert "3 of 6 records done, 6 a minute, about 30 seconds left" in shown
    assert "Fetched 5 Checked 4 Published 2" in shown
    assert "Held 1" in shown


def test_a_run_knows_of_each_record_whether_it_was_fetched_and_checked(council: Council, harvest: Harvest) -> None:
    council.publish("good", TOILETS)
    council.publish("bad", BAD_TOILETS)
    council.publish("lost", TOILETS)
    del council.files["lost.csv"]
    found = progress(model.Session.get(Run, harvest(council.recipe())["id"]))
    assert (found.found, found.fetched, found.checked) == (3, 3, 3), "a lost file is found out by the check"
    model.Session.query(Item).update({"version": None})  # the source no longer says whether it changed
    model.Session.commit()
    again = progress(model.Session.get(Run, harvest(council.recipe())["id"]))
    assert (again.records, again.fetched, again.checked) == (3, 3, 1), "only what could not be checked is checked again"


def test_the_list_of_a_run_is_filtered_by_what_is_in_it(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("bad", BAD_TOILETS, modified="2026-10-01")
    council.publish("good", TOILETS, modified="2026-10-01")
    harvest(council.recipe())
    council.publish("worse", BAD_TOILETS, modified="2026-10-02")
    council.publish("quay", TOILETS + "Quay,ZZ1 1AC,2022-03-04\n", modified="2026-10-02")
    run = harvest(council.recipe())
    assert run["counts"]["held"] == 2  # one of them as before
    shown = main(app, f"/digitalcity/run/{run['id']}")
    places = words(shown.select_one("nav[aria-label='Which records']"))
    assert places == "All of them 2 Published 1 Held 1"
    assert "lists just as before was only counted" in words(shown)


def test_old_runs_are_forgotten_but_never_the_newest_nor_who_is_who(
    council: Council, harvest: Harvest, portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    council.publish("good", TOILETS)
    runs = [harvest(council.recipe())["id"] for _ in range(3)]
    for age, id_ in enumerate(reversed(runs)):
        model.Session.get(Run, id_).finished = now() - timedelta(days=500 + age)
    model.Session.commit()
    datasets = [item.dataset_id for item in model.Session.query(Item)]
    monkeypatch.setitem(portal, "ckanext.digitalcity.keep.run_days", 0)
    assert retention.clear() == 0
    monkeypatch.setitem(portal, "ckanext.digitalcity.keep.run_days", 400)
    assert retention.clear() == 2
    assert [run.id for run in model.Session.query(Run)] == runs[-1:]
    assert {task.run_id for task in model.Session.query(Task)} <= set(runs[-1:])
    assert [item.dataset_id for item in model.Session.query(Item)] == datasets
    assert harvest(council.recipe())["counts"].get("published", 0) == 0
