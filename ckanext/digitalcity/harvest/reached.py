"""How far records have come before they are dealt with, for whoever watches a run: noted now and then."""

from __future__ import annotations

import time

from ckanext.digitalcity.harvest.ledger import note_reached

EVERY = 1.0  # seconds


class Reached:
    """Notes of several threads, of which one writes them into the ledger."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}
        self._last = time.monotonic()

    def note(self, task_id: str, reached: str) -> None:
        """A record was ``fetched`` or ``checked``."""
        self._notes[task_id] = reached

    def write_in_time(self) -> None:
        """Writes, if it is time to. Commits."""
        if time.monotonic() - self._last > EVERY:
            self.write()

    def write(self) -> None:
        """Writes what was noted. Commits."""
        notes, self._last = dict(self._notes), time.monotonic()
        for id_ in note_reached(notes) if notes else ():
            if self._notes[id_] == notes[id_]:  # else it has come further meanwhile
                del self._notes[id_]
