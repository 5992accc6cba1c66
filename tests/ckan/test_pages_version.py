"""Versions of recipes: kept, compared, brought back, carried elsewhere, and approved by a second person."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories

from ckanext.digitalcity.model import Run, Source, Version

from forms import EDIT, NEW, fields, post
from pages import log_in, main, send, token, words
from world import Council, as_admin

URL = "/digitalcity/source/council/versions"
APPROVAL = "ckanext.digitalcity.approval_organizations"


@pytest.fixture
def source(council: Council, portal: Any) -> str:
    """The council's source, saved once: its recipe."""
    text = council.recipe(schedule="every hour")
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": text})
    return text


@pytest.fixture
def colleague(editor: dict[str, Any]) -> dict[str, Any]:
    """Another editor of the same organization."""
    user: dict[str, Any] = factories.UserWithToken()
    member = {"id": "aberfal", "username": user["name"], "role": "editor"}
    tk.get_action("organization_member_create")(as_admin(), member)
    return user


@pytest.fixture
def strict(portal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The organization wants a second person for every change."""
    monkeypatch.setitem(portal, APPROVAL, ["aberfal"])


def titles() -> list[str]:
    model.Session.expire_all()
    return [source.title for source in model.Session.query(Source)]


def states() -> list[str]:
    model.Session.expire_all()
    return [version.state for version in model.Session.query(Version).order_by(Version.number)]


def test_every_saved_recipe_is_kept_with_who_when_and_why(source: str, editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    assert post(app, EDIT, title="Typed", reason="Clearer").status_code == 302
    assert post(app, EDIT, title="Typed").status_code == 302  # nothing changed, so nothing is kept
    rows = [words(row) for row in main(app, URL).select("tbody tr")]
    assert len(rows) == 2
    assert rows[0].startswith("Version 2")
    assert editor["fullname"] in rows[0] or editor["name"] in rows[0]
    assert "Clearer" in rows[0]


def test_a_version_is_compared_line_by_line_with_the_one_before(source: str, editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    post(app, EDIT, title="Typed")
    page = main(app, f"{URL}/2")
    assert [words(row).partition("title: ")[2] for row in page.select(".dc-line-added")] == ["Typed"]
    assert len(page.select(".dc-line-removed")) == 1


def test_an_older_version_comes_back_as_the_newest(source: str, editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    post(app, EDIT, title="Typed")
    assert not main(app, f"{URL}/2").select("form")
    assert send(app, f"{URL}/1", "/use", reason="").status_code == 302
    assert titles() == ["Council files"]
    assert "Back to version 1" in words(main(app, URL).select_one("tbody tr"))
    assert states() == ["used"] * 3


def test_a_recipe_is_downloaded_and_read_again_from_the_file(source: str, editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    file = app.get("/digitalcity/source/council/recipe.yaml")
    assert file.body == source
    assert "council.yaml" in file.headers["Content-Disposition"]
    sent = {"_csrf_token": token(app, URL), "do": "load", "file": (io.BytesIO(source.encode()), "council.yaml")}
    shown = BeautifulSoup(app.post("/digitalcity/recipe/", data=sent).body, "html.parser").select_one("#field-recipe")
    assert shown is not None
    assert shown.get_text().strip() == source.strip()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a" * 300_000])
def test_a_file_that_is_no_recipe_is_refused_beside_its_field(
    source: str, editor: dict[str, Any], app: Any, content: bytes
) -> None:
    log_in(app, editor)
    sent = {"_csrf_token": token(app, URL), "do": "load", "file": (io.BytesIO(content), "council.yaml")}
    response = app.post("/digitalcity/recipe/", data=sent)
    assert response.status_code == 400
    assert BeautifulSoup(response.body, "html.parser").select_one(".dc-errors a[href='#field-file']")


def test_recipes_are_exported_and_imported_by_command(source: str, cli: Any, tmp_path: Path) -> None:
    exported = cli.invoke(ckan, ["digitalcity", "harvest", "export", "council"])
    assert exported.output == source
    path = tmp_path / "council.yaml"
    path.write_text(source.replace("Council files", "Imported"))
    done = cli.invoke(ckan, ["digitalcity", "harvest", "import", str(path), "--reason", "Moved"])
    assert done.exit_code == 0, done.output
    assert "council: saved" in done.output
    assert titles() == ["Imported"]
    assert model.Session.query(Version).filter_by(number=2).one().reason == "Moved"
    path.write_text("name: [")
    assert cli.invoke(ckan, ["digitalcity", "harvest", "import", str(path)]).exit_code == 2


def test_only_editors_see_versions(source: str, editor: dict[str, Any], app: Any) -> None:
    log_in(app, factories.UserWithToken())
    for url in (URL, f"{URL}/1", "/digitalcity/source/council/recipe.yaml"):
        assert app.get(url).status_code == 403
    sent = {"_csrf_token": token(app, "/digitalcity/source/"), "do": "approve"}
    assert app.post(f"{URL}/1/use", data=sent).status_code == 403
    assert app.post(f"{URL}/1/decide", data=sent).status_code == 403
    log_in(app, editor)
    assert app.post(f"{URL}/1/use", data={}).status_code == 400
    assert app.get(f"{URL}/7").status_code == 404


def test_a_change_waits_for_a_second_person_where_the_organization_wants_that(
    source: str, strict: None, editor: dict[str, Any], colleague: dict[str, Any], app: Any
) -> None:
    log_in(app, editor)
    assert post(app, EDIT, title="Typed", reason="Clearer").status_code == 302
    assert titles() == ["Council files"]
    assert "waits for approval" in words(main(app, "/digitalcity/source/council"))
    own = main(app, f"{URL}/2")
    assert "you wrote it yourself" in words(own)
    assert not own.select("form[action$=decide]")
    sent = {"_csrf_token": token(app, URL), "do": "approve"}
    assert app.post(f"{URL}/2/decide", data=sent).status_code == 403
    log_in(app, colleague)
    assert "Clearer" in words(main(app, "/digitalcity/inbox/"))
    preview = send(app, f"{URL}/2", "preview/source/council/versions/2").headers["Location"]
    shown = main(app, "/digitalcity/preview/" + preview.rpartition("/")[2])
    back = shown.select_one("a.btn-primary")
    assert back and str(back["href"]).endswith(f"{URL}/2")
    assert not shown.select("form[action$=use]")  # it is not theirs to save
    assert send(app, f"{URL}/2", "/decide", do="approve").status_code == 302
    assert titles() == ["Typed"]
    assert states() == ["used", "used"]
    assert "Clearer" not in words(main(app, "/digitalcity/inbox/"))


def test_a_sysadmin_needs_a_second_person_too(source: str, strict: None, editor: dict[str, Any], app: Any) -> None:
    admin = factories.SysadminWithToken()
    log_in(app, admin)
    assert post(app, EDIT, title="Typed").status_code == 302
    assert titles() == ["Council files"]
    sent = {"_csrf_token": token(app, URL), "do": "approve"}
    assert app.post(f"{URL}/2/decide", data=sent).status_code == 403
    with pytest.raises(tk.NotAuthorized):
        context = {"user": admin["name"], "auth_user_obj": model.User.get(admin["name"])}
        tk.get_action("digitalcity_version_decide")(context, {"id": "council", "number": 2, "approve": True})
    assert titles() == ["Council files"]


def test_a_refused_proposal_and_one_that_another_took_the_place_of_never_take_effect(
    source: str, strict: None, editor: dict[str, Any], colleague: dict[str, Any], app: Any
) -> None:
    log_in(app, editor)
    post(app, EDIT, title="First")
    post(app, EDIT, title="Second")
    assert states() == ["used", "superseded", "proposed"]
    log_in(app, colleague)
    sent = {"_csrf_token": token(app, URL), "do": "approve"}
    app.post(f"{URL}/2/decide", data=sent, follow_redirects=False)
    assert titles() == ["Council files"]
    assert send(app, f"{URL}/3", "/decide", do="refuse").status_code == 302
    assert states() == ["used", "superseded", "refused"]
    assert titles() == ["Council files"]


def test_a_new_source_is_not_run_before_it_is_approved(
    council: Council, strict: None, editor: dict[str, Any], colleague: dict[str, Any], app: Any
) -> None:
    log_in(app, editor)
    address = council.server.url_for("/index.csv")
    post(app, NEW, title="Council", address=address, organisation="aberfal", schedule_often="hour")
    assert model.Session.query(Source).one().next_run is None
    page = main(app, "/digitalcity/source/council")
    assert "not in force yet" in words(page)
    assert "Run now" not in words(page)
    sent = {"_csrf_token": token(app, URL)}
    refused = app.post("/digitalcity/source/council/run", data=sent)
    assert "has not been approved yet" in refused.body
    assert fields(main(app, EDIT))["address"] == address
    with pytest.raises(tk.ValidationError):
        tk.get_action("digitalcity_run_start")(as_admin(), {"id": "council"})
    log_in(app, colleague)
    send(app, f"{URL}/1", "/decide", do="approve")
    assert model.Session.query(Source).one().next_run is not None
    assert model.Session.query(Run).count() == 0


def test_the_command_line_proposes_too(
    council: Council, strict: None, editor: dict[str, Any], cli: Any, tmp_path: Path
) -> None:
    path = tmp_path / "council.yaml"
    path.write_text(council.recipe())
    assert "waits for approval" in cli.invoke(ckan, ["digitalcity", "harvest", "import", str(path)]).output
    run = cli.invoke(ckan, ["digitalcity", "harvest", "run", str(path)])
    assert run.exit_code != 0
    assert model.Session.query(Run).count() == 0
