"""Logins for servers: sent where they belong and nowhere else, replaced, removed, and never shown again."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import asyncssh
import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories
from werkzeug import Request, Response

from ckanext.digitalcity.harvest.secrets import headers_for
from ckanext.digitalcity.harvesters.sftp_door import private_key
from ckanext.digitalcity.model import Secret

from pages import log_in, main, send, words
from world import TOILETS, Council, as_admin, changes

Harvest = Callable[..., dict[str, Any]]
KEY = "s3cret-t0ken-77"
PLACE = "/digitalcity/login/aberfal"


@pytest.fixture
def organization(editor: dict[str, Any]) -> str:
    return "aberfal"


def save(**facts: str) -> Any:
    return tk.get_action("digitalcity_secret_save")(as_admin(), {"organization": "aberfal", **facts})


def sent(organization: str = "aberfal") -> dict[str, dict[str, str]]:
    return {server: dict(headers) for server, headers in headers_for(model.Group.get(organization).id).items()}


@pytest.fixture
def guarded(council: Council) -> list[str]:
    """The council's files want a key; what was sent as one."""
    seen: list[str] = []

    def hand_out(request: Request) -> Response:
        seen.append(request.headers.get("X-API-Key", ""))
        return council._file(request) if seen[-1] == KEY else Response("who are you", 401)

    council.server.clear()
    council.server.expect_request("/index.csv").respond_with_handler(council._index)
    council.server.expect_request("/files").respond_with_handler(hand_out)
    return seen


def test_a_source_gets_in_with_the_login_of_its_organization_and_no_other_does(
    council: Council, guarded: list[str], harvest: Harvest, organization: str, monkeypatch: pytest.MonkeyPatch,
    ckan_config: Any,
) -> None:  # fmt: skip
    monkeypatch.setitem(
        ckan_config, "ckanext.digitalcity.http.allowed", ["127.0.0.0/8", f"{council.server.host}:{council.server.port}"]
    )
    council.publish("one", TOILETS)
    run = harvest(council.recipe())
    assert [row["reason"] for row in run["results"]] == ["no-access"]
    save(server=council.server.url_for("/files?name=one.csv"), header="X-API-Key", value=KEY)
    assert changes(harvest(council.recipe())) == {"one": "published"}
    factories.Organization(name="elsewhere")
    run = harvest(council.recipe(name="other", organisation="elsewhere"))
    assert [row["reason"] for row in run["results"]] == ["no-access"]
    assert KEY not in str(tk.get_action("digitalcity_run_show")(as_admin(), {"id": run["id"], "limit": 100}))


def test_a_login_lies_in_the_database_locked_and_no_action_gives_it_out(organization: str) -> None:
    saved = save(server="https://files.example.org/deep/path?x=1", value=KEY)
    row = model.Session.query(Secret).one()
    assert KEY not in row.value
    assert base64.b64encode(KEY.encode()).decode().rstrip("=") not in row.value
    listed = tk.get_action("digitalcity_secret_list")(as_admin(), {"organization": "aberfal"})
    assert listed == [saved]
    assert set(saved) == {"id", "server", "header", "modified", "by"}
    assert saved["server"] == "https://files.example.org"


@pytest.mark.parametrize(
    ("facts", "header"),
    [
        ({"value": KEY}, {"Authorization": f"Bearer {KEY}"}),
        ({"value": f"Token {KEY}"}, {"Authorization": f"Token {KEY}"}),
        ({"value": "pässword", "user": "office"}, {"Authorization": "Basic b2ZmaWNlOnDDpHNzd29yZA=="}),
        ({"value": KEY, "header": "X-API-Key"}, {"X-API-Key": KEY}),
    ],
)
def test_a_login_is_sent_as_servers_expect_it(organization: str, facts: dict[str, str], header: dict[str, str]) -> None:
    save(server="https://files.example.org", **facts)
    assert sent() == {"https://files.example.org": header}


def test_a_new_login_replaces_the_old_one_for_the_same_server_and_header(organization: str) -> None:
    for value in ("old", "new"):
        save(server="https://files.example.org", value=value)
    save(server="https://files.example.org:8443", value="other")
    assert sent() == {
        "https://files.example.org": {"Authorization": "Bearer new"},
        "https://files.example.org:8443": {"Authorization": "Bearer other"},
    }


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"server": "files.example.org"}, "server"),
        ({"server": "http://files.example.org"}, "server"),
        ({"server": "ftp://files.example.org"}, "server"),
        ({"value": "  "}, "value"),
        ({"value": "two\nlines"}, "value"),
        ({"value": "x" * 5000}, "value"),
        ({"value": "schlüssel"}, "value"),
        ({"header": "Host"}, "header"),
        ({"header": "two words"}, "header"),
        ({"header": "X:\r\nY"}, "header"),
        ({"user": "a:b"}, "user"),
    ],
)
def test_what_can_be_no_login_is_refused_by_field_and_never_quoted(
    organization: str, facts: dict[str, str], field: str
) -> None:
    with pytest.raises(tk.ValidationError) as wrong:
        save(**{"server": "https://files.example.org", "value": KEY, **facts})
    assert list(wrong.value.error_dict) == [field]
    assert KEY not in str(wrong.value.error_dict)
    assert model.Session.query(Secret).count() == 0


def test_a_changed_secret_key_is_said_and_nothing_is_asked_without_the_login(
    council: Council, harvest: Harvest, organization: str, monkeypatch: pytest.MonkeyPatch, ckan_config: Any
) -> None:
    save(server="https://files.example.org", value=KEY)
    monkeypatch.setitem(ckan_config, "SECRET_KEY", "another")
    run = harvest(council.recipe())
    assert run["state"] == "failed"
    assert "https://files.example.org can no longer be read" in run["message"]
    assert council.asked == []


def test_only_editors_of_the_organization_list_enter_and_remove_its_logins(app: Any, editor: dict[str, Any]) -> None:
    saved = save(server="https://files.example.org", value=KEY)
    stranger = factories.UserWithToken()
    assert app.get(PLACE).status_code == 403
    for user, status in ((stranger, 403), (editor, 200)):
        log_in(app, user)
        answer = app.get(PLACE)
        assert (answer.status_code, "files.example.org" in answer.body) == (status, status == 200)
    context = {"user": stranger["name"], "auth_user_obj": model.User.get(stranger["name"])}
    for action, data in (
        ("digitalcity_secret_delete", {"id": saved["id"]}),
        ("digitalcity_secret_save", {"organization": "aberfal", "server": "https://a.example", "value": "x"}),
    ):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action(action)(dict(context), data)
    assert model.Session.query(Secret).count() == 1


def test_an_editor_enters_and_removes_a_login_on_the_page(app: Any, editor: dict[str, Any]) -> None:
    log_in(app, editor)
    assert "None is kept yet." in words(main(app, PLACE))
    fields = {"value": KEY, "header": "Authorization", "user": ""}
    wrong = send(app, PLACE, PLACE, server="files.example.org", **fields)
    assert wrong.status_code == 400
    assert KEY not in wrong.body
    assert 'value="files.example.org"' in wrong.body
    assert send(app, PLACE, PLACE, server="https://files.example.org", **fields).status_code == 302
    listed = app.get(PLACE)
    assert "https://files.example.org" in listed.body
    assert KEY not in listed.body
    assert app.post(f"{PLACE}/{model.Session.query(Secret).one().id}/delete").status_code == 400, "without its token"
    assert send(app, PLACE, "/delete").status_code == 302
    assert model.Session.query(Secret).count() == 0


def test_a_login_is_kept_listed_and_removed_by_commands(cli: Any, organization: str) -> None:
    command = ["digitalcity", "harvest", "login"]
    kept = cli.invoke(ckan, [*command, "set", "aberfal", "https://files.example.org"], input=f"{KEY}\n{KEY}\n")
    assert kept.exit_code == 0, kept.output
    assert "https://files.example.org is kept" in kept.output
    assert KEY not in kept.output
    listed = cli.invoke(ckan, [*command, "list", "aberfal"])
    assert "https://files.example.org  Authorization" in listed.output
    assert cli.invoke(ckan, [*command, "remove", listed.output.split()[0]]).exit_code == 0
    assert "There is nothing." in cli.invoke(ckan, [*command, "list", "aberfal"]).output
    refused = cli.invoke(ckan, [*command, "set", "aberfal", "nowhere", "--value", KEY])
    assert refused.exit_code == 1
    assert "https://" in refused.output
    assert "no such organisation" in cli.invoke(ckan, [*command, "list", "nobody"]).output


def test_a_login_for_sftp_may_be_a_private_key_and_is_kept_on_one_line(organization: str) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode()
    saved = save(server="sftp://files.example.org/drop/", user="council", value=key)
    assert saved["server"] == "sftp://files.example.org"
    carried = base64.b64decode(sent()["sftp://files.example.org"]["Authorization"].removeprefix("Basic ")).decode()
    assert carried.startswith("council:-----BEGIN OPENSSH PRIVATE KEY-----")
    assert private_key(carried) is not None


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"value": "x"}, "user"),
        (
            {"user": "council", "value": "-----BEGIN OPENSSH PRIVATE KEY-----x-----END OPENSSH PRIVATE KEY-----"},
            "value",
        ),
        ({"user": "council", "value": "x", "header": "X-Key"}, "header"),
        ({"server": "ftp://files.example.org", "user": "council", "value": "x"}, "server"),
    ],
)
def test_a_login_that_sftp_cannot_use_is_refused(organization: str, facts: dict[str, str], field: str) -> None:
    with pytest.raises(tk.ValidationError) as caught:
        save(**{"server": "sftp://files.example.org", **facts})
    assert list(caught.value.error_dict) == [field]
