"""A council whose files are handed out only as a test allows: who is killed meanwhile is certainly in mid-work."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from world import Council

AWAKE = 5.0  # seconds between two signs of life to whoever waits, well below harvesters.http's patience with silence


class GatedCouncil(Council):
    """Every file is asked for in vain until it is let through; the index is not held up."""

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self._free = threading.Semaphore(0)
        self.meanwhile: dict[str, Callable[[], None]] = {}  # what happens before a file goes, by the file's name

    def let(self, number: int) -> None:
        """So many more files may go."""
        for _ in range(number):
            self._free.release()

    def open(self) -> None:
        """All files may go from here on."""
        self._free.release(1_000_000)

    def _file(self, request: Request) -> Response:
        if request.method == "GET":
            connection: socket.socket = request.environ["werkzeug.socket"]
            while not self._free.acquire(timeout=AWAKE):
                if _gone(connection):
                    return Response()
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            if _gone(connection):  # it was killed while it waited: what it was let is another's
                self._free.release()
                return Response()
            self.meanwhile.pop(request.args["name"], lambda: None)()
        return super()._file(request)


def _gone(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@pytest.fixture
def gated(portal: Any) -> Iterator[GatedCouncil]:
    """A council on a server of its own, which can keep several waiting at once."""
    with HTTPServer(host="127.0.0.1", port=0, threaded=True) as server:
        council = GatedCouncil(server)
        yield council
        council.open()
