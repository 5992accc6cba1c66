"""Schemas in a real portal: refused, mended on request, or inferred, kept and compared with the next version."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model

from ckanext.digitalcity.model import Evidence, Item, Report

from pages import main, words
from world import Council, as_admin, changes

Harvest = Callable[..., dict[str, Any]]

TREES = "id,kind,planted\n" + "".join(f"{n},Oak,2025-03-{n:02}\n" for n in range(1, 29))
TALLER = "id,species,planted,height\n" + "".join(f"{n},Oak,2025-03-{n:02},4.5\n" for n in range(1, 29))
MISPLACED = {
    "fields": [
        {"name": "id", "type": "integer"},
        {"name": "kind", "type": "string", "required": True},
        {"name": "planted", "type": "date"},
    ]
}


def newest() -> Report:
    found: Report = model.Session.query(Report).order_by(Report.created.desc()).first()
    return found


def validation() -> Evidence:
    found: Evidence = model.Session.query(Evidence).filter_by(kind="validation", replaced=None).one()
    return found


def checked_line() -> dict[str, Any]:
    item = model.Session.query(Item).one()
    found = tk.get_action("digitalcity_label_show")(as_admin(), {"id": item.dataset_id})["label"]
    return next(line for panel in found["panels"] for line in panel["lines"] if line["indicator"] == "checked")


def with_schema(council: Council, **facts: Any) -> str:
    """Publishes the trees with a schema that strict Frictionless refuses; the recipe that reads it."""
    council.publish("trees", TREES, licence="OGL-UK-3.0", description="files?name=schema.json")
    council.files["schema.json"] = json.dumps(MISPLACED).encode()
    fields = {"id": "id", "title": "title", "url": "file", "format": "format", "schema": "description"}
    return council.recipe(fields=fields, **facts)


def test_a_schema_that_cannot_be_used_holds_the_file_and_its_report_says_which_field_to_mend(
    council: Council, harvest: Harvest, app: Any
) -> None:
    assert changes(harvest(with_schema(council))) == {"trees": "error"}
    report = newest()
    assert report.reason == "schema-invalid"
    part = main(app, f"/digitalcity/report/{report.id}")
    assert "“required” is in the wrong place" in words(part)
    assert words(part.select_one(".dc-rule tbody tr")).startswith("the schema itself kind “required” stands beside")


def test_a_recipe_may_ask_to_mend_the_schema_and_everybody_can_see_what_was_changed(
    council: Council, harvest: Harvest, app: Any
) -> None:
    assert changes(harvest(with_schema(council, repair_schema=True))) == {"trees": "published"}
    said = "Field 2 (“kind”): “required” was moved into “constraints”."
    assert said in words(main(app, f"/digitalcity/report/{newest().id}"))
    assert validation().body["schema_repaired"] == [said]
    assert said in words(main(app, f"/digitalcity/evidence/{validation().id}"))
    assert "mended" in checked_line()["sentence"]


def test_a_changed_structure_that_nobody_promised_is_published_and_shown_as_a_difference(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("trees", TREES)
    harvest(council.recipe())
    assert [field["type"] for field in newest().result["inferred"]["fields"]] == ["integer", "string", "date"]
    assert newest().result["drift"] == []
    assert "changed" not in checked_line()["sentence"]

    council.publish("trees", TALLER)
    assert changes(harvest(council.recipe())) == {"trees": "updated"}
    text = words(main(app, f"/digitalcity/report/{newest().id}"))
    assert "Since the last version" in text
    assert "Column “kind” seems to be called “species” now." in text
    assert "Column “height” is new." in text
    assert "planted (date)" in text
    assert [change["kind"] for change in validation().body["drift"]] == ["renamed", "added"]
    assert "Column “height” is new." in words(main(app, f"/digitalcity/evidence/{validation().id}"))
    assert "It changed with this version." in checked_line()["sentence"]


def test_a_new_title_for_the_same_file_keeps_the_difference_that_it_came_with(
    council: Council, harvest: Harvest
) -> None:
    for content in (TREES, TALLER):
        council.publish("trees", content)
        harvest(council.recipe())
    council.publish("trees", TALLER, title="Trees of Aberfal")
    assert changes(harvest(council.recipe())) == {"trees": "updated"}
    assert [change["kind"] for change in validation().body["drift"]] == ["renamed", "added"]


@pytest.mark.parametrize("version", ["held", "rejected"])
def test_a_difference_is_counted_from_the_public_version_not_from_one_that_was_held(
    council: Council, harvest: Harvest, version: str
) -> None:
    council.publish("trees", TREES)
    harvest(council.recipe())
    council.publish("trees", TALLER.replace("2025-03-28", "not a day,,,"))
    assert changes(harvest(council.recipe())) == {"trees": "held"}
    if version == "rejected":
        item = model.Session.query(Item).one()
        tk.get_action("digitalcity_item_reject")(as_admin(), {"id": item.id, "reason": "Wrong."})
    council.publish("trees", TALLER)
    harvest(council.recipe())
    assert [change["kind"] for change in newest().result["drift"]] == ["renamed", "added"]


def test_a_changed_recipe_counts_also_for_files_that_did_not_change(council: Council, harvest: Harvest) -> None:
    council.publish("stops", "Stops of Aberfal|\n|\nname|opened\nHarbour Street|2020-01-31\nMarket Square|2021-06-01\n")
    harvest(council.recipe())
    read_otherwise = council.recipe(reading={"stops": {"delimiter": "pipe", "header_row": 3}})
    assert list(changes(harvest(read_otherwise))) == ["stops"]
    report = model.Session.query(Report).order_by(Report.created.desc()).first()
    assert (report.result["detected"]["header_row"], report.outcome) == (3, "passed")
    assert changes(harvest(read_otherwise)) == {}
