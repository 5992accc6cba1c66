"""Beside ckanext-harvest: our sources as its types, and taking its sources over."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import yaml
from ckan import model
from ckan.plugins import get_plugin
from ckan.tests import factories
from click.testing import CliRunner

from ckanext.digitalcity.cli import digitalcity
from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import Item, Source

from world import BAD_TOILETS, TOILETS, Council, as_admin

PLUGINS = "activity text_view digitalcity harvest ckan_harvester digitalcity_csv_index"
pytestmark = pytest.mark.ckan_config("ckan.plugins", PLUGINS)


@pytest.fixture
def harvesting(portal: Any, migrate_db_for: Callable[[str], None]) -> None:
    """A portal with ckanext-harvest's own tables."""
    migrate_db_for("harvest")


def source_of_theirs(type_: str, url: str, config: str = "", frequency: str = "MANUAL") -> Any:
    """A harvest source as ckanext-harvest's own form makes it."""
    from ckanext.harvest.model import HarvestSource

    if model.Group.get("aberfal") is None:
        factories.Organization(name="aberfal")
    made = tk.get_action("harvest_source_create")(
        as_admin(),
        {"name": "their-source", "title": "Their source", "url": url, "source_type": type_, "config": config,
         "frequency": frequency, "owner_org": "aberfal"},
    )  # fmt: skip
    return HarvestSource.get(made["id"])


def harvest(source: Any, plugin: str) -> tuple[Any, list[Any]]:
    """One job, through the stages that ckanext-harvest's queues call: the job and its objects."""
    from ckanext.harvest import queue
    from ckanext.harvest.model import HarvestJob, HarvestObject

    job = HarvestJob()
    job.source = source
    job.status = "Running"
    job.save()
    harvester = get_plugin(plugin)
    objects = [HarvestObject.get(id_) for id_ in queue.gather_stage(harvester, job)]
    for each in objects:
        queue.fetch_and_import_stages(harvester, each)
    return job, objects


def config(council: Council) -> str:
    whole = yaml.safe_load(council.recipe())
    kept = {key: whole[key] for key in ("fields", "frequency", "contact")}
    return yaml.safe_dump(kept)


def test_a_harvest_type_checks_each_record_and_says_what_became_of_it(council: Council, harvesting: None) -> None:
    council.publish("good", TOILETS)
    council.publish("bad", BAD_TOILETS)
    theirs = source_of_theirs("digitalcity_csv_index", council.server.url_for("/index.csv"), config(council))
    _, objects = harvest(theirs, "digitalcity_csv_index")
    assert {each.guid: (each.state, each.report_status) for each in objects} == {
        "good": ("COMPLETE", "added"),
        "bad": ("ERROR", "errored"),
    }
    good, bad = sorted(objects, key=lambda each: str(each.guid), reverse=True)
    assert model.Package.get(good.package_id).title == "Good"
    assert good.current
    assert bad.package_id is None
    assert "does not follow the rules of its schema" in bad.errors[0].message
    council.publish("good", TOILETS + "Quay,ZZ1 1AC,2022-01-01\n", modified="2026-11-01")
    council.publish("bad", TOILETS)
    _, objects = harvest(theirs, "digitalcity_csv_index")
    assert {each.guid: each.report_status for each in objects} == {"good": "updated", "bad": "added"}
    assert {each.package_id for each in objects if each.guid == "good"} == {good.package_id}
    assert get_plugin("digitalcity_csv_index").get_original_url(objects[0].id).startswith("http")


def test_a_source_that_fails_is_an_error_of_the_job_and_nothing_is_lost(council: Council, harvesting: None) -> None:
    council.publish("good", TOILETS)
    theirs = source_of_theirs("digitalcity_csv_index", council.server.url_for("/index.csv"), config(council))
    harvest(theirs, "digitalcity_csv_index")
    council.down = True
    job, objects = harvest(theirs, "digitalcity_csv_index")
    assert objects == []
    assert "500" in job.gather_errors[0].message
    assert model.Session.query(model.Package).filter_by(title="Good", state="active").count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("fields: [", "line 1"), ("address: https://elsewhere.example/", "address"), ("colour: red", "colour")],
)
def test_a_wrong_configuration_is_refused_in_their_form(harvesting: None, wrong: str, said: str) -> None:
    with pytest.raises(tk.ValidationError) as refused:
        source_of_theirs("digitalcity_csv_index", "https://example.org/index.csv", wrong)
    assert said in str(refused.value.error_dict)


def moved(*options: str) -> list[dict[str, Any]]:
    ran = CliRunner().invoke(digitalcity, ["harvest", "move", "--json", *options])
    assert ran.exit_code == 0, ran.output
    found: list[dict[str, Any]] = json.loads(ran.output)
    return found


def harvested(source: Any, guid: str, **facts: Any) -> str:
    """A dataset that ckanext-harvest has made of a record."""
    from ckanext.harvest.model import HarvestJob, HarvestObject

    job = HarvestJob()
    job.source = source
    job.save()
    package = factories.Dataset(owner_org=model.Group.get("aberfal").id, **facts)
    made = HarvestObject(guid=guid, job=job, current=True, package_id=package["id"], state="COMPLETE")
    made.save()
    return str(package["id"])


def test_moving_takes_sources_over_with_the_datasets_of_their_records(harvesting: None) -> None:
    theirs = source_of_theirs(
        "ckan", "https://data.example.org", '{"api_key": "secret-1", "clean_tags": true}', "DAILY"
    )
    kept = {guid: harvested(theirs, guid, title=guid.title()) for guid in ("parks", "trees")}
    planned = moved("--dry-run")
    assert (planned[0]["state"], planned[0]["records"]) == ("moved", 2)
    assert model.Session.query(Source).count() == 0
    done = moved()
    assert "secret-1" not in json.dumps(done)
    assert "api_key, clean_tags" in done[0]["notes"][0]
    source = find("their-source")
    assert yaml.safe_load(source.recipe)["schedule"] == "every day at 02:00"
    assert source.paused
    assert source.next_run is None
    items = {item.remote_id: item for item in model.Session.query(Item).filter_by(source_id=source.id)}
    assert {guid: item.dataset_id for guid, item in items.items()} == kept
    assert all(item.published for item in items.values())
    assert moved()[0]["state"] == "there"
    late = harvested(theirs, "ponds")
    assert moved()[0]["records"] == 1
    assert {item.dataset_id for item in model.Session.query(Item)} == {*kept.values(), late}


def test_a_moved_source_updates_the_datasets_it_had_and_makes_none_twice(council: Council, harvesting: None) -> None:
    council.publish("good", TOILETS)
    theirs = source_of_theirs("digitalcity_csv_index", council.server.url_for("/index.csv"), config(council))
    before = harvested(theirs, "good", title="Old title", name="old-name")
    moved()
    run_id = ledger.open_run(find("their-source"), "test").id
    assert work(run_id)
    found = tk.get_action("package_show")(as_admin(), {"id": before})
    assert (found["title"], found["name"], len(found["resources"])) == ("Good", "old-name", 1)
    assert model.Session.query(model.Package).filter_by(type="dataset", state="active").count() == 1


def test_what_has_no_kind_here_is_left_alone_and_named(harvesting: None) -> None:
    from ckanext.harvest.model import HarvestSource

    theirs = source_of_theirs("ckan", "https://data.example.org")
    model.Session.query(HarvestSource).filter_by(id=theirs.id).update({"type": "waf"})
    model.Session.commit()
    found = moved()
    assert (found[0]["state"], found[0]["why"]) == ("left", "There is no kind of source here for “waf”.")
    assert "left alone" in CliRunner().invoke(digitalcity, ["harvest", "move"]).output
