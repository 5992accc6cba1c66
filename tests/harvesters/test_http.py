"""The only door to the network, against servers that lie, stall and break off (reference/faults.md, 1 to 7 and 11)."""

from __future__ import annotations

import gzip
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from faultserver import FaultServer, drips, reply, resets, says
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.core.errors import Refused, Retriable, Skippable
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.urls import server_of

Door = Callable[..., Http]
Faulty = Callable[..., FaultServer]


def all_of(http: Http, url: str) -> bytes:
    return b"".join(http.read(url))


# -- addresses


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h/x", "javascript:alert(1)", "/x", "http://", "http://h:0/",
                                 "http://[::1", "gopher://h", ""])  # fmt: skip
def test_only_web_addresses_are_read(door: Door, url: str) -> None:
    with pytest.raises(Refused, match="http://"):
        all_of(door(), url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "0"])
def test_loopback_is_refused_however_it_is_spelt(httpserver: HTTPServer, door: Door, host: str) -> None:
    httpserver.expect_request("/").respond_with_data("secret")
    with pytest.raises(Skippable) as caught:
        all_of(door(allowed=()), f"http://{host}:{httpserver.port}/")
    assert isinstance(caught.value, Refused)
    assert httpserver.log == []


def test_a_name_that_resolves_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch, door: Door) -> None:
    real = socket.getaddrinfo
    asked: list[str] = []

    def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host == "rebind.example" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with pytest.raises(Refused, match=r"rebind\.example"):
        all_of(door(allowed=()), "http://rebind.example/")
    assert asked == ["rebind.example"], "the name is looked up once, and what it gave is what is used"


def test_a_redirect_to_a_place_that_is_not_allowed_is_refused(
    httpserver: HTTPServer, faulty: Faulty, door: Door
) -> None:
    inside = faulty(says(reply(b"secret")))
    httpserver.expect_request("/").respond_with_data(status=302, headers={"Location": inside.url("/metadata")})
    with pytest.raises(Refused):
        all_of(
            door(allowed=(f"127.0.0.1:{httpserver.port}",)), httpserver.url_for("/").replace("localhost", "127.0.0.1")
        )
    assert inside.heads == []


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[::1", "http://h:99999/", "http://h:x/", "data:,x",
     "http://\xe9\xff/", "http://a..b/", "http://*/", "http://xn--a/", "http://" + "a" * 300 + "/", "http://a%zz/"],
)  # fmt: skip
def test_a_redirect_out_of_the_web_is_refused(faulty: Faulty, door: Door, target: str) -> None:
    server = faulty(says(reply(b"", status="301 Moved")[:-2] + f"Location: {target}\r\n\r\n".encode("latin-1")))
    with pytest.raises((Refused, Retriable)) as caught:
        all_of(door(), server.url())
    assert isinstance(caught.value, Refused) or "No server called" in str(caught.value)


def test_redirects_are_followed_five_times_and_no_more(httpserver: HTTPServer, door: Door) -> None:
    def answer(request: Request) -> Response:
        left = int(request.path.strip("/"))
        return Response(status=307, headers={"Location": f"/{left - 1}"}) if left else Response("here")

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    assert all_of(door(), httpserver.url_for("/5")) == b"here"
    with pytest.raises(Skippable) as caught:
        all_of(door(), httpserver.url_for("/6"))
    assert caught.value.reason == "redirects"


def test_a_password_goes_to_its_own_host_and_to_no_other(faulty: Faulty, door: Door) -> None:
    other = faulty(says(reply(b"x")))
    first = faulty(says(reply(b"", f"Location: {other.url()}", status="302 Found")))
    all_of(door(), f"http://user:s3cret@{first.place}/")
    assert b"authorization" in first.heads[0].lower()
    assert b"authorization" not in other.heads[0].lower()


def test_a_header_of_ours_goes_to_its_own_host_and_to_no_other(faulty: Faulty, door: Door) -> None:
    other = faulty(says(reply(b"{}")))
    first = faulty(says(reply(b"", f"Location: {other.url()}", status="302 Found")))
    assert door().get_json(first.url(), headers={"NGSILD-Tenant": "aberfal"}) == {}
    assert b"tenant: aberfal" in first.heads[0].lower()
    assert b"tenant" not in other.heads[0].lower()


def test_a_password_stays_on_a_redirect_within_its_host(faulty: Faulty, door: Door) -> None:
    server = faulty(says(b""))
    server.answer = lambda connection, head: connection.sendall(
        reply(b"x") if head.startswith(b"GET /b") else reply(b"", "Location: /b", status="302 Found")
    )
    assert all_of(door(), f"http://user:s3cret@{server.place}/a") == b"x"
    assert [b"authorization" in head.lower() for head in server.heads] == [True, True]


def test_cookies_and_the_environments_proxy_are_ignored(
    httpserver: HTTPServer, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    httpserver.expect_request("/").respond_with_data("x", headers={"Set-Cookie": "session=1"})
    http = door()
    all_of(http, httpserver.url_for("/"))
    all_of(http, httpserver.url_for("/"))
    assert "Cookie" not in httpserver.log[1][0].headers


# -- time


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
    ],
    ids=["body", "endless body", "chunk size", "header"],
)
def test_a_slow_drip_ends_at_the_deadline(faulty: Faulty, door: Door, start: bytes) -> None:
    server = faulty(drips(start, b"1"))
    began = time.monotonic()
    with pytest.raises(Retriable, match="in time"):
        all_of(door(total=0.6, read=5.0), server.url())
    assert 0.4 < time.monotonic() - began < 2.0


def test_a_connection_used_again_has_a_deadline_of_its_own(httpserver: HTTPServer, door: Door) -> None:
    httpserver.expect_request("/").respond_with_data("x")
    http = door(total=0.5)
    for _ in range(4):
        assert all_of(http, httpserver.url_for("/")) == b"x"
        time.sleep(0.2)


def test_silence_is_a_time_out(faulty: Faulty, door: Door) -> None:
    server = faulty(lambda connection, head: time.sleep(5))
    with pytest.raises(Retriable, match="in time"):
        all_of(door(read=0.2), server.url())


# -- what may pass by itself


def test_a_refused_connection_is_worth_another_try(door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Retriable, match="failed or broke off"):
        all_of(door(), f"http://127.0.0.1:{port}/")


def test_an_unknown_host_is_worth_another_try(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Retriable, match=r"No server called nowhere\.example"):
        all_of(door(), "http://nowhere.example/")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 599])
def test_a_server_in_trouble_is_worth_another_try(httpserver: HTTPServer, door: Door, status: int) -> None:
    httpserver.expect_request("/").respond_with_data(status=status)
    with pytest.raises(Retriable, match=str(status)) as caught:
        all_of(door(), httpserver.url_for("/"))
    assert caught.value.after is None


@pytest.mark.parametrize(("header", "after"), [("7", 7), ("999999", 3600), ("-5", None), ("soon", None), ("inf", None)])
def test_a_wish_to_be_left_alone_is_honoured_within_reason(
    httpserver: HTTPServer, door: Door, header: str, after: float | None
) -> None:
    httpserver.expect_request("/").respond_with_data(status=429, headers={"Retry-After": header})
    with pytest.raises(Retriable) as caught:
        all_of(door(), httpserver.url_for("/"))
    assert caught.value.after == after


def test_a_wish_to_be_left_alone_until_a_date_is_understood(httpserver: HTTPServer, door: Door) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    httpserver.expect_request("/").respond_with_data(status=503, headers={"Retry-After": date})
    with pytest.raises(Retriable) as caught:
        all_of(door(), httpserver.url_for("/"))
    assert caught.value.after == pytest.approx(100, abs=3)


def test_a_hiccup_is_tried_again_and_a_long_wait_is_not_sat_out(httpserver: HTTPServer, door: Door) -> None:
    httpserver.expect_ordered_request("/").respond_with_data(status=503)
    httpserver.expect_ordered_request("/").respond_with_data("fine")
    assert all_of(door(retries=2, pause=0.01), httpserver.url_for("/")) == b"fine"
    httpserver.expect_ordered_request("/").respond_with_data(status=503, headers={"Retry-After": "60"})
    with pytest.raises(Retriable):
        all_of(door(retries=2, pause=0.01), httpserver.url_for("/"))
    assert len(httpserver.log) == 3


@pytest.mark.parametrize(
    "answer",
    [
        says(reply(b"half of it", length=1000)),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc"),
        resets(reply(b"half of it", length=1000)),
        resets(b"HTTP/1.1 200 OK\r\nContent-"),
        says(b""),
        says(b"SSH-2.0-OpenSSH_9.2\r\n"),
        says(reply(gzip.compress(b"whole" * 999)[:-9], "Content-Encoding: gzip")),
    ],
    ids=["short body", "cut chunk", "reset in body", "reset in head", "nothing", "not HTTP", "cut gzip"],
)
def test_an_answer_that_breaks_off_is_never_taken_for_whole(faulty: Faulty, door: Door, answer: Any) -> None:
    with pytest.raises(Retriable):
        all_of(door(), faulty(answer).url())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that nobody vouches for."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed, so no certificate can be made")
    folder = tmp_path_factory.mktemp("tls")
    paths = str(folder / "cert.pem"), str(folder / "key.pem")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
               "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return paths


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    faulty: Faulty, door: Door, certificate: tuple[str, str]
) -> None:
    with pytest.raises(Retriable, match="certificate is not valid"):
        all_of(door(), faulty(says(reply(b"x")), certificate).url())


def test_an_authority_of_the_system_is_trusted_and_the_deadline_holds_in_tls(
    faulty: Faulty, door: Door, certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    assert all_of(door(), faulty(says(reply(b"x")), certificate).url()) == b"x"
    began = time.monotonic()
    with pytest.raises(Retriable, match="in time"):
        all_of(door(total=0.6), faulty(drips(reply(b"", length=10000)), certificate).url())
    assert time.monotonic() - began < 2.0


# -- what will not


@pytest.mark.parametrize(("status", "reason"), [(404, "file-gone"), (410, "file-gone"), (403, "no-access"),
                                                (401, "no-access"), (400, "unexpected-answer"),
                                                (204, "unexpected-answer"), (304, "unexpected-answer")])  # fmt: skip
def test_an_answer_that_will_not_change_is_not_tried_again(
    httpserver: HTTPServer, door: Door, status: int, reason: str
) -> None:
    httpserver.expect_request("/x").respond_with_data(status=status)
    with pytest.raises(Skippable) as caught:
        all_of(door(retries=2), httpserver.url_for("/x"))
    assert caught.value.reason == reason
    assert len(httpserver.log) == 1


# -- words


@pytest.mark.parametrize("answer", [says(reply(b"", status="403 No")), says(reply(b"", status="500 No")), says(b""),
                                    says(reply(b"<p>")), says(reply(b"x", length=9))])  # fmt: skip
def test_no_message_tells_a_password_or_a_query(faulty: Faulty, door: Door, answer: Any) -> None:
    server = faulty(answer)
    with pytest.raises((Retriable, Skippable)) as caught:
        door().get_json(f"http://bob:s3cret@{server.place}/data?key=t0ken")
    problem: BaseException | None = caught.value
    while problem:
        assert "s3cret" not in str(problem), "password in a message"
        assert "t0ken" not in str(problem), "query in a message"
        assert "bob" not in str(problem), "user in a message"
        problem = problem.__cause__
    assert "127.0.0.1" in str(caught.value)


def test_a_secret_goes_to_its_own_server_also_behind_a_redirect_and_to_no_other(httpserver: HTTPServer) -> None:
    seen: list[tuple[str, str]] = []

    def note(request: Request) -> Response:
        seen.append((request.path, request.headers.get("X-Key", "")))
        return Response("", 302, {"Location": other.url_for("/b")}) if request.path == "/a" else Response("fine")

    httpserver.expect_request("/a").respond_with_handler(note)
    with HTTPServer(host="127.0.0.1", port=0) as other:
        other.expect_request("/b").respond_with_handler(note)
        for server in (httpserver, other):
            secrets = {server_of(server.url_for("/")): {"X-Key": "k"}}
            all_of(Http(["127.0.0.0/8", "::1/128"], secrets=secrets), httpserver.url_for("/a"))
    assert seen == [("/a", "k"), ("/b", ""), ("/a", ""), ("/b", "k")]


def test_a_refused_address_says_what_the_operator_can_do(door: Door) -> None:
    with pytest.raises(Refused, match=r"ask the operator to allow 127\.0\.0\.1:8081"):
        all_of(door(allowed=()), "http://127.0.0.1:8081/?key=t0ken")
