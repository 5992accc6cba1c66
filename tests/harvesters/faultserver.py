"""A server on a raw loopback socket that misbehaves below HTTP: what no well-behaved server library can do."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

Answer = Callable[[socket.socket, bytes], None]


class FaultServer:
    """Answers every connection with ``answer(connection, request head)``, then closes it. Use as a context manager.

    Attributes:
        heads: the request heads received, in order.
    """

    def __init__(self, answer: Answer, certificate: tuple[str, str] | None = None) -> None:
        self.answer = answer
        self.heads: list[bytes] = []
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._tls: ssl.SSLContext | None = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def place(self) -> str:
        """Host and port, as the allow-list writes them."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"{'https' if self._tls else 'http'}://{self.place}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            connection, _ = self._listener.accept()
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, plain: socket.socket) -> None:
        with suppress(OSError), plain:
            connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            with connection:
                connection.settimeout(10)
                head = b""
                while b"\r\n\r\n" not in head:
                    part = connection.recv(4096)
                    if not part:
                        return
                    head += part
                self.heads.append(head)
                self.answer(connection, head)


def reply(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """A whole answer; ``length`` lies about its size."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + body


def says(answer: bytes) -> Answer:
    """Sends these bytes and hangs up."""
    return lambda connection, head: connection.sendall(answer)


def drips(start: bytes, drop: bytes = b"x", every: float = 0.05) -> Answer:
    """Sends ``start``, then one drop after another for ever, each well within any read time-out."""

    def answer(connection: socket.socket, head: bytes) -> None:
        connection.sendall(start)
        while True:
            time.sleep(every)
            connection.sendall(drop)

    return answer


def resets(start: bytes) -> Answer:
    """Sends ``start``, then breaks the connection off with a TCP reset."""

    def answer(connection: socket.socket, head: bytes) -> None:
        connection.sendall(start)
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer


def bomb(megabytes: int) -> bytes:
    """Zeros that are a thousand times smaller in gzip."""
    return gzip.compress(bytes(megabytes << 20))
