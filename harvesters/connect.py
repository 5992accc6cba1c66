"""Connections that check the address they really use, and never outlast their deadline."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from ckanext.digitalcity.core.errors import Refused

from .address import AddressPolicy
from .urls import origin_of


@dataclass(slots=True)
class Clock:
    """When the request under way must be over, in the seconds of ``time.monotonic``."""

    read: float
    end: float = 0.0


class _Punctual:
    """A socket that waits for no single receive beyond its request's end.

    A read time-out alone starts anew with every byte, so one byte a second would hold a worker for ever.
    """

    clock = Clock(read=30.0, end=float("inf"))
    end = float("inf")

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        remaining = self.end - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("The request took longer than it may.")
        self.settimeout(min(self.clock.read, remaining))  # type: ignore[attr-defined]
        return int(super().recv_into(*args, **kwargs))  # type: ignore[misc]


class _Socket(_Punctual, socket.socket):
    pass


class _TlsSocket(_Punctual, ssl.SSLSocket):
    pass


class GuardedAdapter(HTTPAdapter):
    """The one way out: every connection of ours is made by it.

    Args:
        policy: asked about each address at the moment of connecting, so a name cannot change its mind in between.
        clock: holds the end of the request under way; whoever sends a request sets it first.
        proxy: address of the operator's proxy; then every connection is made to it, and none to anybody else.
    """

    def __init__(self, policy: AddressPolicy, clock: Clock, proxy: str = "") -> None:
        self._policy, self._clock, self._proxy = policy, clock, proxy
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Makes the pools, with connections that know our policy and clock."""
        super().init_poolmanager(*args, ssl_context=_tls(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._policy, self._clock)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The same for connections to the proxy."""
        manager = super().proxy_manager_for(proxy, ssl_context=_tls(), **kwargs)
        manager.pool_classes_by_scheme = _pools(AddressPolicy.only(proxy), self._clock)
        return manager

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Sends through the proxy, if there is one, after asking the policy what is known here of the address.

        Raises:
            Refused: the name leads into a private network. One that only the proxy knows is left to its own rules.
        """
        if self._proxy:
            _, host, port = origin_of(request.url or "")
            with suppress(NameResolutionError):
                allowed_places(host, port or 443, self._policy)
            kwargs["proxies"] = {"http": self._proxy, "https": self._proxy}
        return super().send(request, *args, **kwargs)


def _tls() -> ssl.SSLContext:
    context = create_urllib3_context()
    context.load_default_certs()  # a council's own authority is in the system's store; requests adds the rest
    context.sslsocket_class = _TlsSocket
    return context


def _pools(policy: AddressPolicy, clock: Clock) -> dict[str, type[HTTPConnectionPool]]:
    class Guarded(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, policy, clock)

        def connect(self) -> None:
            super().connect()
            self._set_end()

        def request(self, *args: Any, **kwargs: Any) -> None:
            self._set_end()  # a connection used again has a new end
            super().request(*args, **kwargs)

        def _set_end(self) -> None:
            if isinstance(self.sock, _Punctual):
                self.sock.clock, self.sock.end = clock, clock.end

    class GuardedTls(Guarded, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Guarded

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = GuardedTls

    return {"http": Pool, "https": TlsPool}


def _connect(connection: HTTPConnection, policy: AddressPolicy, clock: Clock) -> socket.socket:
    """Connects to the host of a request.

    Raises:
        Refused: the policy allows none of its addresses.
    """
    host, port = connection.host.strip("[]"), int(connection.port or connection.default_port)
    allowed = allowed_places(host, port, policy, connection)
    try:
        return first_answering(allowed, float(connection.timeout or clock.read), clock.end)
    except TimeoutError as problem:
        raise ConnectTimeoutError(connection, "connect timed out") from problem
    except OSError as problem:
        raise NewConnectionError(connection, "connect failed") from problem


def first_answering(places: list[tuple[Any, ...]], patience: float, end: float) -> socket.socket:
    """Connects to the first of several addresses of one host that answers.

    Args:
        patience: seconds for each.
        end: when all must be over, in the seconds of ``time.monotonic``.

    Raises:
        OSError: none answers; ``TimeoutError`` if the last of them did not in time.
    """
    problem: OSError = OSError("no address")
    for family, kind, proto, _, address in places:
        wait = min(patience, end - time.monotonic())
        if wait <= 0:
            break
        sock = _Socket(family, kind, proto)
        try:
            sock.settimeout(wait)
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            problem = error
    raise problem


def allowed_places(
    host: str, port: int, policy: AddressPolicy, connection: HTTPConnection | None = None
) -> list[tuple[Any, ...]]:
    """The addresses of a host that policy allows, as ``socket.getaddrinfo`` gives them.

    Raises:
        Refused: it allows none of them.
        NameResolutionError: the name leads nowhere.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error  # type: ignore[arg-type]
    allowed = [entry for entry in found if policy.allows(host, str(entry[4][0]), port)]
    if not allowed:
        raise Refused(
            f"{host} is an address inside a private network, which sources are not read from.",
            f"If this is right, ask the operator to allow {host}:{port}.",
            reason="address-refused",
        )
    return allowed
