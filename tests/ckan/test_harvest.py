"""The main job, end to end: a council's files, harvested over HTTP, checked, published or held, and labelled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.model import Item

from world import BAD_TOILETS, TOILETS, Council, as_admin, changes

Harvest = Callable[..., dict[str, Any]]


def dataset(id_: str) -> dict[str, Any]:
    item = model.Session.query(Item).filter_by(remote_id=id_).one()
    found: dict[str, Any] = tk.get_action("package_show")(as_admin(), {"id": item.dataset_id})
    return found


def label(id_: str) -> dict[str, str]:
    found = tk.get_action("digitalcity_label_show")(as_admin(), {"id": dataset(id_)["id"]})
    return {line["indicator"]: line["state"] for panel in found["label"]["panels"] for line in panel["lines"]}


def everything_but_runs() -> dict[str, str]:
    """A fingerprint of every table that a run may only touch if something changed."""
    ours = [table for table in model.meta.metadata.sorted_tables if table.name not in
            ("digitalcity_run", "digitalcity_task", "digitalcity_source")]  # fmt: skip
    prints = {}
    for table in ours:
        rows = model.Session.execute(
            sa.text(f'select md5(string_agg(t::text, chr(10) order by t::text)) from "{table.name}" t')
        )
        prints[table.name] = rows.scalar()
    model.Session.rollback()
    return prints


def test_a_file_that_passes_is_published_as_the_very_bytes_that_were_checked(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("toilets", TOILETS)
    run = harvest(council.recipe())
    assert changes(run) == {"toilets": "published"}
    resource = dataset("toilets")["resources"][0]
    download = app.get(resource["url"])
    assert download.data == TOILETS.encode()
    assert resource["hash"] == "sha256:" + hashlib.sha256(TOILETS.encode()).hexdigest()


def test_the_published_dataset_says_what_the_source_stated_and_no_more(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", TOILETS, description="Where they are.", modified="2026-10-01")
    harvest(council.recipe())
    found = dataset("toilets")
    assert found["notes"] == "Where they are."
    assert found["license_id"] == "uk-ogl"
    assert found["organization"]["title"] == "Aberfal Council"
    assert {e["key"]: e["value"] for e in found["extras"]} == {
        "accrualPeriodicity": "ANNUAL",
        "license_stated": "OGL-UK-3.0",
        "modified": "2026-10-01",
    }


def test_a_record_called_as_a_page_of_ckans_own_is_a_dataset_all_the_same(council: Council, harvest: Harvest) -> None:
    council.publish("new", TOILETS)
    assert changes(harvest(council.recipe())) == {"new": "published"}
    assert dataset("new")["name"].startswith("new-")


def test_a_second_run_of_an_unchanged_source_writes_nothing(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", TOILETS)
    council.publish("broken", BAD_TOILETS)
    harvest(council.recipe())
    before = everything_but_runs()
    run = harvest(council.recipe())
    assert everything_but_runs() == before
    assert run["counts"]["unchanged"] == 1


def test_a_changed_file_is_updated_in_the_same_dataset_and_resource(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    before = dataset("toilets")
    council.publish("toilets", TOILETS + "Castle Park,ZZ1 1AC,2022-02-02\n")
    assert changes(harvest(council.recipe())) == {"toilets": "updated"}
    after = dataset("toilets")
    assert (after["id"], after["name"]) == (before["id"], before["name"])
    assert after["resources"][0]["id"] == before["resources"][0]["id"]
    assert b"Castle Park" in app.get(after["resources"][0]["url"]).data


def test_a_changed_file_that_fails_leaves_the_last_good_version_public(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    council.publish("toilets", BAD_TOILETS)
    run = harvest(council.recipe())
    assert changes(run) == {"toilets": "held"}
    assert app.get(dataset("toilets")["resources"][0]["url"]).data == TOILETS.encode()
    assert label("toilets")["update-held"] == "not met"


def test_a_source_that_goes_back_to_the_good_version_ends_the_wait(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    council.publish("toilets", BAD_TOILETS)
    harvest(council.recipe())
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    assert label("toilets")["update-held"] == "met"
    assert model.Session.query(Item).filter(Item.held_since.is_not(None)).count() == 0


@pytest.mark.parametrize(
    ("content", "change", "outcome"),
    [
        (BAD_TOILETS, "held", "failed"),
        ("name,email\nSam,sam.jones@example.org\nAlex,alex@example.org\nKim,kim.p@example.net\n", "held", "held"),
        ("<!DOCTYPE html><html><body>Sorry, an error occurred</body></html>", "error", "error"),
    ],
    ids=["invalid data", "personal data", "not the format it claims"],
)
def test_what_does_not_pass_is_never_public_but_its_report_is(
    council: Council, harvest: Harvest, app: Any, content: str, change: str, outcome: str
) -> None:
    council.publish("suspect", content)
    run = harvest(council.recipe())
    assert changes(run) == {"suspect": change}
    record = run["results"][0]
    assert record["outcome"] == outcome
    assert record["dataset_id"] is None
    assert tk.get_action("package_search")({}, {})["count"] == 0
    item = tk.get_action("digitalcity_item_show")(as_admin(), {"id": record["item_id"]})
    report = app.get(f"/api/3/action/digitalcity_report_show?id={item['reports'][0]['id']}")
    assert report.json["result"]["outcome"] == outcome
    assert "sam.jones" not in report.body


def test_a_file_that_is_gone_is_an_error_of_that_record_alone(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", TOILETS)
    council.publish("lost", TOILETS)
    council.files.pop("lost.csv")
    assert changes(harvest(council.recipe())) == {"toilets": "published", "lost": "error"}


def test_a_source_that_does_not_answer_withdraws_nothing_and_its_labels_say_so(
    council: Council, harvest: Harvest
) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    council.down = True
    run = harvest(council.recipe())
    assert run["state"] == "failed"
    assert dataset("toilets")["state"] == "active"
    assert label("toilets")["reachable"] == "not met"
    council.down = False
    harvest(council.recipe())
    assert label("toilets")["reachable"] == "met"


def test_an_index_that_is_suddenly_empty_withdraws_nothing(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    council.withdraw("toilets")
    run = harvest(council.recipe())
    assert "Nothing was withdrawn" in run["message"]
    assert dataset("toilets")["state"] == "active"


def test_records_that_were_never_public_do_not_hide_that_all_public_ones_are_gone(
    council: Council, harvest: Harvest, monkeypatch: pytest.MonkeyPatch, portal: Any
) -> None:
    monkeypatch.setitem(portal, "ckanext.digitalcity.withdrawal.percent", 100)
    council.publish("toilets", TOILETS)
    council.publish("broken", BAD_TOILETS)
    harvest(council.recipe())
    council.withdraw("toilets")
    run = harvest(council.recipe())
    assert run["message"].startswith("1 of 1 datasets are no longer listed")


def test_a_dataset_that_vanished_stays_public_for_the_days_of_grace_and_then_goes(
    council: Council, harvest: Harvest, monkeypatch: pytest.MonkeyPatch, portal: Any
) -> None:
    for number in range(6):
        council.publish(f"toilets-{number}", TOILETS)
    harvest(council.recipe())
    council.withdraw("toilets-0")
    run = harvest(council.recipe())
    assert changes(run) == {"toilets-0": "missing"}
    assert run["counts"]["missing"] == 1
    assert dataset("toilets-0")["state"] == "active"
    assert label("toilets-0")["reachable"] == "not met"
    monkeypatch.setitem(portal, "ckanext.digitalcity.withdrawal.days", 0)
    run = harvest(council.recipe())
    assert changes(run) == {"toilets-0": "withdrawn"}
    assert (run["counts"]["withdrawn"], run["counts"].get("missing", 0)) == (1, 0)
    assert dataset("toilets-0")["state"] == "deleted"
    council.publish("toilets-0", TOILETS)
    assert changes(harvest(council.recipe())) == {"toilets-0": "updated"}
    assert dataset("toilets-0")["state"] == "active"


def test_an_id_that_is_listed_twice_is_published_once_and_said_to_be_wrong(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", TOILETS)
    council.rows["copy"] = {**council.rows["toilets"], "title": "Second"}
    run = harvest(council.recipe())
    assert sorted(record["change"] for record in run["results"]) == ["error", "published"]
    assert tk.get_action("package_search")({}, {})["count"] == 1


def test_a_dry_run_changes_nothing_and_says_what_it_would_do(council: Council, portal: Any) -> None:
    from ckanext.digitalcity.harvest.preview import preview

    council.publish("toilets", TOILETS)
    council.publish("broken", BAD_TOILETS)
    before = everything_but_runs()
    result = preview(council.recipe())
    assert {r["remote_id"]: r["change"] for r in result["results"]} == {"toilets": "published", "broken": "held"}
    assert everything_but_runs() == before


def test_a_policy_of_warnings_publishes_invalid_data_and_the_label_says_so(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", BAD_TOILETS)
    assert changes(harvest(council.recipe(policy="warn"))) == {"toilets": "published"}
    assert "not met" in {label("toilets")["data-errors"], label("toilets")["checked"]}


def test_an_id_that_is_listed_again_and_again_is_one_error(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", TOILETS)
    for number in range(3):
        council.rows[f"copy-{number}"] = dict(council.rows["toilets"])
    assert sorted(record["change"] for record in harvest(council.recipe())["results"]) == ["error", "published"]
