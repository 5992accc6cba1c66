"""One file at one address. It has no list, so what the contract suite asks of lists is asked of the file here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.core.errors import RecipeError, Refused, Retriable, Skippable
from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.harvesters.file import File
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]


class Site:
    """A web server with one file, which can be made to keep silent about the file's age, or to fail."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.body = b"a,b\r\n1,2\r\n"
        self.validators = True
        self.fault: Response | None = None
        server.expect_request("/toilets.csv").respond_with_handler(self.answer)
        server.expect_request("/export").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        response = self.fault or Response(self.body, content_type="text/csv")
        if self.validators and self.fault is None:
            response.add_etag()
        return response

    def recipe(self, path: str = "/toilets.csv", **options: object) -> Recipe:
        address = self.server.url_for(path)
        return Recipe("toilets", "Toilets", "file", address, "aberfal", description="Where", options=options)


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    return Site(httpserver)


def test_the_file_is_one_dataset_in_the_words_of_the_recipe(site: Site, door: Door) -> None:
    source = File(site.recipe(), door())
    (ref,) = source.gather()
    record = source.fetch(ref, None)
    (file,) = record.files
    assert (ref.remote_id, ref.title, record.title, record.notes) == ("toilets", "Toilets", "Toilets", "Where")
    assert (file.key, file.filename, file.format, file.url) == ("file", "toilets.csv", "CSV", site.recipe().address)
    assert b"".join(file.read()) == b"".join(file.read()) == site.body
    assert record.metadata == {}


def test_the_version_changes_when_the_file_is_replaced_and_not_before(site: Site, door: Door) -> None:
    source = File(site.recipe(), door())
    (first,), (second,) = source.gather(), source.gather()
    site.body += b"3,4\r\n"
    (third,) = source.gather()
    assert first == second
    assert None not in (first.version, third.version)
    assert third.version != first.version


def test_a_server_that_does_not_say_how_old_the_file_is_leaves_it_to_the_bytes(site: Site, door: Door) -> None:
    site.validators = False
    (ref,) = File(site.recipe(), door()).gather()
    assert ref.version is None


def test_making_and_fetching_ask_nothing_of_the_network(site: Site, door: Door) -> None:
    source = File(site.recipe(), door())
    (ref,) = source.gather()
    site.server.clear_log()
    source.fetch(ref, None).files[0].read()
    assert site.server.log == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_vanished_is_still_listed_and_reported_as_gone(site: Site, door: Door, status: int) -> None:
    site.fault = Response(status=status)
    source = File(site.recipe(), door())
    (ref,) = source.gather()
    with pytest.raises(Skippable) as caught:
        b"".join(source.fetch(ref, None).files[0].read())
    assert caught.value.reason == "file-gone"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_is_worth_another_try(site: Site, door: Door, status: int) -> None:
    site.fault = Response(status=status)
    source = File(site.recipe(), door())
    (ref,) = source.gather()
    with pytest.raises(Retriable):
        b"".join(source.fetch(ref, None).files[0].read())


def test_a_private_address_is_refused(site: Site, door: Door) -> None:
    source = File(site.recipe(), door(allowed=()))
    (ref,) = source.gather()
    with pytest.raises(Refused):
        b"".join(source.fetch(ref, None).files[0].read())
    assert site.server.log == []


def test_the_recipe_says_the_format_where_the_address_does_not(site: Site, door: Door) -> None:
    source = File(site.recipe("/export", format="csv"), door())
    (ref,) = source.gather()
    (file,) = source.fetch(ref, None).files
    assert (file.format, file.filename) == ("CSV", "toilets.csv")


def test_an_address_without_extension_claims_no_format(site: Site, door: Door) -> None:
    source = File(site.recipe("/export"), door())
    (ref,) = source.gather()
    (file,) = source.fetch(ref, None).files
    assert (file.format, file.filename) == ("", "toilets")


def test_a_password_in_the_address_is_not_published(site: Site, door: Door) -> None:
    address = site.server.url_for("/toilets.csv").replace("//", "//user:secret@")
    source = File(Recipe("toilets", "Toilets", "file", address, "aberfal"), door())
    (ref,) = source.gather()
    assert source.fetch(ref, None).files[0].url == site.server.url_for("/toilets.csv")


@pytest.mark.parametrize("format_", [7, ["CSV"], "///", "?"])
def test_a_format_that_is_none_is_refused(site: Site, door: Door, format_: object) -> None:
    with pytest.raises(RecipeError, match="format"):
        File(site.recipe("/export", format=format_), door())
