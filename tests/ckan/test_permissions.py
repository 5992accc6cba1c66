"""Who may do what: every action and page of a source, asked by everybody to whom the source does not belong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories

from ckanext.digitalcity.model import Item, Report, Secret

from pages import log_in, token
from world import BAD_TOILETS, TOILETS, Council, as_admin

Harvest = Callable[..., dict[str, Any]]
SOURCE = "/digitalcity/source/council"
SECRET = "s3cret-t0ken-78"


@pytest.fixture
def ids(council: Council, harvest: Harvest, editor: dict[str, Any], app: Any) -> dict[str, str]:
    """A source with a run, something held, a login and a preview."""
    council.publish("good", TOILETS)
    council.publish("bad", BAD_TOILETS)
    run = harvest(council.recipe())
    login = {"organization": "aberfal", "server": "https://files.example.org", "value": SECRET}
    tk.get_action("digitalcity_secret_save")(as_admin(), login)
    asked = app.post(
        "/api/3/action/digitalcity_preview_start",
        json={"recipe": council.recipe()},
        headers={"Authorization": editor["token"]},
    )
    item = model.Session.query(Item).filter_by(remote_id="bad").one()
    return {
        "run": run["id"],
        "item": item.id,
        "report": model.Session.query(Report).filter_by(item_id=item.id).one().id,
        "secret": model.Session.query(Secret).one().id,
        "preview": asked.json["result"]["id"],
    }


def theirs(council: Council, ids: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The actions that are for the source's own editors, and what each is sent."""
    reason = {"reason": "Because"}
    return {
        "digitalcity_source_recipe": {"id": "council"},
        "digitalcity_source_save": {"recipe": council.recipe(title="Taken")},
        "digitalcity_source_delete": {"id": "council"},
        "digitalcity_source_pause": {"id": "council", **reason},
        "digitalcity_source_resume": {"id": "council"},
        "digitalcity_run_start": {"id": "council"},
        "digitalcity_run_abort": {"id": ids["run"]},
        "digitalcity_item_release": {"id": ids["item"], **reason},
        "digitalcity_item_reject": {"id": ids["item"], **reason},
        "digitalcity_report_file": {"id": ids["report"]},
        "digitalcity_version_list": {"id": "council"},
        "digitalcity_version_show": {"id": "council", "number": 1},
        "digitalcity_version_decide": {"id": "council", "number": 1, "approve": True},
        "digitalcity_preview_start": {"recipe": council.recipe()},
        "digitalcity_preview_show": {"id": ids["preview"]},
        "digitalcity_preview_stop": {"id": ids["preview"]},
        "digitalcity_secret_list": {"organization": "aberfal"},
        "digitalcity_secret_save": {"organization": "aberfal", "server": "https://x.example", "value": "x"},
        "digitalcity_secret_delete": {"id": ids["secret"]},
    }


def strangers() -> dict[str, dict[str, Any] | None]:
    """Everybody who must be refused."""
    reader, other, nobody = (factories.UserWithToken() for _ in range(3))
    role = {"id": "aberfal", "username": reader["name"], "role": "member"}
    tk.get_action("organization_member_create")(as_admin(), role)
    factories.Organization(name="harbour", users=[{"name": other["name"], "capacity": "admin"}])
    return {"anonymous": None, "reader": reader, "admin of another": other, "of none": nobody}


def test_actions_refuse_everybody_but_the_sources_own_editors(council: Council, ids: dict[str, str], app: Any) -> None:
    for who, user in strangers().items():
        headers = {"Authorization": user["token"]} if user else {}
        for action, sent in theirs(council, ids).items():
            answer = app.post(f"/api/3/action/{action}", json=sent, headers=headers)
            assert (who, action, answer.status_code) == (who, action, 403)


def test_what_everybody_may_read_holds_no_recipe_no_login_and_nothing_of_what_is_held(
    council: Council, ids: dict[str, str], app: Any
) -> None:
    urls = [
        *(f"/api/3/action/digitalcity_{name}" for name in ("source_list", "source_show?id=council")),
        *(f"/api/3/action/digitalcity_{name}?id=council" for name in ("item_list", "run_list")),
        *(f"/api/3/action/digitalcity_{name}?id={ids['run']}" for name in ("run_show", "run_records")),
        *(f"/api/3/action/digitalcity_{key}_show?id={ids[key]}" for key in ("item", "report")),
        *("/digitalcity/source/", SOURCE, f"{SOURCE}/runs", f"{SOURCE}/feed.atom", "/digitalcity/metrics"),
        *(f"/digitalcity/run/{ids['run']}{ending}" for ending in ("", ".csv", ".json", "/progress")),
        *(f"/digitalcity/{key}/{ids[key]}" for key in ("item", "report")),
    ]
    for url in urls:
        answer = app.get(url)
        assert (url, answer.status_code) == (url, 200)
        for kept in (SECRET, "organisation_title", "31/02/2021", "/index.csv"):
            assert kept not in answer.body, (url, kept)


def test_pages_of_a_source_refuse_everybody_else_and_every_form_wants_its_token(
    council: Council, ids: dict[str, str], editor: dict[str, Any], app: Any
) -> None:
    read = [
        *(f"/digitalcity/{page}" for page in ("form/source/council", "recipe/council", "login/aberfal")),
        *(f"{SOURCE}/{page}" for page in ("versions", "versions/1", "recipe.yaml", "pause", "delete")),
        *(f"/digitalcity/preview/{ids['preview']}{page}" for page in ("", "/progress", "/form")),
    ]
    sent = [
        *("/digitalcity/form/source/council", "/digitalcity/recipe/council", "/digitalcity/login/aberfal"),
        *(f"{SOURCE}/{page}" for page in ("run", "pause", "resume", "delete", "versions/1/use", "versions/1/decide")),
        *(f"/digitalcity/preview/{ids['preview']}/{page}" for page in ("use", "stop")),
        *("/digitalcity/preview/source/council", "/digitalcity/preview/source/council/versions/1"),
        *(f"/digitalcity/run/{ids['run']}/abort", f"/digitalcity/item/{ids['item']}/decide"),
        f"/digitalcity/login/aberfal/{ids['secret']}/delete",
    ]
    form = {"action": "release", "reason": "Because", "confirmed": "yes", "do": "save", "server": "https://x.example"}
    form |= {"recipe": council.recipe(title="Taken"), "base": council.recipe(title="Taken"), "value": "x"}
    for who, user in strangers().items():
        app.client = app.test_client()
        if user:
            log_in(app, user)
        for url in read:
            assert (who, url, app.get(url, follow_redirects=False).status_code) == (who, url, 403)
        own = {"_csrf_token": token(app, "/digitalcity/source/")}
        for url in sent:
            answer = app.post(url, data={**form, **own}, follow_redirects=False)
            assert (who, url, answer.status_code) == (who, url, 403)
    log_in(app, editor)
    for url in sent:
        assert (url, app.post(url, data=form, follow_redirects=False).status_code) == (url, 400)
