"""What comes through the only door to the network: sizes, packing, JSON and versions (reference/faults.md, 5 and 7)."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from faultserver import FaultServer, bomb, reply, says
from pytest_httpserver import HTTPServer

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]
Faulty = Callable[..., FaultServer]


def all_of(http: Http, url: str) -> bytes:
    return b"".join(http.read(url))


# -- size


def test_a_packed_answer_is_unpacked(faulty: Faulty, door: Door) -> None:
    two = gzip.compress(b"one,") + gzip.compress(b"two")
    assert all_of(door(), faulty(says(reply(two, "Content-Encoding: gzip"))).url()) == b"one,two"
    assert all_of(door(), faulty(says(reply(b"", "Content-Encoding: gzip"))).url()) == b""


def test_a_bomb_is_capped_by_its_unpacked_size_without_filling_memory(faulty: Faulty, door: Door) -> None:
    server = faulty(says(reply(bomb(200), "Content-Encoding: gzip")))
    http = door(bytes=50 << 20, total=60)
    size = 0
    tracemalloc.start()
    with pytest.raises(Skippable) as caught:
        for chunk in http.read(server.url()):
            size += len(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.reason == "too-large"
    assert 49 << 20 < size <= 50 << 20
    assert peak < 4 << 20


@pytest.mark.parametrize("packing", ["br", "gzip, gzip", "zstd"])
def test_a_packing_that_was_not_asked_for_is_not_guessed(faulty: Faulty, door: Door, packing: str) -> None:
    with pytest.raises(Skippable) as caught:
        all_of(door(), faulty(says(reply(b"x", f"Content-Encoding: {packing}"))).url())
    assert caught.value.reason == "unreadable"


def test_bytes_that_only_claim_to_be_packed_are_unreadable(faulty: Faulty, door: Door) -> None:
    with pytest.raises(Skippable) as caught:
        all_of(door(), faulty(says(reply(b"plain text", "Content-Encoding: gzip"))).url())
    assert caught.value.reason == "unreadable"


# -- JSON


def answer_json(httpserver: HTTPServer, body: str | bytes) -> str:
    httpserver.expect_request("/").respond_with_data(body)
    return httpserver.url_for("/")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<!DOCTYPE html><p>Back soon", "html"),
        ("\ufeff<html>", "html"),
        ('{"a": 1', "not-json"),
        ('{"a": 1}\n{"a": 2}', "not-json"),
        ("", "not-json"),
        (b"\xff\xfe\xff", "not-json"),
        ("[" * 200 + "]" * 200, "too-deep"),
        ("[" * 100_000, "too-deep"),
        ("1" * 5000, "not-json"),
        ("[" + "1," * 600_000 + "1]", "too-large"),
    ],
    ids=["page", "page with BOM", "cut", "NDJSON", "empty", "not text", "deep", "very deep", "long number", "large"],
)
def test_what_is_not_usable_json_is_named_for_what_it_is(
    httpserver: HTTPServer, door: Door, body: str | bytes, reason: str
) -> None:
    with pytest.raises(Skippable) as caught:
        door(json=1 << 20).get_json(answer_json(httpserver, body))
    assert caught.value.reason == reason


def test_json_keeps_numbers_as_written_and_words_that_are_no_numbers(httpserver: HTTPServer, door: Door) -> None:
    url = answer_json(httpserver, '{"a": 11.10, "b": NaN, "c": 1e400, "d": 7}')
    value = door().get_json(url, numbers=Decimal)
    assert [str(value[key]) for key in "abcd"] == ["11.10", "NaN", "1E+400", "7"]


def test_json_with_a_byte_order_mark_is_read(httpserver: HTTPServer, door: Door) -> None:
    assert door().get_json(answer_json(httpserver, b"\xef\xbb\xbf[1]")) == [1]


def test_a_query_is_added_readably(httpserver: HTTPServer, door: Door) -> None:
    httpserver.expect_request("/").respond_with_data("[]")
    door().get_json(httpserver.url_for("/?k=1"), {"$expand": "A($expand=B)", "$filter": "t ge 2026"})
    request = httpserver.log[0][0]
    assert request.args["$expand"] == "A($expand=B)"
    assert b"t%20ge%202026" in request.query_string


# -- versions


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ({"ETag": '"abc"', "Last-Modified": "x"}, '"abc"'),
        ({"ETag": 'W/"abc"'}, 'W/"abc"'),
        (
            {"Last-Modified": "Sun, 01 Mar 2026 00:00:00 GMT", "Content-Length": "12"},
            "Sun, 01 Mar 2026 00:00:00 GMT 12",
        ),
        ({}, None),
    ],
)
def test_a_files_version_is_what_the_server_says(
    faulty: Faulty, door: Door, headers: dict[str, str], version: str | None
) -> None:
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    server = faulty(says("\r\n".join(lines).encode()))
    assert door().head_version(server.url()) == version
    assert server.heads[0].startswith(b"HEAD ")


@pytest.mark.parametrize("status", [403, 404, 405, 500, 501])
def test_a_server_that_does_not_answer_head_has_no_version(httpserver: HTTPServer, door: Door, status: int) -> None:
    httpserver.expect_request("/").respond_with_data(status=status, headers={"ETag": '"x"'})
    assert door(retries=2).head_version(httpserver.url_for("/")) is None
    assert len(httpserver.log) == 1


def test_a_file_that_may_not_be_read_has_no_version(door: Door) -> None:
    assert door(allowed=()).head_version("http://127.0.0.1:1/") is None
    assert door().head_version("file:///etc/passwd") is None


# -- real payloads


def test_the_case_files_are_json_or_are_refused(cases: Path, httpserver: HTTPServer, door: Door) -> None:
    outcomes: dict[str, str] = {}
    http = door()
    for path in sorted((cases / "feeds").glob("*[Ss]ensor[Tt]hings*/**/*.json")) + sorted(
        (cases / "feeds").glob("*FROST*/docs/*")
    ):
        httpserver.expect_oneshot_request("/").respond_with_data(path.read_bytes())
        try:
            json.dumps(http.get_json(httpserver.url_for("/")))
            outcomes[path.name] = "read"
        except Skippable as problem:
            outcomes[path.name] = problem.reason
    assert outcomes["observations2.head8.json"] == "not-json"  # NDJSON
    assert outcomes["thing.json"] == "not-json"  # a comma is missing
    assert outcomes["sta_root.notjson"] == outcomes["sta_things.notjson"] == "not-json"
    assert outcomes["sta_expand_2.json"] == outcomes["location.json"] == "read"
