"""The form for a source: from choosing a kind to removing it, without YAML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import yaml
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories

from ckanext.digitalcity.harvest import schedule
from ckanext.digitalcity.model import Run, Source

from forms import EDIT, NEW, errors, fields, post
from pages import log_in, main, page, send, words
from world import TOILETS, Council, as_admin

Harvest = Callable[..., dict[str, Any]]


def saved() -> dict[str, Any]:
    model.Session.expire_all()
    found: dict[str, Any] = yaml.safe_load(model.Session.query(Source).one().recipe)
    return found


def test_an_editor_chooses_a_kind_by_what_it_is_for(editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    text = words(main(app, "/digitalcity/form/"))
    assert "List of files with their descriptions (CSV index)" in text
    assert "https://example.org/opendata/index.csv" in text
    links = [str(link["href"]) for link in main(app, "/digitalcity/form/").select("h2 a")]
    assert NEW in links
    assert all(app.get(link).status_code == 200 for link in links)


def test_an_editor_adds_a_source_without_writing_yaml(council: Council, editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    response = post(
        app, NEW, title="Council files", address=council.server.url_for("/index.csv"), organisation="aberfal",
        licence="OGL-UK-3.0", contact_name="Open data team", schedule_often="weekday", schedule_time="06:00",
        policy="valid-rows", most_rejected="2.5", schema_file_0="toilets-*", schema_name_0="public-toilets",
        field_url="file", option_blank_url="skip", repair_schema="yes",
    )  # fmt: skip
    assert response.status_code == 302
    assert saved() == {
        "name": "council-files",
        "title": "Council files",
        "kind": "csv-index",
        "address": council.server.url_for("/index.csv"),
        "organisation": "aberfal",
        "licence": "OGL-UK-3.0",
        "policy": "valid-rows",
        "most_rejected": 2.5,
        "repair_schema": True,
        "contact": {"name": "Open data team"},
        "schedule": "every weekday at 06:00",
        "schemas": {"toilets-*": "public-toilets"},
        "fields": {"url": "file"},
        "options": {"blank_url": "skip"},
    }
    assert model.Session.query(Source).one().next_run is not None


def test_each_mistake_is_named_beside_its_field_and_nothing_that_was_typed_is_lost(
    editor: dict[str, Any], app: Any
) -> None:
    log_in(app, editor)
    response = post(
        app, NEW, address="ftp://example.org", schedule_often="day", schedule_time="", contact_email="nobody",
        description="Kept by the parks team.", most_rejected="many", schema_file_0="trees", schema_name_0="",
    )  # fmt: skip
    found = errors(response)
    assert found["title"] == "Give the source a title."
    assert found["organisation"] == "Choose the organisation that owns the data."
    assert {"address", "schedule_time", "contact_email", "most_rejected", "schema_file_0"} <= set(found)
    assert "name" not in found  # it would be made of the title
    again = BeautifulSoup(response.body, "html.parser")
    assert all(again.select_one(f"#field-{field}") for field in found)
    kept = fields(again)
    assert kept["address"] == "ftp://example.org"
    assert kept["description"].strip() == "Kept by the parks team."
    assert kept["most_rejected"] == "many"
    assert kept["schema_file_0"] == "trees"
    assert again.select_one("#field-address[aria-invalid]")
    assert model.Session.query(Source).count() == 0


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"often": "weekday"}, "time", "Write at what time of day"),
        ({"often": "month", "time": "05:00"}, "day", "Write on which day"),
        ({"often": "month", "time": "05:00", "day": "31"}, "day", "Not every month"),
        ({"often": "other"}, "other", "Write the rhythm"),
        ({"often": "other", "other": "now and then"}, "other", "is not a schedule"),
        ({"other": "30 4 * * 1"}, "other", "Leave this empty, or choose"),
    ],
)
def test_a_rhythm_that_lacks_something_is_never_saved_as_none(
    typed: dict[str, str], field: str, said: str, editor: dict[str, Any], app: Any
) -> None:
    log_in(app, editor)
    rhythm = {f"schedule_{key}": value for key, value in typed.items()}
    found = errors(post(app, NEW, title="Trees", address="https://example.org/index.csv", **rhythm))
    assert said in found[f"schedule_{field}"]
    assert list(found) == ["organisation", f"schedule_{field}"]  # in the order of the form


def test_a_setting_that_makes_no_sense_to_its_kind_is_named_beside_it(
    council: Council, editor: dict[str, Any], app: Any
) -> None:
    log_in(app, editor)
    response = post(app, NEW, title="A source", address="https://example.org/", organisation="aberfal",
                    option_blank_url="perhaps")  # fmt: skip
    assert "skip" in errors(response)["option_blank_url"]


def test_a_new_source_never_takes_the_place_of_another(council: Council, editor: dict[str, Any], app: Any) -> None:
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})
    log_in(app, editor)
    response = post(app, NEW, title="Council", address="https://example.org/", organisation="aberfal")
    assert "already" in errors(response)["name"]


def test_the_form_of_a_source_changes_only_what_was_changed(council: Council, editor: dict[str, Any], app: Any) -> None:
    text = council.recipe(checks={"good": [{"duplicates": {"columns": ["name"]}}]}, schedule="*/7 * * * *")
    text = text.replace("name: council", "# ours since 2019\nname: council")
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": text})
    log_in(app, editor)
    assert post(app, EDIT).status_code == 302
    assert model.Session.query(Source).one().recipe == text
    assert post(app, EDIT, title="New title").status_code == 302
    model.Session.expire_all()
    assert model.Session.query(Source).one().recipe == text.replace("title: Council files", "title: New title")


def test_the_form_and_the_recipe_show_the_same_unsaved_thing(
    council: Council, editor: dict[str, Any], app: Any
) -> None:
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})
    log_in(app, editor)
    recipe = post(app, EDIT, title="Typed", do="recipe")
    text = BeautifulSoup(recipe.body, "html.parser").select_one("#field-recipe")
    assert text is not None
    assert yaml.safe_load(text.get_text())["title"] == "Typed"
    form = send(app, "/digitalcity/recipe/council", "recipe/council", recipe=text.get_text(), do="form")
    assert fields(BeautifulSoup(form.body, "html.parser"))["title"] == "Typed"
    assert saved()["title"] == "Council files"


def test_more_rows_for_schemas_are_there_when_asked_for(editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    response = post(app, NEW, schema_file_0="a", schema_name_0="trees", schema_file_1="b", do="row")
    assert "schema_file_6" in fields(BeautifulSoup(response.body, "html.parser"))


def test_the_name_of_a_source_cannot_be_changed(council: Council, editor: dict[str, Any], app: Any) -> None:
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})
    log_in(app, editor)
    assert post(app, EDIT, name="other", base=council.recipe(name="other")).status_code == 302
    wrong = send(app, "/digitalcity/recipe/council", "recipe/council", recipe=council.recipe(name="other"))
    assert wrong.status_code == 400
    assert [source.name for source in model.Session.query(Source)] == ["council"]


@pytest.mark.parametrize("url", ["/digitalcity/form/", NEW, EDIT, "/digitalcity/source/council/delete"])
def test_only_editors_of_the_organization_get_there(council: Council, portal: Any, app: Any, url: str) -> None:
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})
    assert app.get(url).status_code == 403
    log_in(app, factories.UserWithToken())
    assert app.get(url).status_code == 403


def test_an_editor_is_offered_only_organizations_to_write_to_and_can_save_for_no_other(
    council: Council, editor: dict[str, Any], app: Any
) -> None:
    factories.Organization(name="harbour")
    log_in(app, editor)
    offered = [str(option["value"]) for option in page(app, NEW).select("#field-organisation option")]
    assert offered == ["", "aberfal"]
    response = post(app, NEW, title="A source", address="https://example.org/", organisation="harbour")
    assert response.status_code == 403
    assert model.Session.query(Source).count() == 0


def test_a_form_without_its_token_changes_nothing(council: Council, editor: dict[str, Any], app: Any) -> None:
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})
    log_in(app, editor)
    for url in (NEW, EDIT, "/digitalcity/source/council/delete"):
        assert app.post(url, data={"do": "save", "title": "x"}).status_code == 400
    assert saved()["title"] == "Council files"


def test_a_source_that_is_removed_keeps_its_datasets_and_comes_back_with_them(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("good", TOILETS)
    dataset = harvest(council.recipe(schedule="every hour"))["results"][0]["dataset_id"]
    log_in(app, editor)
    text = words(main(app, "/digitalcity/source/council/delete"))
    assert "Its datasets stay public" in text
    assert send(app, "/digitalcity/source/council/delete", "delete").status_code == 302
    assert "Council files" not in words(main(app, "/digitalcity/source/"))
    removed = main(app, "/digitalcity/source/council")
    assert "This source was removed" in words(removed)
    assert not removed.select("form")
    assert app.get(f"/dataset/{dataset}").status_code == 200
    assert app.get(f"/dataset/{dataset}/label").status_code == 200
    assert schedule.tick()["started"] == 0
    with pytest.raises(tk.ValidationError):
        tk.get_action("digitalcity_run_start")(as_admin(), {"id": "council"})
    assert harvest(council.recipe(schedule="every hour"))["counts"]["unchanged"] == 1
    assert "Council files" in words(main(app, "/digitalcity/source/"))


def test_a_source_is_not_removed_under_a_run(council: Council, editor: dict[str, Any], app: Any) -> None:
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})
    model.Session.add(Run(source_id=model.Session.query(Source).one().id, counts={}))
    model.Session.commit()
    log_in(app, editor)
    response = send(app, "/digitalcity/source/council/delete", "delete")
    assert response.status_code == 400
    assert "under way" in response.body
