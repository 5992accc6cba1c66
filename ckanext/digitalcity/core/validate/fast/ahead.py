"""Making the next thing while the last one is being used."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Yields the items; while one is in use, a thread makes the next. What goes wrong comes in its place."""
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(_next, items)
        while found := made.result():
            made = pool.submit(_next, items)
            yield found[0]


def _next(items: Iterator[T]) -> tuple[T] | None:
    for item in items:
        return (item,)
    return None
