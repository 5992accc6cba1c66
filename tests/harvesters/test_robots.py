"""What servers ask of programs that follow links is asked, kept and held to (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer

from ckanext.digitalcity.core.errors import Refused, Retriable
from ckanext.digitalcity.harvesters.http import Http, HttpLimits
from ckanext.digitalcity.harvesters.memory import OwnMemory
from ckanext.digitalcity.harvesters.robots import LONGEST, Robots

Door = Callable[[str], Http]
AGENT = "ckanext-digitalcity (+https://data.aberfal.example)"


@pytest.fixture
def door(httpserver: HTTPServer) -> Door:
    memory = OwnMemory()

    def make(named: str = "https://elsewhere.example/list") -> Http:
        robots = Robots(memory, AGENT, named)
        return Http(["127.0.0.0/8", "::1/128"], AGENT, HttpLimits(retries=0), robots=robots)

    httpserver.expect_request("/private/a.csv").respond_with_data("a")
    httpserver.expect_request("/open/a.csv").respond_with_data("a")
    return make


def says(httpserver: HTTPServer, text: str, status: int = 200) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data(text, status=status)


def read(http: Http, url: str) -> bytes:
    return b"".join(http.read(url))


def asked(httpserver: HTTPServer) -> list[str]:
    return [request.path for request, _ in httpserver.log]


def test_what_robots_txt_asks_not_to_read_is_not_read_and_the_rest_is(httpserver: HTTPServer, door: Door) -> None:
    says(httpserver, "User-agent: *\nDisallow: /private/\n")
    with pytest.raises(Refused, match=r"/private/a\.csv.*robots: agreed") as caught:
        read(door(""), httpserver.url_for("/private/a.csv"))
    assert caught.value.reason == "robots"
    assert read(door(""), httpserver.url_for("/open/a.csv")) == b"a"
    assert asked(httpserver) == ["/robots.txt", "/open/a.csv"], "asked once, for all doors that share the memory"


def test_we_are_known_by_our_name_and_wildcards_count(httpserver: HTTPServer, door: Door) -> None:
    says(httpserver, "User-agent: *\nAllow: /\n\nUser-agent: ckanext-digitalcity\nDisallow: /*.csv$\n")
    with pytest.raises(Refused):
        read(door(""), httpserver.url_for("/open/a.csv"))


def test_what_a_person_named_is_read_and_what_lies_below_it(httpserver: HTTPServer, door: Door) -> None:
    says(httpserver, "User-agent: *\nDisallow: /\n")
    assert read(door(httpserver.url_for("/private")), httpserver.url_for("/private/a.csv")) == b"a"
    assert read(door(httpserver.url_for("/open/a.csv")), httpserver.url_for("/open/a.csv")) == b"a"
    for named in ("/priv", "/open/a"):
        with pytest.raises(Refused):
            read(door(httpserver.url_for(named)), httpserver.url_for("/private/a.csv"))


@pytest.mark.parametrize("status", [404, 410, 403, 401])
def test_a_server_that_has_no_wishes_is_read(httpserver: HTTPServer, door: Door, status: int) -> None:
    says(httpserver, "nothing", status)
    assert read(door(""), httpserver.url_for("/private/a.csv")) == b"a"


def test_while_a_server_cannot_say_what_it_wishes_it_is_not_read(httpserver: HTTPServer, door: Door) -> None:
    says(httpserver, "", 500)
    with pytest.raises(Retriable):
        read(door(""), httpserver.url_for("/open/a.csv"))
    assert asked(httpserver) == ["/robots.txt"]


def test_a_redirect_to_what_is_not_to_be_read_is_not_followed(httpserver: HTTPServer, door: Door) -> None:
    says(httpserver, "User-agent: *\nDisallow: /private/\n")
    place = httpserver.url_for("/private/a.csv")
    httpserver.expect_request("/moved").respond_with_data(status=302, headers={"Location": place})
    with pytest.raises(Refused):
        read(door(""), httpserver.url_for("/moved"))


@pytest.mark.parametrize(("wish", "gap"), [("0.5", 0.5), ("86400", LONGEST), ("-3", 0.0), ("soon", 0.0)])
def test_a_wish_for_pauses_is_honoured_within_reason(httpserver: HTTPServer, wish: str, gap: float) -> None:
    robots = Robots(OwnMemory(), AGENT, "")
    text = f"User-agent: *\nCrawl-delay: {wish}\n".encode()
    assert robots.gap("https://a.example/x", lambda place: text) == gap


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"<html>", b"Disallow: /\n" * 9, b"User-agent\x00: *\n\n:::"])
def test_a_robots_txt_that_is_none_forbids_nothing(text: bytes) -> None:
    assert Robots(OwnMemory(), AGENT, "").gap("https://a.example/x", lambda place: text) == 0.0
