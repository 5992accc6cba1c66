"""Addresses taken apart: what of them may be shown, and whose hands they are in."""

from __future__ import annotations

from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from ckanext.digitalcity.core.errors import Refused


def split(url: str) -> SplitResult:
    """An address in its parts; one that cannot be taken apart has none."""
    try:
        found = urlsplit(url)
        _ = found.port  # only now is it looked at
    except ValueError:
        return urlsplit("")
    return found


def join(base: str, reference: str) -> str:
    """An address that may be relative, made absolute; what is none stays as it is."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def shown(url: str) -> str:
    """An address as it may be shown: without password and query, and not endlessly long."""
    parts = split(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:200]


def public_url(url: str) -> str:
    """An address as it may be published: without a password."""
    parts = split(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


PORTS = {"http": 80, "https": 443, "sftp": 22}


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port (RFC 6454): two addresses with the same are in the same hands."""
    parts = split(url)
    port = parts.port or PORTS.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port


def server_of(url: str) -> str:
    """The same in words, for keys and messages."""
    scheme, host, port = origin_of(url)
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" + ("" if port == PORTS.get(scheme) else f":{port}")


def without_login(url: str) -> tuple[str, tuple[str, str] | None]:
    """Takes user and password out of an address.

    Raises:
        Refused: the address is not http(s), or no address at all.
    """
    parts = split(url)
    usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    if not usable:
        raise Refused(
            "Only addresses that begin with http:// or https:// and name a server are read.",
            "Correct the address.",
            reason="bad-address",
        )
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return public_url(url), login
