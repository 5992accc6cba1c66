"""A file that was read before and is still the same is not sent again, and never taken for another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from shelf import Shelf
from werkzeug import Request, Response

from ckanext.digitalcity.core.errors import Retriable, Skippable
from ckanext.digitalcity.harvesters.copies import condition
from ckanext.digitalcity.harvesters.http import Http, HttpLimits

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Site:
    """One file; what it was asked and how it answered."""

    def __init__(self, server: HTTPServer) -> None:
        self.url, self.body, self.etag, self.modified = server.url_for("/a.csv"), b"one", True, ""
        self.answers: list[int] = []
        server.expect_request("/a.csv").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        response = Response(self.body)
        if self.etag:
            response.add_etag()
        if self.modified:
            response.headers["Last-Modified"] = self.modified
        response = response.make_conditional(request)
        self.answers.append(response.status_code)
        return response


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    return Site(httpserver)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def door(shelf: Shelf) -> Http:
    return Http(["127.0.0.0/8", "::1/128"], limits=HttpLimits(retries=0), copies=shelf)


def read(door: Http, shelf: Shelf, url: str) -> bytes:
    return shelf.stage(b"".join(door.read(url)))


def test_a_file_that_did_not_change_is_not_sent_again(site: Site, shelf: Shelf, door: Http) -> None:
    assert [read(door, shelf, site.url) for _ in range(3)] == [b"one"] * 3
    assert site.answers == [200, 304, 304]


def test_a_file_that_changed_is_sent_and_kept_in_place_of_the_old_one(site: Site, shelf: Shelf, door: Http) -> None:
    for body in (b"one", b"two", b"two", b"one"):
        site.body = body
        assert read(door, shelf, site.url) == body
    assert site.answers == [200, 200, 304, 200]


def test_a_server_without_etags_is_asked_by_date_if_that_is_sure(site: Site, shelf: Shelf, door: Http) -> None:
    site.etag, site.modified = False, format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert [read(door, shelf, site.url) for _ in range(2)] == [b"one"] * 2
    assert site.answers == [200, 304]


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"ETag": 'W/"x"'}, {"If-None-Match": 'W/"x"'}),
        ({"ETag": '"' + "x" * 300 + '"', "Last-Modified": "…"}, {}),
        ({"Last-Modified": NOW - timedelta(hours=1), "Date": NOW}, {"If-Modified-Since": NOW - timedelta(hours=1)}),
        ({"Last-Modified": NOW - timedelta(seconds=1), "Date": NOW}, {}),
        ({"Last-Modified": NOW + timedelta(days=9), "Date": NOW}, {}),
        ({"Last-Modified": NOW}, {}),
        ({"Last-Modified": "soon", "Date": NOW}, {}),
        ({}, {}),
    ],
)
def test_only_what_tells_versions_apart_for_sure_is_asked_by(headers: dict[str, Any], asked: dict[str, Any]) -> None:
    def texts(given: dict[str, Any]) -> dict[str, str]:
        return {k: v if isinstance(v, str) else format_datetime(v, usegmt=True) for k, v in given.items()}

    assert condition(texts(headers)) == texts(asked)


def test_a_copy_that_is_gone_is_read_anew(site: Site, shelf: Shelf, door: Http) -> None:
    read(door, shelf, site.url)
    shelf.bytes.clear()
    assert read(door, shelf, site.url) == b"one"
    assert site.answers == [200, 200]


def test_a_damaged_copy_is_an_error_and_then_read_anew(site: Site, shelf: Shelf, door: Http) -> None:
    read(door, shelf, site.url)
    shelf.bytes = dict.fromkeys(shelf.bytes, b"other")
    with pytest.raises(Retriable, match="damaged"):
        b"".join(door.read(site.url))
    assert read(door, shelf, site.url) == b"one"


def test_a_file_that_broke_off_is_not_remembered(httpserver: HTTPServer, shelf: Shelf, door: Http) -> None:
    def short(request: Request) -> Response:
        headers = {"Content-Length": "100", "ETag": '"x"'}
        return Response(iter([b"half"]), headers=headers, direct_passthrough=True)

    httpserver.expect_request("/").respond_with_handler(short)
    with pytest.raises(Retriable):
        b"".join(door.read(httpserver.url_for("/")))
    assert shelf.known == {}


def test_not_modified_is_no_answer_to_who_has_no_copy(httpserver: HTTPServer, door: Http) -> None:
    httpserver.expect_request("/").respond_with_data(status=304)
    with pytest.raises(Skippable, match="304"):
        b"".join(door.read(httpserver.url_for("/")))


def test_a_copy_of_one_server_is_not_offered_to_another_that_it_leads_to(
    httpserver: HTTPServer, shelf: Shelf, door: Http
) -> None:
    seen: list[str] = []
    with HTTPServer(host="127.0.0.1", port=0) as other:

        def answer(request: Request) -> Response:
            seen.append(request.headers.get("If-None-Match", ""))
            return Response(b"theirs", headers={"ETag": '"same"'})

        other.expect_request("/b").respond_with_handler(answer)
        httpserver.expect_request("/a").respond_with_data(status=302, headers={"Location": other.url_for("/b")})
        for _ in range(2):
            assert read(door, shelf, httpserver.url_for("/a")) == b"theirs"
    assert seen == ["", ""]
