"""The demo city's web server: a sensor service and three publishers' files, on this machine alone.

Day 2 is the same city a day later: what lies in ``day2`` takes the place of the file of the same name.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from string import Template
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import shift_path_info

from ckanext.digitalcity.core.errors import Fatal

from .sensors import Entity, things
from .sensorthings_server import create_app

HERE = Path(__file__).parent
PUBLISHERS = ("council", "harbour", "llanwern-fach")
DAYS = (1, 2)
PAGE_SIZE = 250  # small, so that paging happens
MOST_FORM = 100  # bytes

Headers = list[tuple[str, str]]


class City:
    """The whole city as one WSGI application.

    Args:
        day: 1 or 2; the city's own page can change it too.
        clock: says how far the sensors have come; the present unless a test says otherwise.
    """

    def __init__(self, day: int = 1, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.day = day
        self._clock = clock
        self._hour: datetime | None = None
        self._sensors: Entity = {"Things": []}
        self._sensorthings = create_app(self._sensors, PAGE_SIZE)
        self._files = {day: _files(day) for day in DAYS}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        path, method = environ.get("PATH_INFO") or "/", environ["REQUEST_METHOD"]
        if path.startswith("/sensorthings/"):
            shift_path_info(environ)
            self._measure()
            return self._sensorthings(environ, start_response)
        if method == "POST" and path == "/day":
            self._turn(environ)
            status, headers, body = "303 See Other", [("Location", "/")], b""
        elif method not in ("GET", "HEAD"):
            status, headers, body = "405 Method Not Allowed", [("Allow", "GET, HEAD")], b""
        elif path == "/":
            status, headers, body = "200 OK", [("Content-Type", "text/html; charset=utf-8")], self._page()
        elif file := self._files[self.day].get(path):
            status, headers, body = _file(file, environ.get("HTTP_IF_NONE_MATCH", ""))
        else:
            status, headers, body = "404 Not Found", [("Content-Type", "text/plain")], b"There is no such file.\n"
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [b"" if method == "HEAD" else body]

    def _measure(self) -> None:
        """Lets the sensors catch up with the clock, once an hour."""
        now = self._clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._sensors["Things"] = things(now)
            self._hour = hour

    def _turn(self, environ: WSGIEnvironment) -> None:
        length = environ.get("CONTENT_LENGTH", "")
        body = environ["wsgi.input"].read(min(int(length), MOST_FORM)) if length.isdigit() else b""
        form = parse_qs(body.decode("ascii", "replace"))
        asked = form.get("day", [""])[0]
        self.day = next((day for day in DAYS if str(day) == asked), self.day)

    def _page(self) -> bytes:
        template = Template((HERE / "page.html").read_text("utf-8"))
        return template.substitute(day=self.day, other=2 if self.day == 1 else 1).encode()


def _files(day: int) -> dict[str, Path]:
    """Every address of a file on that day. Nothing else is served, so no address can lead out of the folders."""
    folders = [HERE] if day == 1 else [HERE, HERE / "day2"]
    return {
        f"/{path.relative_to(folder).as_posix()}": path
        for folder in folders
        for publisher in PUBLISHERS
        for path in sorted((folder / publisher).rglob("*"))
        if path.is_file()
    }


def _file(path: Path, known: str) -> tuple[str, Headers, bytes]:
    body = path.read_bytes()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = [("ETag", etag), ("Last-Modified", formatdate(path.stat().st_mtime, usegmt=True))]
    if etag in known:
        return "304 Not Modified", headers, b""
    return "200 OK", [*headers, ("Content-Type", "text/csv; charset=utf-8")], body


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Binds without asking the name service who we are, which can take seconds on a machine without one."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has in the library
        """Says nothing: every request of a harvest would be a line."""


def make_server(port: int, host: str = "127.0.0.1", city: City | None = None) -> WSGIServer:
    """A server that is bound but not running yet.

    Args:
        port: 0 takes any free one; see ``server_port``.

    Raises:
        Fatal: the port cannot be had.
    """
    try:
        server = _Server((host, port), _Quiet)
    except OSError as error:
        raise Fatal(
            f"The demo city cannot be served on port {port}: {error.strerror or error}.",
            "Choose another port, or leave it out and a free one is found.",
        ) from error
    server.set_app(city or City())
    return server


def serve(port: int = 0, host: str = "127.0.0.1", day: int = 1) -> None:
    """Serves the city until it is interrupted.

    Raises:
        Fatal: the port cannot be had.
    """
    with make_server(port, host, City(day)) as server:
        sys.stdout.write(f"Aberfal is at http://{host}:{server.server_port}/ on day {day}. Ctrl-C ends it.\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.stdout.write("\n")


def main(argv: Sequence[str] | None = None) -> None:
    """``python -m ckanext.digitalcity.demo.serve``."""
    parser = argparse.ArgumentParser(description="Serve the demo city's sources on this machine.")
    parser.add_argument("--port", type=int, default=0, help="a free one is found if you give none")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--day", type=int, choices=DAYS, default=1, help="2: the same city a day later")
    serve(**vars(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
