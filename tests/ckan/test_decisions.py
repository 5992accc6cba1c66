"""People decide about what is held: release with a reason, or reject; only editors, and only once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories

from ckanext.digitalcity.model import Decision, Item

from world import BAD_TOILETS, TOILETS, Council, as_admin, changes

Harvest = Callable[..., dict[str, Any]]


def waiting() -> str:
    return str(model.Session.query(Item).filter(Item.held_since.is_not(None)).one().id)


def context_of(user: dict[str, Any]) -> dict[str, Any]:
    return {"user": user["name"], "auth_user_obj": model.User.get(user["name"])}


def test_a_release_publishes_the_held_bytes_and_the_label_names_who_and_why(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("toilets", BAD_TOILETS)
    harvest(council.recipe())
    item = tk.get_action("digitalcity_item_release")(
        context_of(editor), {"id": waiting(), "reason": "The date is a known slip; the list is right."}
    )
    package = tk.get_action("package_show")({}, {"id": item["dataset_id"]})
    assert app.get(package["resources"][0]["url"]).data == BAD_TOILETS.encode()
    shown = tk.get_action("digitalcity_label_show")({"user": ""}, {"id": package["id"]})
    assert "known slip" in str(shown["label"])
    assert item["decisions"][0]["action"] == "release"


def test_a_rejected_file_is_not_asked_about_again_until_it_changes(
    council: Council, harvest: Harvest, editor: dict[str, Any]
) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    council.publish("toilets", BAD_TOILETS)
    harvest(council.recipe())
    tk.get_action("digitalcity_item_reject")(context_of(editor), {"id": waiting(), "reason": "Wrong month."})
    harvest(council.recipe())
    assert tk.get_action("digitalcity_inbox_list")(context_of(editor), {})["count"] == 0
    council.publish("toilets", BAD_TOILETS + "Pier,ZZ1 1AD,yesterday\n")
    assert changes(harvest(council.recipe())) == {"toilets": "held"}


def test_nobody_outside_the_organization_decides_or_sees_its_inbox(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", BAD_TOILETS)
    harvest(council.recipe())
    stranger = factories.User()
    assert tk.get_action("digitalcity_inbox_list")(context_of(stranger), {})["count"] == 0
    for action in ("digitalcity_item_release", "digitalcity_item_reject"):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action(action)(context_of(stranger), {"id": waiting(), "reason": "I want to."})
    assert model.Session.query(Decision).count() == 0


def test_a_decision_needs_a_reason(council: Council, harvest: Harvest, editor: dict[str, Any]) -> None:
    council.publish("toilets", BAD_TOILETS)
    harvest(council.recipe())
    for reason in ("", "   "):
        with pytest.raises(tk.ValidationError):
            tk.get_action("digitalcity_item_release")(context_of(editor), {"id": waiting(), "reason": reason})
    assert waiting()


def test_what_could_not_be_checked_cannot_be_released(
    council: Council, harvest: Harvest, editor: dict[str, Any]
) -> None:
    council.publish("toilets", "<!DOCTYPE html><html><body>Sorry</body></html>")
    harvest(council.recipe())
    with pytest.raises(tk.ValidationError):
        tk.get_action("digitalcity_item_release")(context_of(editor), {"id": waiting(), "reason": "Please."})


def test_a_second_decision_about_the_same_thing_finds_nothing_waiting(
    council: Council, harvest: Harvest, editor: dict[str, Any]
) -> None:
    council.publish("toilets", BAD_TOILETS)
    harvest(council.recipe())
    id_ = waiting()
    tk.get_action("digitalcity_item_release")(context_of(editor), {"id": id_, "reason": "It is fine."})
    with pytest.raises(tk.ObjectNotFound):
        tk.get_action("digitalcity_item_reject")(context_of(editor), {"id": id_, "reason": "It isn't."})


def test_a_held_file_cannot_be_reached_by_pointing_a_resource_at_its_hash(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    secret = "name,email\nSam,sam.jones@example.org\nAlex,alex@example.org\nKim,kim.p@example.net\n"
    council.publish("secret", secret)
    council.publish("toilets", TOILETS)
    run = harvest(council.recipe())
    held = next(r for r in run["results"] if r["remote_id"] == "secret")
    report = tk.get_action("digitalcity_item_show")({"user": ""}, {"id": held["item_id"]})["reports"][0]
    public = next(r for r in run["results"] if r["remote_id"] == "toilets")
    package = tk.get_action("package_show")(as_admin(), {"id": public["dataset_id"]})
    package["resources"][0]["hash"] = f"sha256:{report['sha256']}"
    tk.get_action("package_update")(as_admin(), package)
    download = app.get(f"/dataset/{package['id']}/resource/{package['resources'][0]['id']}/download/x.csv")
    assert download.data == TOILETS.encode()


def test_only_editors_of_the_organization_may_save_or_start_its_sources(council: Council, harvest: Harvest) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    stranger = context_of(factories.User())
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("digitalcity_source_save")(dict(stranger), {"recipe": council.recipe(title="Mine now")})
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("digitalcity_run_start")(dict(stranger), {"id": "council"})
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("digitalcity_source_recipe")(dict(stranger), {"id": "council"})
