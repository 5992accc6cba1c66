"""The way to SFTP servers (draft-ietf-secsh-filexfer-02): by the same rules of addresses and manners as ``http``."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import finalize

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from urllib3.exceptions import NameResolutionError

from ckanext.digitalcity.core.errors import Fatal, Refused, Retriable, Skippable

from .connect import allowed_places, first_answering
from .http import Http
from .urls import PORTS, server_of, split

KINDS: dict[type[Any], type[paramiko.PKey]] = {
    Ed25519PrivateKey: paramiko.Ed25519Key,
    EllipticCurvePrivateKey: paramiko.ECDSAKey,
    RSAPrivateKey: paramiko.RSAKey,
}
ARMOUR = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)(.+?)(-----END [A-Z ]*PRIVATE KEY-----)", re.DOTALL)
IDLE = 20.0  # seconds without a word after which a conversation may have been ended by the other side
BROKEN = (paramiko.SSHException, EOFError, OSError, struct.error, UnicodeDecodeError)


def fingerprint(key: paramiko.PKey) -> str:
    """What people compare: as ``ssh-keygen -l`` shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def private_key(text: str) -> paramiko.PKey | None:
    """A private key without a passphrase, also one whose line breaks got lost on the way; None if it is none."""
    if not (found := ARMOUR.search(text)):
        return None
    lines = [found[1], *re.findall(".{1,64}", re.sub(r"\s", "", found[2])), found[3], ""]
    load = load_ssh_private_key if "OPENSSH" in found[1] else load_pem_private_key
    try:  # by way of cryptography: paramiko's own reader trips over some curves
        key: Any = load("\n".join(lines).encode(), None)
        usual = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
        kind = next(theirs for ours, theirs in KINDS.items() if isinstance(key, ours))
        read: paramiko.PKey = kind.from_private_key(io.StringIO(usual))
        return read
    except (ValueError, TypeError, StopIteration, UnsupportedAlgorithm, paramiko.SSHException):
        return None


class SftpDoor:
    """One server, and the conversation with it, which goes on from file to file: making one takes long.

    Args:
        http: has the policy of addresses, what is known of servers, and the login that is kept for this one.
        host_key: the fingerprint that the server's key must have; the login is sent to no other.
    """

    def __init__(self, http: Http, address: str, host_key: str) -> None:
        self._http, self._address, self._host_key = http, address, host_key
        self.server = server_of(address)
        self._client: paramiko.SFTPClient | None = None
        self._used = 0.0

    @contextmanager
    def session(self) -> Iterator[paramiko.SFTPClient]:
        """A conversation. Whatever goes wrong in the block comes out as an error of ours.

        Raises:
            Fatal: there is no login, or the server has another key.
            Refused: the policy does not allow its address, or there is only a proxy.
            Skippable: the server does not let us in, or the file is gone.
            Retriable: whatever may pass by itself.
        """
        self._http.manners.before(self.server)
        try:
            if self._client is None or time.monotonic() - self._used > IDLE:
                self._client = self._opened()
            yield self._client
        except paramiko.AuthenticationException:
            raise Skippable(
                f"{self.server} does not let us in.", "Check the name and password that are kept for it.", "no-access"
            ) from None
        except PermissionError:
            raise Skippable(
                f"{self.server} does not let us read this.", "Ask its owner for access.", "no-access"
            ) from None
        except FileNotFoundError:
            raise Skippable(
                f"What was looked for is not on {self.server} any more.", "Correct the address.", "file-gone"
            ) from None
        except BROKEN:
            self._client = None
            self._http.manners.failed(self.server)
            raise Retriable(f"The connection to {self.server} failed or broke off.", "Try again later.") from None
        except GeneratorExit:
            self._client = None  # answers that nobody waits for any more may still be under way
            raise
        self._http.manners.worked(self.server)
        self._used = time.monotonic()

    def _opened(self) -> paramiko.SFTPClient:
        login = self._http.login_of(self._address)
        if login is None:
            raise Fatal(
                f"No login is kept for {self.server}.",
                "Enter name and password under “Logins for servers” of the organisation.",
            )
        transport = paramiko.Transport(self._connected())
        try:
            self._enter(transport, login)
            client = paramiko.SFTPClient.from_transport(transport)
            channel = client.get_channel() if client else None
            if client is None or channel is None:
                raise paramiko.SSHException
            channel.settimeout(self._http.limits.read)
        except BaseException:
            transport.close()
            raise
        finalize(client, transport.close)
        return client

    def _connected(self) -> socket.socket:
        parts = split(self._address)
        host, port = parts.hostname or "", parts.port or PORTS["sftp"]
        if self._http.proxy:
            raise Refused(
                "This portal reaches the network through a proxy, which SFTP cannot use.",
                "Ask the operator for another way.",
                reason="address-refused",
            )
        try:
            places = allowed_places(host, port, self._http.policy)
        except NameResolutionError:
            raise Retriable(
                f"No server called {host} could be found.", "Check the address for a slip of the pen."
            ) from None
        limits = self._http.limits
        return first_answering(places, limits.connect, time.monotonic() + limits.total)

    def _enter(self, transport: paramiko.Transport, login: tuple[str, str]) -> None:
        """Makes sure of the server before it is told who we are."""
        wait = self._http.limits.read
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = wait
        transport.channel_timeout = wait
        transport.start_client(timeout=wait)
        seen = fingerprint(transport.get_remote_server_key())
        if seen != self._host_key.rstrip("="):
            wrong = "which is not the one in the recipe" if self._host_key else "and the recipe says none"
            raise Fatal(
                f"The key of {self.server} is {seen}, {wrong}.",
                "Compare it with what the server’s owner tells you by another way, and write it under “host_key”.",
            )
        name, secret = login
        key = private_key(secret)
        if key:
            transport.auth_publickey(name, key)
        else:
            transport.auth_password(name, secret)
