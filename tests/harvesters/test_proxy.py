"""Reading through the operator's proxy: everything goes there, and what may not be read still may not."""

from __future__ import annotations

import select
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from ckanext.digitalcity.core.errors import Refused, Retriable
from ckanext.digitalcity.harvesters.http import Http, HttpLimits


class Proxy(socketserver.ThreadingTCPServer):
    """Passes requests on, with CONNECT too (RFC 9110, section 9.3.6); every name it is asked for is this machine."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Passing(socketserver.StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        first = head.partition(b"\r\n")[0].decode()
        self.server.asked.append(first.rpartition(" ")[0])
        method, target, _ = first.split(" ")
        place = target if method == "CONNECT" else target.split("/")[2]
        there = socket.create_connection(("127.0.0.1", int(place.rpartition(":")[2])))
        with there:
            if method == "CONNECT":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                path = "/" + "/".join(target.split("/")[3:])
                there.sendall(head.replace(target.encode(), path.encode(), 1))
            self._pass(there)

    def _pass(self, there: socket.socket) -> None:
        while True:
            for one in select.select([there, self.connection], [], [], 5)[0]:
                data = one.recv(65536)
                if not data:
                    return
                (self.connection if one is there else there).sendall(data)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.fixture
def door(proxy: Proxy) -> Callable[..., Http]:
    def make(*allowed: str) -> Http:
        return Http(allowed, limits=HttpLimits(retries=0, connect=2, read=2), proxy=proxy.url)

    return make


def read(http: Http, url: str) -> bytes:
    return b"".join(http.read(url))


def test_everything_is_asked_through_the_proxy_also_by_names_that_only_it_knows(
    httpserver: HTTPServer, proxy: Proxy, door: Callable[..., Http]
) -> None:
    httpserver.expect_request("/a").respond_with_data("fine")
    url = f"http://files.council.invalid:{httpserver.port}/a"
    assert read(door(), url) == b"fine"
    assert proxy.asked == [f"GET {url}"]


def test_a_secure_connection_goes_through_the_proxy_unread_and_its_certificate_is_verified(
    proxy: Proxy, door: Callable[..., Http], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed, so no certificate can be made")
    paths = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
               "-subj", "/CN=council", "-addext", "subjectAltName=DNS:files.council.invalid",
               "-out", paths[0], "-keyout", paths[1]]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    with HTTPServer(host="127.0.0.1", port=0, ssl_context=context) as server:
        server.expect_request("/a").respond_with_data("fine")
        url = f"https://files.council.invalid:{server.port}/a"
        with pytest.raises(Retriable, match="certificate"):
            read(door(), url)
        monkeypatch.setenv("SSL_CERT_FILE", paths[0])
        assert read(door(), url) == b"fine"
    assert proxy.asked == [f"CONNECT files.council.invalid:{server.port}"] * 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://10.0.0.1/", "http://[::ffff:169.254.169.254]/latest"])
def test_a_private_address_is_refused_before_the_proxy_is_asked(
    proxy: Proxy, door: Callable[..., Http], url: str
) -> None:
    with pytest.raises(Refused) as caught:
        read(door(), url)
    assert caught.value.reason == "address-refused"
    assert proxy.asked == []


def test_a_redirect_to_a_private_address_is_refused_too(
    httpserver: HTTPServer, proxy: Proxy, door: Callable[..., Http]
) -> None:
    httpserver.expect_request("/a").respond_with_data(status=302, headers={"Location": "http://10.0.0.1/b"})
    with pytest.raises(Refused):
        read(door(), f"http://files.council.invalid:{httpserver.port}/a")
    assert len(proxy.asked) == 1


def test_what_the_operator_allows_is_read_through_the_proxy(
    httpserver: HTTPServer, proxy: Proxy, door: Callable[..., Http]
) -> None:
    httpserver.expect_request("/a").respond_with_data("fine")
    url = f"http://127.0.0.1:{httpserver.port}/a"
    assert read(door("127.0.0.0/8"), url) == b"fine"
    assert proxy.asked == [f"GET {url}"]


def test_a_proxy_that_does_not_answer_is_worth_another_try() -> None:
    with pytest.raises(Retriable):
        read(Http(limits=HttpLimits(retries=0), proxy="http://127.0.0.1:1"), "http://files.council.invalid/a")
