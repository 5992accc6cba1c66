"""One record ahead: while a worker writes one record, a thread of its own fetches and checks the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.core.errors import LostLease
from ckanext.digitalcity.core.model import Ref
from ckanext.digitalcity.core.pipeline import Kept
from ckanext.digitalcity.harvest.gathering import WITHDRAW
from ckanext.digitalcity.harvest.ledger import Taken, take
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.harvest.work import Bench, Looked, look

TRIES = 3
BEAT = 20.0  # seconds between two renewals of a lease, well below ledger.LEASE


class Grip:
    """What is held just now: the run while it is gathered, then one record after another."""

    def __init__(self) -> None:
        self.hold_on: Callable[[], None] = lambda: None
        self._last = 0.0
        self._dropped = threading.Event()

    def on(self, hold_on: Callable[[], None]) -> None:
        """Holds something else from here on."""
        self.hold_on, self._last = hold_on, time.monotonic()

    def drop(self) -> None:
        """The next beat ends whatever it is part of."""
        self._dropped.set()

    def beat(self) -> None:
        """Renews the lease, at most every ``BEAT`` seconds, however often it is called. Commits.

        Raises:
            LostLease: it is another's by now, or was dropped.
        """
        if self._dropped.is_set():
            raise LostLease("The worker ends.")
        if time.monotonic() - self._last > BEAT:
            self.hold_on()
            model.Session.commit()
            self._last = time.monotonic()


class BeatingStage(StorageStage):
    """A stage that renews the lease while bytes come in."""

    def __init__(self, beat: Callable[[], None]) -> None:
        super().__init__(config.stage_storage(), config.file_limit())
        self._beat = beat

    def put(self, chunks: Iterable[bytes]) -> Kept:
        return super().put(self._watched(chunks))

    def _watched(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._beat()
            yield chunk


@dataclass(frozen=True, slots=True)
class Hand:
    """A record that this worker holds, and the look at it: none where it was withdrawn or is given up.

    What goes wrong with the look is raised to whoever asks for its result.
    """

    taken: Taken
    ref: Ref
    looked: Future[Looked] | None


class Ahead:
    """Looks at records in a thread with a database session of its own, one at a time.

    Args:
        grip: the thread's own; the bench's stage beats it.
    """

    def __init__(self, bench: Bench, grip: Grip) -> None:
        self._bench, self._grip = bench, grip
        self._pool = ThreadPoolExecutor(1, "digitalcity-ahead")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._grip.drop()
        self._pool.shutdown(cancel_futures=True)

    def hands(self, run_id: str, first: Taken | None, over: Callable[[], bool]) -> Iterator[Hand]:
        """The run's free records, one after another, until none is left or it is over.

        Each has been looked at when it is given, and the look at the next has begun. A record that was tried before
        goes alone: should it end its worker, no other is to be blamed for it.
        """
        hand = self._begin(first)
        while hand:
            if hand.looked:
                wait([hand.looked])
            following = None if over() or hand.taken.tries > 1 else self._begin(take(run_id, untried=True))
            yield hand
            hand = following or (None if over() else self._begin(take(run_id)))

    def _begin(self, taken: Taken | None) -> Hand | None:
        if taken is None:
            return None
        ref = Ref(**taken.ref)
        needless = ref.hint.get(WITHDRAW) or taken.tries > TRIES
        return Hand(taken, ref, None if needless else self._pool.submit(self._look, taken, ref))

    def _look(self, taken: Taken, ref: Ref) -> Looked:
        self._grip.on(taken.hold_on)
        try:
            return look(self._bench, ref)
        finally:
            model.Session.remove()
