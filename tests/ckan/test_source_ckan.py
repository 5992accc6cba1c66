"""The kind of source that reads CKAN portals, against the CKAN that these tests run."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ckan.tests import factories, helpers
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.core.model import Recipe, Record
from ckanext.digitalcity.harvesters import ckan as kind
from ckanext.digitalcity.harvesters.http import Http


@pytest.fixture
def source(portal: Any, app: Any, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> kind.CKAN:
    """Reads this portal over real HTTP, three datasets a page."""

    def answer(request: Request) -> Response:
        return Response.from_app(app.flask_app, request.environ)

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    monkeypatch.setattr(kind, "ROWS", 3)
    recipe = Recipe("old", "Old", "ckan", httpserver.url_for(""), "aberfal", options={"ask_files": False})
    return kind.CKAN(recipe, Http(allowed=["127.0.0.0/8", "::1/128"]))


def dataset(**facts: Any) -> Any:
    return factories.Dataset(**{"owner_org": factories.Organization()["id"], **facts})


def test_a_real_ckan_is_listed_and_read(source: kind.CKAN) -> None:
    organisation = factories.Organization(title="Aberfal Council")
    made = [
        factories.Dataset(title=f"Dataset {n}", owner_org=organisation["id"], license_id="uk-ogl") for n in range(8)
    ]
    factories.Dataset(private=True, owner_org=organisation["id"])
    deleted = dataset()
    helpers.call_action("package_delete", {"user": factories.Sysadmin()["name"]}, id=deleted["id"])
    factories.Resource(package_id=made[0]["id"], url="https://example.org/trees.csv", format="CSV", name="Trees")
    refs = {ref.remote_id: ref for ref in source.gather()}
    assert set(refs) == {one["id"] for one in made}
    record = source.fetch(refs[made[0]["id"]], None)
    assert (record.title, record.metadata["license"]) == ("Dataset 0", "uk-ogl")
    assert record.metadata["publisher"] == "Aberfal Council"
    assert [(file.name, file.url, file.format) for file in record.files] == [
        ("Trees", "https://example.org/trees.csv", "CSV")
    ]


def test_a_real_ckan_tells_what_changed(source: kind.CKAN) -> None:
    changed, other = dataset(), dataset()
    before = {ref.remote_id: ref.version for ref in source.gather()}
    helpers.call_action(
        "package_patch", {"user": factories.Sysadmin()["name"]}, id=changed["id"], title="Another title"
    )
    after = {ref.remote_id: ref.version for ref in source.gather()}
    assert after[changed["id"]] != before[changed["id"]]
    assert after[other["id"]] == before[other["id"]] is not None


def test_a_real_ckan_takes_the_filter(source: kind.CKAN) -> None:
    wanted = dataset(tags=[{"name": "air"}])
    dataset(tags=[{"name": "water"}])
    source.filter = "tags:air"
    assert [ref.remote_id for ref in source.gather()] == [wanted["id"]]


def test_a_real_ckan_gives_what_is_expected_in_one_search_just_as_one_by_one(
    source: kind.CKAN, httpserver: HTTPServer
) -> None:
    organisation = factories.Organization(title="Aberfal Council")
    for number in range(5):
        made = factories.Dataset(
            owner_org=organisation["id"], license_id="uk-ogl", notes=f"About {number}.",
            tags=[{"name": f"tag {number}"}], extras=[{"key": "frequency", "value": "monthly"}],
        )  # fmt: skip
        factories.Resource(package_id=made["id"], url=f"https://example.org/{number}.csv", format="CSV")
    refs = list(source.gather())
    alone = [source.fetch(ref, None) for ref in refs]
    httpserver.clear_log()
    source.expect(refs)
    together = [source.fetch(ref, None) for ref in refs]
    assert len(httpserver.log) == 1
    assert [_told(record) for record in together] == [_told(record) for record in alone]


def _told(record: Record) -> tuple[Any, ...]:
    files = [(file.key, file.name, file.url, file.format, file.description) for file in record.files]
    return record.remote_id, record.title, record.notes, record.metadata, files
