"""Versions of records: what they say, and what servers say of the age of the files they lead to."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from .http import Http
from .urls import split

PATIENCE = 3  # files in a row without a validator after which a host is not asked for more
SECONDS = 60.0  # that the files of one record may take: whoever gathers must give a sign of life in between


class Versions:
    """Makes versions during one run: it remembers which hosts never say how old a file is."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self._silent: Counter[str] = Counter()

    def of(self, facts: Any, urls: Iterable[str]) -> str | None:
        """A hash of what a record says and of its files' validators.

        Args:
            facts: JSON-serialisable.
            urls: the addresses of its files.

        Returns:
            None if a server offers no validator, or they take too long, so that the record has to be read again.
        """
        validators: list[str] = []
        end = time.monotonic() + SECONDS
        for url in urls:
            host = split(url).netloc
            if time.monotonic() > end:
                return None
            validator = self.http.head_version(url) if self._silent[host] < PATIENCE else None
            if validator is None:
                self._silent[host] += 1
                return None
            self._silent[host] = 0
            validators.append(validator)
        return digest([facts, validators])


def digest(facts: Any) -> str:
    """SHA-256 of a JSON value, the same for the same content."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
