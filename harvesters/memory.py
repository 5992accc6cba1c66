"""What is known of the servers we ask, for a while: shared by all workers where somebody lends a place to keep it."""

from __future__ import annotations

import time
from typing import Protocol


class Memory(Protocol):
    """Small texts under names, each forgotten after some seconds. It may forget sooner: nothing true depends on it."""

    def get(self, name: str) -> str:
        """What is kept under a name; "" if nothing is."""
        ...

    def several(self, *names: str) -> list[str]:
        """The same of several names, with one question."""
        ...

    def put(self, name: str, value: str, seconds: float) -> None:
        """Keeps a text, in place of what was there."""
        ...

    def first(self, name: str, value: str, seconds: float) -> bool:
        """Keeps a text only if there is none under that name: whether it was so. Of many at once one is the first."""
        ...

    def count(self, name: str, seconds: float) -> int:
        """Adds one to a number that begins with 0, and keeps it from now on."""
        ...

    def forget(self, *names: str) -> None:
        """Forgets at once."""
        ...


class OwnMemory:
    """The memory of one ``Http`` with which nobody shares one. For one thread."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, float]] = {}

    def get(self, name: str) -> str:
        value, until = self._kept.get(name, ("", 0.0))
        return value if until > time.monotonic() else ""

    def several(self, *names: str) -> list[str]:
        return [self.get(name) for name in names]

    def put(self, name: str, value: str, seconds: float) -> None:
        self._kept[name] = value, time.monotonic() + seconds

    def first(self, name: str, value: str, seconds: float) -> bool:
        if self.get(name):
            return False
        self.put(name, value, seconds)
        return True

    def count(self, name: str, seconds: float) -> int:
        number = int(self.get(name) or 0) + 1
        self.put(name, str(number), seconds)
        return number

    def forget(self, *names: str) -> None:
        for name in names:
            self._kept.pop(name, None)
