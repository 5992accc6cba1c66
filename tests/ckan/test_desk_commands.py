"""Commands for what the pages show and do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ckan import model
from click.testing import CliRunner, Result

from ckanext.digitalcity.cli import digitalcity
from ckanext.digitalcity.model import Item, Source

from world import BAD_TOILETS, TOILETS, Council

Harvest = Callable[..., dict[str, Any]]


def run(*words: str, code: int = 0, **options: Any) -> Result:
    ran = CliRunner().invoke(digitalcity, ["harvest", *words], **options)
    assert ran.exit_code == code, ran.output
    return ran


@pytest.fixture
def harvested(council: Council, harvest: Harvest) -> dict[str, Any]:
    council.publish("good", TOILETS)
    council.publish("bad", BAD_TOILETS)
    return harvest(council.recipe())


def test_show_tells_how_a_source_and_each_of_its_records_stand(harvested: dict[str, Any]) -> None:
    output = run("show", "council").output
    assert "Council files (csv-index): good" in output
    assert "failed  Bad  invalid" in output
    found = json.loads(run("show", "council", "--json").output)
    assert {record["remote_id"]: record["outcome"] for record in found["records"]} == {
        "good": "passed",
        "bad": "failed",
    }
    assert "There is no such source" in run("show", "nosuch", code=1).output


def test_every_source_is_listed_with_what_to_do_next(harvested: dict[str, Any]) -> None:
    organization_id = model.Session.query(Source).one().organization_id
    for number in range(101):
        facts = {"title": f"River {number}", "kind": "file", "recipe": "", "organization_id": organization_id}
        model.Session.add(Source(name=f"river-{number}", **facts))
    model.Session.commit()
    lines = run("list").output.splitlines()
    assert lines[:2] == [
        "council: Council files (csv-index), well",
        "  Something is held. Look at each in the inbox, and release or reject it.",
    ]
    assert sum(line.startswith("river-") and line.endswith("not run yet") for line in lines) == 101
    assert json.loads(run("list", "--json").output)["count"] == 102
    assert "No recipe of “river-1” is in force" in run("export", "river-1", code=2).output


def test_runs_and_their_reports_are_listed(harvested: dict[str, Any]) -> None:
    assert harvested["id"] in run("runs", "council").output
    assert [row["id"] for row in json.loads(run("runs", "council", "--json").output)] == [harvested["id"]]
    assert "published  Good" in run("report", harvested["id"]).output
    held = json.loads(run("report", harvested["id"], "--change", "held", "--json").output)
    assert [record["remote_id"] for record in held["results"]] == ["bad"]


def test_what_is_held_is_listed_and_released_with_a_reason(harvested: dict[str, Any]) -> None:
    item = json.loads(run("held", "--json").output)[0]
    assert item["remote_id"] == "bad"
    assert "council: Bad" in run("held").output
    assert "--reason" in run("release", item["id"], code=2).output
    run("release", item["id"], "--reason", "The date is a known misprint")
    assert model.Session.get(Item, item["id"]).published
    assert "There is nothing." in run("held").output


def test_what_is_held_can_be_rejected_and_not_twice(harvested: dict[str, Any]) -> None:
    item = json.loads(run("held", "--json").output)[0]
    run("reject", item["id"], "--reason", "Ask them to mend it")
    assert model.Session.get(Item, item["id"]).published is None
    assert run("release", item["id"], "--reason", "x", code=1).output.startswith("Error")


def test_old_recipes_are_printed_and_come_back_by_importing_them(
    council: Council, harvested: dict[str, Any], tmp_path: Any
) -> None:
    changed = tmp_path / "new.yaml"
    changed.write_text(council.recipe(title="Another title"))
    run("import", str(changed), "--reason", "Renamed")
    rows = json.loads(run("versions", "council", "--json").output)
    assert [(row["number"], row["reason"]) for row in rows] == [(2, "Renamed"), (1, "")]
    old = tmp_path / "old.yaml"
    old.write_text(run("recipe", "council", "1").output)
    run("import", str(old))
    assert model.Session.query(Source).one().title == "Council files"


def test_removing_asks_first(harvested: dict[str, Any]) -> None:
    run("remove", "council", code=1, input="n\n")
    assert model.Session.query(Source).one().deleted is None
    run("remove", "council", "--yes")
    assert model.Session.query(Source).one().deleted
