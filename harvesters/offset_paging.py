"""Lists that are paged by number: pages overlap by one record, so that a list that shifts meanwhile is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ckanext.digitalcity.core.errors import IncompleteGather

from .paging import MOST_PAGES, page

MOST_STEPS_BACK = 5


def by_offset(
    read: Callable[[str], Any], address: Callable[[int], str], *, items: str, id_: str = "id"
) -> Iterator[Any]:
    """Every item at least once; what comes twice is left to the caller.

    A page begins with the last record of the page before. If it does not, others came or went in between, and a page
    before it is read again. A ``count`` of the whole, where pages have one, is compared at the end.

    Args:
        read: gives a page's JSON.
        address: of the page that begins with a record, counted from 0.
        items: member of a page that holds its records.
        id_: member of a record that identifies it.

    Raises:
        Retriable, Skippable: the first page cannot be read.
        IncompleteGather: a later page cannot be read, the list does not stand still, or ends early.
    """
    start, size, total, back = 0, 0, 0, 0
    seen: set[str] = set()
    expected: set[str] = set()  # one of these must come first, if a page went before
    for number in range(1, MOST_PAGES):
        found = page(read, address(start), number, items)
        total = found["count"] if isinstance(found.get("count"), int) else 0
        ids = [str(item.get(id_)) if isinstance(item, dict) else "" for item in found[items]]
        if start and (not ids or ids[0] not in expected):
            back += 1
            if back > MOST_STEPS_BACK:
                raise IncompleteGather("The list changes faster than it can be read.", "It will be tried again.")
            start, expected = max(0, start - size), seen
            continue
        yield from (item for item in found[items] if isinstance(item, dict))
        size = len(ids)
        if size < 2:
            break
        seen.update(ids)
        start, expected = start + size - 1, {ids[-1]}
    else:
        raise IncompleteGather(f"The list has more than {MOST_PAGES} pages.", "Divide the source into parts.")
    if start + size < total:
        raise IncompleteGather(f"The list ends after {start + size} of {total} records.", "It will be tried again.")
