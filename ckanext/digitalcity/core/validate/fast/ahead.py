"""Making the next things while the last one is being used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")
AT_ONCE = 2  # results made at the same time


def ahead(items: Iterator[S], make: Callable[[S], T]) -> Generator[T]:
    """Yields what is made of each item, in their order; one thread gets the items, others make the results.

    What goes wrong comes in its place. No more than four items are held.
    """
    waiting: deque[Future[tuple[T] | None]] = deque()
    with ThreadPoolExecutor(1) as getting, ThreadPoolExecutor(AT_ONCE) as making:
        while True:
            while len(waiting) <= AT_ONCE:
                waiting.append(making.submit(_made, getting.submit(_next, items), make))
            made = waiting.popleft().result()
            if made is None:
                return
            yield made[0]


def _next(items: Iterator[S]) -> tuple[S] | None:
    for item in items:
        return (item,)
    return None


def _made(given: Future[tuple[S] | None], make: Callable[[S], T]) -> tuple[T] | None:
    item = given.result()
    return None if item is None else (make(item[0]),)
