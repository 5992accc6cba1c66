"""Ahead of the writing: while a worker writes some records, a thread of its own fetches and checks the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import Queue
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
MOST = 20  # records that have been looked at and wait to be written


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

    @property
    def dropped(self) -> bool:
        """Whether it was let go for good."""
        return self._dropped.is_set()

    def beat(self) -> None:
        """Renews the lease, at most every ``BEAT`` seconds, however often it is called. Commits.

        Raises:
            LostLease: it is another's by now, or was dropped.
        """
        if self.dropped:
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


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """A record that this worker holds, and the look at it: none where it was withdrawn or is given up.

    What went wrong with the look is raised to whoever asks for its result.
    """

    taken: Taken
    ref: Ref
    looked: Future[Looked] | None

    @property
    def seen(self) -> Looked:
        """What was seen of it.

        Raises:
            DigitalCityError: what went wrong.
        """
        assert self.looked
        return self.looked.result()

    @property
    def light(self) -> bool:
        """Whether it can be written together with others: nothing went wrong, and it is new or as it was."""
        return self.looked is not None and self.looked.exception() is None and self.seen.light


class Ahead:
    """Looks at records in a thread with a database session of its own, one after another.

    Args:
        grip: the thread's own; the bench's stage beats it.
    """

    def __init__(self, bench: Bench, grip: Grip) -> None:
        self._bench, self._grip = bench, grip
        self._pool = ThreadPoolExecutor(2, "digitalcity-ahead")  # one thread looks, one takes records for it
        self._ready: Queue[Hand | None] = Queue()
        self._room = threading.Semaphore(MOST)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._grip.drop()
        self._room.release()
        self._pool.shutdown()
        if left := [hand for hand in self._waiting() if hand]:
            model.Session.rollback()  # whatever ended us may have left the session unusable
            for hand in left:
                hand.taken.put_back(untried=True)

    def hands(self, run_id: str, first: Taken | None, over: Callable[[], bool]) -> Iterator[list[Hand]]:
        """The run's free records, as many at a time as have been looked at by then, until none is left or it is over.

        A record that was tried before goes alone: should it end its worker, no other is to be blamed for it.
        """
        if first and first.tries > 1:
            yield [self._look(first)]
            first = None
        taking = self._pool.submit(self._take_new, run_id, first, over)
        going = True
        while going:
            hands = [self._next(), *self._waiting()]
            going = hands[-1] is not None
            if some := [hand for hand in hands if hand]:
                yield some
        taking.result()
        while not over() and (taken := take(run_id)):
            yield [self._look(taken)]

    def _next(self) -> Hand | None:
        hand = self._ready.get()
        self._room.release()
        return hand

    def _waiting(self) -> list[Hand | None]:
        return [self._next() for _ in range(self._ready.qsize())]

    def _take_new(self, run_id: str, first: Taken | None, over: Callable[[], bool]) -> None:
        """Takes records that nobody has tried and has them looked at, while what was found is written."""
        try:
            taken = first
            while not (over() or self._grip.dropped):
                taken = taken or take(run_id, untried=True)
                if taken is None:
                    break
                self._ready.put(self._look(taken))
                taken = None
                self._room.acquire()
        finally:
            model.Session.remove()
            self._ready.put(None)

    def _look(self, taken: Taken) -> Hand:
        ref = Ref(**taken.ref)
        if ref.hint.get(WITHDRAW) or taken.tries > TRIES:
            return Hand(taken, ref, None)
        looked = self._pool.submit(self._see, taken, ref)
        wait([looked])
        return Hand(taken, ref, looked)

    def _see(self, taken: Taken, ref: Ref) -> Looked:
        self._grip.on(taken.hold_on)
        try:
            return look(self._bench, ref)
        finally:
            model.Session.remove()
