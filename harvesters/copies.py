"""Files that were read before and need not be sent again if they are still the same (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from ckanext.digitalcity.core.errors import Retriable

SURE = 60.0  # seconds a file must be old for its date to tell it from a later version (RFC 9110, section 8.8.2.2)


@dataclass(frozen=True, slots=True)
class Copy:
    """What we have of a file: the header that asks for another version only, its SHA-256, and its bytes."""

    header: Mapping[str, str]
    sha256: str
    read: Callable[[], Iterable[bytes]]


class Copies(Protocol):
    """Where they are. It may forget any of them: then the file is sent again."""

    def find(self, url: str) -> Copy | None:
        """The newest copy of what stands at an address."""
        ...

    def keep(self, url: str, header: Mapping[str, str], sha256: str) -> None:
        """Remembers that bytes which the caller keeps came from an address."""
        ...

    def forget(self, url: str) -> None:
        """Remembers nothing of an address."""
        ...


def condition(headers: Mapping[str, str]) -> dict[str, str]:
    """The header that asks only for another version than the one that came with ``headers``; empty if none can."""
    if etag := headers.get("ETag", ""):
        return {"If-None-Match": etag} if len(etag) <= 200 else {}
    changed, sent = _time(headers.get("Last-Modified")), _time(headers.get("Date"))
    if changed and sent and (sent - changed).total_seconds() >= SURE:
        return {"If-Modified-Since": headers["Last-Modified"]}
    return {}


def whole(copy: Copy, forget: Callable[[], None]) -> Iterator[bytes]:
    """The bytes of a copy, or an error if they are no longer those that were read.

    Raises:
        Retriable: they are damaged; ``forget`` was called, so the next try reads them anew.
    """
    digest = hashlib.sha256()
    for chunk in copy.read():
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != copy.sha256:
        forget()
        raise Retriable("The kept copy of a file that did not change is damaged.", "It will be read anew.")


def _time(text: str | None) -> datetime | None:
    """An HTTP date, which is always in GMT (RFC 9110, section 5.6.7); None if it is none."""
    try:
        return parsedate_to_datetime(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None
