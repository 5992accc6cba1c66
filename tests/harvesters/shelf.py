"""Copies of files that were read before, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ckanext.digitalcity.harvesters.copies import Copy


class Shelf:
    """What ``Copies`` promises, and the stage that keeps the bytes."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[Mapping[str, str], str]] = {}
        self.bytes: dict[str, bytes] = {}

    def find(self, url: str) -> Copy | None:
        header, sha256 = self.known.get(url, ({}, ""))
        return Copy(header, sha256, lambda: iter([self.bytes[sha256]])) if sha256 in self.bytes else None

    def keep(self, url: str, header: Mapping[str, str], sha256: str) -> None:
        self.known[url] = header, sha256

    def forget(self, url: str) -> None:
        del self.known[url]

    def stage(self, body: bytes) -> bytes:
        """What the engine does with what it read."""
        self.bytes[hashlib.sha256(body).hexdigest()] = body
        return body
