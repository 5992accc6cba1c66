"""Ahead of the writing: while a worker writes some records, threads of its own fetch and check the next."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import Queue
from types import TracebackType
from typing import Self

from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.core.check import Request
from ckanext.digitalcity.core.errors import LostLease
from ckanext.digitalcity.core.model import CheckResult, Ref
from ckanext.digitalcity.core.pipeline import Kept
from ckanext.digitalcity.harvest.gathering import WITHDRAW
from ckanext.digitalcity.harvest.ledger import Taken, take, take_new
from ckanext.digitalcity.harvest.reached import Reached
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.harvest.work import Bench, Looked, check, fetch, items
from ckanext.digitalcity.model import Item

TRIES = 3
BEAT = 20.0  # seconds between two renewals of a lease, well below ledger.LEASE
MOST = 20  # records that have been looked at and wait to be written
GROUP, SPELL = 8, 2.0  # at most so many are taken at once, and no more than are looked at in so many seconds


class Grip:
    """What is held just now: the run while it is gathered, then one record after another, by each thread its own."""

    def __init__(self) -> None:
        self._held = threading.local()
        self._dropped = threading.Event()

    def on(self, hold_on: Callable[[], None], since: float | None = None) -> None:
        """This thread holds something else from here on.

        Args:
            since: when its lease was renewed last, by ``time.monotonic``; now if it is not given.
        """
        self._held.hold_on, self._held.last = hold_on, time.monotonic() if since is None else since

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
        if time.monotonic() - getattr(self._held, "last", math.inf) > BEAT:
            self._held.hold_on()
            model.Session.commit()
            self._held.last = time.monotonic()

    def beaten(self, check: Callable[[Request], CheckResult]) -> Callable[[Request], CheckResult]:
        """The same check, after a beat."""

        def beaten(request: Request) -> CheckResult:
            self.beat()
            return check(request)

        return beaten


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
    """Fetches records in one thread and checks them in another, in turn, while the caller writes those before.

    Args:
        grip: of what these threads hold; the bench's stage and check beat it.
    """

    def __init__(self, bench: Bench, grip: Grip) -> None:
        self._bench, self._grip = bench, grip
        self._taking = ThreadPoolExecutor(1, "digitalcity-take")
        self._fetching = ThreadPoolExecutor(1, "digitalcity-fetch")
        self._checking = ThreadPoolExecutor(1, "digitalcity-check")
        self._ready: Queue[Hand | None] = Queue()
        self._room = threading.Semaphore(MOST)
        self._before: Future[Looked] | None = None  # the check of the record before
        self._reached = Reached()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._grip.drop()
        self._room.release()
        for pool in (self._taking, self._fetching, self._checking):
            pool.shutdown()
        if left := [hand for hand in self._waiting() if hand]:
            model.Session.rollback()  # whatever ended us may have left the session unusable
            for hand in left:
                hand.taken.put_back(untried=True)
        if error is None:
            self._reached.write()

    def hands(self, run_id: str, first: Taken | None, over: Callable[[], bool]) -> Iterator[list[Hand]]:
        """The run's free records, as many at a time as have been looked at by then, until none is left or it is over.

        A record that was tried before goes alone: should it end its worker, no other is to be blamed for it.
        """
        if first and first.tries > 1:
            yield [self._alone(first)]
            first = None
        taking = self._taking.submit(self._take_new, run_id, first, lambda: over() or self._grip.dropped)
        going = True
        while going:
            hands = [self._next(), *self._waiting()]
            going = hands[-1] is not None
            if some := [hand for hand in hands if hand]:
                yield some
        taking.result()
        while not over() and (taken := take(run_id)):
            yield [self._alone(taken)]

    def _alone(self, taken: Taken) -> Hand:
        self._taking.submit(self._look, [taken], lambda: False).result()
        hand = self._next()
        assert hand
        return hand

    def _next(self) -> Hand | None:
        hand = self._ready.get()
        self._room.release()
        return hand

    def _waiting(self) -> list[Hand | None]:
        return [self._next() for _ in range(self._ready.qsize())]

    def _take_new(self, run_id: str, first: Taken | None, over: Callable[[], bool]) -> None:
        """Takes records that nobody has tried and has them looked at, while what was found is written."""
        group, most = [first] if first else [], 1
        try:
            if group:
                self._look(group, lambda: self._grip.dropped)  # however short a turn is, one record is done in it
            while not over() and (group := group or take_new(run_id, most)):
                began, number = time.monotonic(), len(group)
                self._look(group, over)
                most = max(1, min(GROUP, int(SPELL * number / (time.monotonic() - began))))
        finally:
            try:
                for taken in group:
                    taken.put_back(untried=True)
            finally:
                model.Session.remove()
                self._checking.submit(self._ready.put, None)  # after all that is being looked at

    def _look(self, group: list[Taken], over: Callable[[], bool]) -> None:
        """Has records looked at, and takes them out of the group: until it is over. Commits."""
        at, refs = time.monotonic(), [Ref(**taken.ref) for taken in group]
        known = items(self._bench.source_id, refs)
        model.Session.remove()  # fetching may take long: hold no transaction open
        self._bench.kind.expect(refs)
        while group and not over():
            self._room.acquire()
            self._begin(group.pop(0), known, at)
            self._reached.write_in_time()

    def _begin(self, taken: Taken, known: Mapping[str, Item], at: float) -> None:
        """Fetches a record once the one before the last is checked, and leaves the rest to the thread that checks."""
        ref = Ref(**taken.ref)
        if ref.hint.get(WITHDRAW) or taken.tries > TRIES:
            self._checking.submit(self._ready.put, Hand(taken, ref, None))
            return
        fetched = self._fetching.submit(self._fetch, taken, ref, known.get(ref.remote_id), at)
        wait([fetched, *([self._before] if self._before else [])])
        self._before = checked = self._checking.submit(self._check, taken, fetched, at)
        checked.add_done_callback(lambda _: self._ready.put(Hand(taken, ref, checked)))

    def _fetch(self, taken: Taken, ref: Ref, known: Item | None, at: float) -> Looked:
        self._grip.on(taken.hold_on, at)
        try:
            looked = fetch(self._bench, ref, known)
        finally:
            model.Session.remove()
        self._reached.note(taken.id, "fetched")
        return looked

    def _check(self, taken: Taken, fetched: Future[Looked], at: float) -> Looked:
        self._grip.on(taken.hold_on, at)
        try:
            looked = check(self._bench, fetched.result())
        finally:
            model.Session.remove()
        if looked.judged:
            self._reached.note(taken.id, "checked")
        return looked
