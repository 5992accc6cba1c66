"""How we treat a server: not too fast, and left alone for a while if it asks for that or keeps failing."""

from __future__ import annotations

import time

from ckanext.digitalcity.core.errors import Resting, Skippable

from .memory import Memory, OwnMemory

SOON = 5.0  # seconds that are waited for here; a longer wait is left to whoever called
FORGET = 86_400.0  # seconds after its last failure from which a server has a clean record
PROBE = 30.0  # seconds in which one of us alone tries whether a server is well again


class Manners:
    """What all who share a memory know of each server, and hold to.

    Args:
        memory: where that is kept.
        rate: most requests a second to one server; 0 is no limit.
        failures: so many in a row are the end of asking, for ``rest`` seconds. Then one request tries again.
        rest: seconds.
        patience: seconds after which a server that has failed all the time is given up for this run.
    """

    def __init__(
        self,
        memory: Memory | None = None,
        *,
        rate: float = 0.0,
        failures: int = 5,
        rest: float = 60.0,
        patience: float = 600.0,
    ) -> None:
        self.memory = memory or OwnMemory()
        self._gap = 1 / rate if rate else 0.0
        self._failures, self._rest, self._patience = failures, rest, patience
        self._troubled: set[str] = set()  # servers of which something is to be forgotten once they work

    def before(self, server: str, gap: float = 0.0) -> None:
        """Waits until a request may be sent.

        Args:
            gap: seconds between two requests that the server has asked for.

        Raises:
            Resting: it is to be left alone for longer than is waited for here.
            Skippable: it has been failing for so long that this run can do without it (reason ``unreachable``).
        """
        rest, failures = self.memory.several(f"rest {server}", f"failures {server}")
        left = float(rest or 0) - time.time()
        if left > SOON:
            self._give_up(server)
            raise _resting(server, left)
        if left > 0:
            time.sleep(left)
            failures = self.memory.get(f"failures {server}")
        if failures:
            self._troubled.add(server)
        bad = int(failures or 0) >= self._failures
        if bad and not self.memory.first(f"probe {server}", "1", PROBE):
            raise _resting(server, SOON)
        gap = max(gap, self._gap)
        while gap and not self.memory.first(f"turn {server}", "1", gap):
            time.sleep(gap / 5)

    def failed(self, server: str, after: float | None = None) -> None:
        """It is in trouble; ``after`` are the seconds it asked us to wait, if it did."""
        self._troubled.add(server)
        self.memory.first(f"since {server}", str(time.time()), FORGET)
        bad = self.memory.count(f"failures {server}", FORGET) >= self._failures
        wait = max(after or 0.0, self._rest if bad else 0.0)
        if wait and time.time() + wait > float(self.memory.get(f"rest {server}") or 0):
            self.memory.put(f"rest {server}", str(time.time() + wait), wait)
        self.memory.forget(f"probe {server}")

    def worked(self, server: str) -> None:
        """It answered as it should. A rest that it asked for goes on: this answer may be to an older question."""
        if server in self._troubled:
            self.memory.forget(f"failures {server}", f"since {server}", f"probe {server}")
            self._troubled.remove(server)

    def _give_up(self, server: str) -> None:
        since = float(self.memory.get(f"since {server}") or time.time())
        if time.time() - since > self._patience:
            raise Skippable(
                f"{server} has been failing for more than {self._patience / 60:.0f} minutes.",
                "It is asked again at the next run.",
                reason="unreachable",
            )


def _resting(server: str, left: float) -> Resting:
    return Resting(
        f"{server} is left alone for now, because it asked for that or kept failing.",
        "Nothing needs to be done: it is asked again later.",
        left,
    )
