"""How a person or a program uploads a file, for tests."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.lib import jobs
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

from ckanext.digitalcity.model import Item, Report

from world import as_admin

PEOPLE = "name,email\nSam,sam.jones@example.org\nAlex,alex@example.org\nKim,kim.p@example.net\n"
LARGE = "ckanext.digitalcity.gate.at_once"

Harvest = Callable[..., dict[str, Any]]


@pytest.fixture
def dataset(editor: dict[str, Any]) -> dict[str, Any]:
    """A public dataset of the editor's organization, without files."""
    found: dict[str, Any] = factories.Dataset(owner_org="aberfal", user=editor, license_id="uk-ogl")
    return found


@pytest.fixture
def all_large(monkeypatch: pytest.MonkeyPatch, portal: Any) -> None:
    """Every upload is too large to be checked within a web request."""
    monkeypatch.setitem(portal, LARGE, 0)


def file(content: str | bytes, name: str = "toilets.csv") -> FileStorage:
    return FileStorage(io.BytesIO(content.encode() if isinstance(content, str) else content), name)


def as_user(user: dict[str, Any]) -> dict[str, Any]:
    return {"user": user["name"], "auth_user_obj": model.User.get(user["name"])}


def call(user: dict[str, Any], action: str, **data: Any) -> dict[str, Any]:
    """One action as this user, in a session of its own as a request has."""
    try:
        found: dict[str, Any] = tk.get_action(action)(as_user(user), data)
        return found
    finally:
        model.Session.rollback()
        model.Session.remove()


def api(app: Any, user: dict[str, Any], action: str, content: str, name: str = "toilets.csv", **data: str) -> Any:
    """A multipart call of the API, as curl makes it."""
    data_ = {**data, "upload": (io.BytesIO(content.encode()), name)}
    return app.post(f"/api/3/action/{action}", data=data_, headers={"Authorization": user["token"]})


def shown(id_: str) -> dict[str, Any]:
    found: dict[str, Any] = tk.get_action("resource_show")(as_admin(), {"id": id_})
    return found


def label(dataset_id: str) -> dict[str, str]:
    found = tk.get_action("digitalcity_label_show")(as_admin(), {"id": dataset_id})
    return {line["indicator"]: line["state"] for panel in found["label"]["panels"] for line in panel["lines"]}


def reports() -> int:
    return int(model.Session.query(Report).count())


def item_of(resource: dict[str, Any]) -> Item:
    model.Session.expire_all()
    return model.Session.query(Item).filter_by(remote_id=resource["id"]).one()


def work_off() -> None:
    """What CKAN's job worker does with everything in its queue."""
    jobs.Worker().work(burst=True)
    model.Session.remove()
