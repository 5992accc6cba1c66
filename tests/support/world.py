"""A real portal for each test: PostgreSQL, Solr, Valkey and CKAN, and a council's files behind real HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import yaml
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.logic.action.source import find

COLUMNS = ("id", "title", "description", "file", "format", "licence", "modified", "keywords")
TOILETS = "name,postcode,opened\nHarbour Street,ZZ1 1AA,2020-01-31\nMarket Square,ZZ1 1AB,2021-06-01\n"
BAD_TOILETS = "name,postcode,opened\nHarbour Street,ZZ1 1AA,2020-01-31\nMarket Square,ZZ1 1AB,31/02/2021,extra\n"


@pytest.fixture
def portal(
    ckan_config: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    reset_storages: Callable[[], None],
    check_server: None,
    tables: None,
    clean_index: None,
    clean_queues: None,
) -> Iterator[Any]:
    """An empty portal. Its stage is a folder of this test's own."""
    prefix = "ckan.files.storage.digitalcity_stage"
    settings = {"type": "ckan:fs", "path": str(tmp_path / "stage"), "initialize": True}
    for key, value in settings.items():
        monkeypatch.setitem(ckan_config, f"{prefix}.{key}", value)
    reset_storages()
    forget_servers()
    # as real servers answer for what they do not have, such as robots.txt; pytest-httpserver says 500
    not_found = property(lambda self: 404, lambda self, status: None)
    monkeypatch.setattr(HTTPServer, "no_handler_status_code", not_found, raising=False)
    yield ckan_config
    model.Session.rollback()


def forget_servers() -> None:
    """Every server has a clean record again: the tests' servers share their addresses."""
    redis = connect_to_redis()
    for key in redis.scan_iter("digitalcity:server:*"):
        redis.delete(key)


class Council:
    """A council's web server: an index of files, and the files. Everything can change between two harvests."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.files: dict[str, bytes] = {}
        self.rows: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.down = False
        server.expect_request("/index.csv").respond_with_handler(self._index)
        server.expect_request("/files").respond_with_handler(self._file)

    def publish(self, id_: str, content: str | bytes, **facts: str) -> None:
        """Puts a file and its row in the index, or replaces them."""
        name = facts.pop("file", f"{id_}.csv")
        self.files[name] = content.encode() if isinstance(content, str) else content
        row = {"id": id_, "title": id_.replace("-", " ").title(), "file": f"files?name={name}", "format": "CSV"}
        self.rows[id_] = {"licence": "OGL-UK-3.0", **row, **facts}

    def withdraw(self, id_: str) -> None:
        """Takes a row out of the index."""
        del self.rows[id_]

    def recipe(self, **changes: Any) -> str:
        """The recipe of this council's source."""
        recipe = {
            "name": "council",
            "title": "Council files",
            "kind": "csv-index",
            "address": self.server.url_for("/index.csv"),
            "organisation": "aberfal",
            "organisation_title": "Aberfal Council",
            "frequency": "ANNUAL",
            "contact": {"name": "Open data team", "email": "opendata@aberfal.example"},
            "fields": {"id": "id", "title": "title", "description": "description", "url": "file", "format": "format",
                       "licence": "licence", "modified": "modified", "keywords": "keywords"},
        }  # fmt: skip
        return yaml.safe_dump({**recipe, **changes})

    def _index(self, request: Request) -> Response:
        self.asked.append("index")
        if self.down:
            return Response("out of order", 500)
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(self.rows.values())
        return Response(text.getvalue(), content_type="text/csv")

    def _file(self, request: Request) -> Response:
        name = request.args["name"]
        self.asked.append(name)
        if name not in self.files:
            return Response("gone", 404)
        response = Response(self.files[name], content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)


@pytest.fixture
def council(httpserver: HTTPServer) -> Council:
    """A council with a web server on loopback and nothing published yet."""
    return Council(httpserver)


def as_admin() -> Any:
    """The context of the portal's own administrator."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return {"user": user["name"], "auth_user_obj": model.User.get(user["name"])}


@pytest.fixture
def harvest(portal: Any) -> Callable[..., dict[str, Any]]:
    """Saves a recipe as a source and works one run of it off: the run, with what became of each record."""

    def run(recipe: str, **options: Any) -> dict[str, Any]:
        source = tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": recipe})
        row = ledger.open_run(find(source["name"]), "test", **options)
        run_id = row.id
        assert work(run_id)
        model.Session.remove()
        found: dict[str, Any] = tk.get_action("digitalcity_run_show")(as_admin(), {"id": run_id, "limit": 100})
        return found

    return run


@pytest.fixture
def editor(portal: Any) -> dict[str, Any]:
    """Somebody who edits for the council's organization."""
    user: dict[str, Any] = factories.UserWithToken()
    organization = model.Group.get("aberfal")
    if organization is None:
        factories.Organization(name="aberfal", users=[{"name": user["name"], "capacity": "editor"}])
    else:
        tk.get_action("organization_member_create")(
            as_admin(), {"id": "aberfal", "username": user["name"], "role": "editor"}
        )
    return user


def changes(run: dict[str, Any]) -> dict[str, str]:
    """What became of each record: remote id -> change."""
    return {record["remote_id"]: record["change"] for record in run["results"]}
