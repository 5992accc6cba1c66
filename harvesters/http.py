"""The only door to the network: careful reading of addresses that strangers wrote."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import requests
from urllib3 import Retry
from urllib3.exceptions import HTTPError, InvalidHeader, NameResolutionError

from ckanext.digitalcity.core.errors import Refused, Retriable, Skippable

from .address import AddressPolicy
from .connect import Clock, GuardedAdapter
from .copies import Copies, condition, whole
from .json_answer import value_of
from .manners import SOON, Manners
from .robots import MOST, Robots
from .unpack import CHUNK, gunzip
from .urls import join, origin_of, server_of, shown, split, without_login

T = TypeVar("T")
Login = tuple[str, str] | requests.auth.AuthBase

BUSY = {408, 425, 429, 500, 502, 503, 504}
STORM = {429, 502, 503, 504}  # of the whole server; a 500 may be one broken file among sound ones
REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one request may cost. Times in seconds, sizes in bytes.

    Attributes:
        read: longest silence.
        total: longest time from asking to the last byte.
        bytes: most bytes of a file, unpacked.
        json: most bytes of a JSON answer, unpacked.
        depth: most levels of nesting in a JSON answer.
        retries: further tries of a request that failed in a way that may pass.
        pause: before the first of them; doubled each time.
        patience: most that a Retry-After can make us wait.
    """

    connect: float = 10.0
    read: float = 30.0
    total: float = 300.0
    bytes: int = 1 << 30
    json: int = 64 << 20
    depth: int = 64
    redirects: int = 5
    retries: int = 2
    pause: float = 0.5
    patience: float = 3600.0


class _Session(requests.Session):
    """requests without its own idea of where a redirect leads: even unasked it takes Location apart, and trips."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Http:
    """Reads http(s) addresses within limits. For one thread; the environment's proxies and passwords are ignored.

    Every method raises ``Retriable`` for what may pass by itself (time-out, refused connection, unknown host,
    certificate that does not verify, 429, 5xx, an answer cut short), ``Refused`` for what our rules forbid, and
    ``Skippable`` for the rest (reason ``file-gone`` for 404 and 410). No message quotes a query or a password.

    Args:
        allowed: exceptions to the rule that only public addresses are read; see ``AddressPolicy.parse``.
        user_agent: who asks, and how to reach them.
        manners: what is known of the servers; this door's own, without a limit of speed, if left out.
        robots: asked about every address; nobody is asked if left out.
        secrets: headers for single servers (``server_of``), sent to them and to no other: server -> name -> value.
        proxy: address of the operator's proxy, through which everything is asked; none if empty.
        copies: of files that were read before; every file is sent anew if left out.
    """

    def __init__(
        self,
        allowed: Iterable[str] = (),
        user_agent: str = "ckanext-digitalcity",
        limits: HttpLimits | None = None,
        manners: Manners | None = None,
        robots: Robots | None = None,
        secrets: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        proxy: str = "",
        copies: Copies | None = None,
    ) -> None:
        self.limits = limits or HttpLimits()
        self.policy, self.proxy = AddressPolicy.parse(allowed), proxy
        self.manners = manners or Manners()
        self._robots, self._secrets, self._copies = robots, secrets, copies
        self._signers: dict[str, requests.auth.AuthBase] = {}
        self._clock = Clock(read=self.limits.read)
        self._session = _Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip"})
        adapter = GuardedAdapter(self.policy, self._clock, proxy)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def login_of(self, url: str) -> tuple[str, str] | None:
        """The name and password that are kept for a server; None if there are none (RFC 7617)."""
        kind, _, carried = self._secrets.get(server_of(url), {}).get("Authorization", "").partition(" ")
        if kind != "Basic":
            return None
        name, _, password = base64.b64decode(carried).decode().partition(":")
        return name, password

    def sign(self, url: str, signer: Callable[[str, str], requests.auth.AuthBase]) -> None:
        """From now on requests to this server are signed with its name and password, which are not sent themselves."""
        if login := self.login_of(url):
            self._signers[server_of(url)] = signer(*login)

    def get_json(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        numbers: Callable[[str], Any] = float,
        limit: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Reads a JSON answer (RFC 8259).

        Args:
            params: added to the address as its query.
            numbers: makes a value of a number with a fraction or exponent; ``Decimal`` keeps it as it was written.
            limit: most bytes, where it is fewer than any JSON answer may have.
            headers: sent beside ours, and to no other server than this one.

        Raises:
            Skippable: it is something else (reason ``html`` or ``not-json``), too large or too deep.
        """
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, safe="$(),;/'", quote_via=quote)
        body = self.get_bytes(url, limit or self.limits.json, accept="application/json", headers=headers)
        return value_of(body, shown(url), numbers, self.limits.depth)

    def get_bytes(
        self,
        url: str,
        limit: int,
        *,
        accept: str = "*/*",
        headers: Mapping[str, str] | None = None,
        question: bytes | None = None,
    ) -> bytes:
        """Reads an answer as a whole, unpacked.

        Args:
            limit: most bytes; more raise ``Skippable`` with reason ``too-large``.
            question: XML that is sent by POST, for services that cannot be asked otherwise. It must change nothing
                there, for it may be asked twice.
        """
        ask = partial(self._open, "POST" if question else "GET", url, accept, headers, question=question)
        return self._patiently(lambda: b"".join(self._body(ask(), url, limit)))

    def read(self, url: str) -> Iterator[bytes]:
        """Opens a file and yields its bytes, unpacked, in small chunks. Nothing is asked before the first is taken.

        A file that was read before and is still the same need not be sent again: then its copy's bytes are yielded.
        """
        copies = self._copies
        copy = copies.find(url) if copies else None
        asked, fine = (dict(copy.header), (200, 304)) if copy else ({}, (200,))
        response = self._patiently(lambda: self._open("GET", url, "*/*", asked, fine))
        if copies and copy and response.status_code == 304:
            response.close()
            yield from whole(copy, lambda: copies.forget(url))
        else:
            yield from self._keeping(url, self._body(response, url, self.limits.bytes), condition(response.headers))

    def once(self, name: str, lasting: timedelta, make: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        """What ``make`` gives; or what it gave before under the same name, if that is kept and no older than lasting.

        So what a stop left half done need not begin again.
        """
        copies, now = self._copies, datetime.now(UTC)
        copy = copies.find(name) if copies else None
        if copies and copy and now - lasting <= datetime.fromisoformat(copy.header["read"]):
            yield from whole(copy, lambda: copies.forget(name))
        else:
            yield from self._keeping(name, make(), {"read": now.isoformat()})

    def _keeping(self, name: str, chunks: Iterator[bytes], header: Mapping[str, str]) -> Iterator[bytes]:
        """The bytes; once all were taken it is remembered which they were, unless nothing tells them from others."""
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
            yield chunk
        if header and self._copies:
            self._copies.keep(name, header, digest.hexdigest())

    def head_version(self, url: str) -> str | None:
        """Something that changes when the file does: its ETag, or its date and length (RFC 9110, section 8.8).

        Returns:
            None if the server does not say or cannot be asked. Asked once; never raises for the far end's sake.
        """
        try:
            with closing(self._open("HEAD", url, "*/*")) as response:
                headers = response.headers
        except (Retriable, Skippable):
            return None
        if etag := headers.get("ETag"):
            return etag[:200]
        date, length = headers.get("Last-Modified"), headers.get("Content-Length")
        return f"{date} {length}"[:200] if date and length else None

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Asks again after a short pause when the trouble may pass by itself."""
        for attempt in range(self.limits.retries + 1):
            try:
                return ask()
            except Retriable as problem:
                wait = self.limits.pause * 2**attempt if problem.after is None else problem.after
                if attempt == self.limits.retries or wait > SOON:
                    raise
                time.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _open(
        self,
        method: str,
        url: str,
        accept: str,
        headers: Mapping[str, str] | None = None,
        fine: Collection[int] = (200,),
        question: bytes | None = None,
    ) -> requests.Response:
        """Follows redirects to an answer that is fine. Each hop goes through the same guarded door."""
        url, login = without_login(url)
        origin = origin_of(url)
        end = 0.0
        for _ in range(self.limits.redirects + 1):
            # a password or a header is for the host it was given for, and for no other
            same = origin_of(url) == origin
            signer = self._signers.get(server_of(url))
            secrets = {} if signer else self._secrets.get(server_of(url), {})
            sent = {"Accept": accept, **((headers or {}) if same else {}), **secrets}
            sent |= {"Content-Type": "application/xml"} if question else {}
            self.manners.before(server_of(url), self._gap(url))
            end = end or time.monotonic() + self.limits.total  # waiting our turn is not part of it
            self._clock.end = end
            response = self._asked(method, url, sent, signer or (login if same else None), question)
            target = response.headers.get("Location") if response.status_code in REDIRECTS else None
            if target is None:
                break
            response.close()
            url, _nobody = without_login(join(url, target.encode("latin-1", "replace").decode("utf-8", "replace")))
        else:
            raise Skippable(
                f"{shown(url)} sends us on more than {self.limits.redirects} times.",
                "Use the address it should end at.",
                reason="redirects",
            )
        if response.status_code not in fine:
            response.close()
            raise self._fault(response, url)
        return response

    def _gap(self, url: str) -> float:
        """Seconds between two requests that the server wants, if it does not mind our reading the address at all."""
        return self._robots.gap(url, lambda place: self.get_bytes(place, MOST)) if self._robots else 0.0

    def _asked(
        self, method: str, url: str, headers: Mapping[str, str], login: Login | None, question: bytes | None
    ) -> requests.Response:
        """Sends, and keeps in mind how the server fared. Some fail on every HEAD and are well otherwise."""
        try:
            response = self._send(method, url, headers, login, question)
        except Retriable:
            if method != "HEAD":
                self.manners.failed(server_of(url))
            raise
        if response.status_code in STORM:
            if method != "HEAD":
                self.manners.failed(server_of(url), self._after(response.headers.get("Retry-After")))
        elif response.status_code < 500 and (response.status_code != 200 or method == "HEAD"):  # a body must come whole
            self.manners.worked(server_of(url))
        return response

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], login: Login | None, question: bytes | None
    ) -> requests.Response:
        try:
            return self._session.request(
                method,
                url,
                headers=dict(headers),
                data=question,
                auth=login,
                stream=True,
                allow_redirects=False,
                timeout=(self.limits.connect, self.limits.read),
            )
        except (requests.RequestException, HTTPError, ValueError) as error:
            raise _as_ours(error, url) from None  # what it says quotes the query

    def _fault(self, response: requests.Response, url: str) -> Retriable | Skippable:
        status, where = response.status_code, shown(url)
        if status in BUSY or status > 504:
            after = self._after(response.headers.get("Retry-After"))
            return Retriable(f"{where} answered with an error of its own (HTTP {status}).", "Try again later.", after)
        if status in (404, 410):
            return Skippable(f"There is nothing at {where} (HTTP {status}).", "Correct the address.", "file-gone")
        if status in (401, 403):
            return Skippable(f"{where} does not let us in (HTTP {status}).", "Ask its owner for access.", "no-access")
        if status == 206:
            return Skippable(f"{where} sent only a part, which nobody asked for.", "Tell whoever runs it.", "partial")
        return Skippable(f"{where} did not send the file (HTTP {status}).", "Check the address.", "unexpected-answer")

    def _after(self, header: str | None) -> float | None:
        """Seconds of a Retry-After (RFC 9110, section 10.2.3), at most our patience."""
        if not header:
            return None
        try:
            return max(0.0, min(float(Retry().parse_retry_after(header)), self.limits.patience))
        except (InvalidHeader, ValueError, OverflowError):
            return None

    def _body(self, response: requests.Response, url: str, limit: int) -> Iterator[bytes]:
        """The unpacked bytes, counted."""
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        chunks = self._raw(response, url)
        if packing in ("gzip", "x-gzip"):
            chunks = gunzip(chunks)
        elif packing not in ("", "identity"):
            response.close()
            raise Skippable(f"{shown(url)} is packed in a way we did not ask for.", reason="unreadable")
        size = 0
        with closing(response):
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise Skippable(
                        f"{shown(url)} is larger than {limit} bytes once unpacked, the most that is read.",
                        "Publish it in smaller parts.",
                        reason="too-large",
                    )
                yield chunk
        self.manners.worked(server_of(response.url))

    def _raw(self, response: requests.Response, url: str) -> Iterator[bytes]:
        """The bytes as they come. Fewer than were announced are an error, which urllib3 raises."""
        try:
            while chunk := response.raw.read1(CHUNK, decode_content=False):
                yield chunk
        except (HTTPError, OSError) as error:
            self.manners.failed(server_of(response.url))
            raise _as_ours(error, url) from None


def _as_ours(error: Exception, url: str) -> Retriable | Skippable:
    """Their error as one of ours, in words that quote nothing."""
    host = split(url).hostname
    if isinstance(error, ValueError):
        return Refused(f"{shown(url)} is not an address that can be read.", "Correct the address.", "bad-address")
    if isinstance(error, requests.exceptions.SSLError):
        return Retriable(
            f"The secure connection to {host} could not be made: its certificate is not valid here.",
            "Ask its owner to renew the certificate. Checking it is never left out.",
        )
    if isinstance(getattr(error.args[0] if error.args else None, "reason", None), NameResolutionError):
        return Retriable(f"No server called {host} could be found.", "Check the address for a slip of the pen.")
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return Retriable(f"{host} did not answer in time.", "Try again later.")
    return Retriable(f"The connection to {host} failed or broke off.", "Try again later.")
