"""Following the links from page to page, without ever taking half a list for a whole one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urldefrag

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, Retriable, Skippable
from ckanext.digitalcity.core.model import Json

from .urls import join, origin_of, shown

MOST_PAGES = 10_000


def follow(
    url: str,
    read: Callable[[str], Any],
    *,
    items: str = "value",
    link: str = "@iot.nextLink",
    first: Json | None = None,
    most: int = MOST_PAGES,
) -> Iterator[Json]:
    """Every item of a list that comes in pages.

    A next link must stay with the same server (scheme, host and port) and lead to a page not seen before.

    Args:
        url: address of the first page.
        read: gives a page's JSON.
        items: member of a page that holds its items.
        link: member of a page that holds the address of the next.
        first: the first page, where it came with something else.
        most: pages after which the list counts as endless.

    Raises:
        Retriable, Skippable: the first page cannot be read.
        IncompleteGather: a later page cannot be read, or leads astray.
    """
    visited: set[str] = set()
    page_url = url
    while True:
        number = len(visited) + 1
        visited.add(page_url)
        found = first if first is not None and number == 1 else page(read, page_url, number, items)
        yield from (item for item in found[items] if isinstance(item, dict))
        following = found.get(link)
        if not following:
            return
        page_url = _next(page_url, following, url, visited, most)


def page(read: Callable[[str], Any], url: str, number: int, items: str) -> Json:
    """One page of a list, which holds its items under ``items``.

    Args:
        number: of the page, from 1.

    Raises:
        Retriable, Skippable: the first page cannot be read.
        IncompleteGather: a later page cannot be read.
    """
    try:
        found = read(url)
        if not isinstance(found, dict) or not isinstance(found.get(items), list):
            raise Skippable(f"The answer of {shown(url)} has no list called “{items}”.", reason="not-a-list")
    except (Retriable, Skippable) as problem:
        if number == 1:
            raise
        raise IncompleteGather(
            f"Page {number} could not be read: {problem.message}",
            "Nothing was withdrawn. It will be tried again.",
            after=getattr(problem, "after", None),
        ) from None
    return found


def _next(here: str, link: Any, start: str, visited: set[str], most: int) -> str:
    """The address of the next page, if it can be trusted."""
    number = len(visited)
    found = join(here, link) if isinstance(link, str) else ""
    if origin_of(found) != origin_of(start):
        raise IncompleteGather(
            f"The link after page {number} leads away from {shown(start)}.",
            "Use the address under which the server itself links its pages (http or https, host and port).",
        )
    found = urldefrag(found).url
    if found in visited:
        raise IncompleteGather(
            f"The pages of {shown(start)} go round in a circle: after page {number} an earlier one comes again.",
            "Tell whoever runs the server.",
        )
    if number >= most:
        raise IncompleteGather(
            f"{shown(start)} has more than {most} pages, which is more than is read.", "Divide the source into parts."
        )
    return found


def unique(items: Iterable[Json], key: str) -> Iterator[Json]:
    """Each item once, by a member that identifies it: a list that changes while it is paged repeats some.

    Items without it are passed on.
    """
    seen: set[str] = set()
    for item in items:
        if key in item:
            id_ = str(item[key])
            if id_ in seen:
                continue
            seen.add(id_)
        yield item


@contextmanager
def whole_list() -> Iterator[None]:
    """Turns what goes wrong with a list of records into what it means for the run.

    Raises:
        IncompleteGather: for what may pass by itself.
        Fatal: for what needs a person, such as an address that is not this kind of source.
    """
    try:
        yield
    except IncompleteGather:
        raise
    except Retriable as problem:
        raise IncompleteGather(problem.message, problem.hint, problem.after) from None
    except Skippable as problem:
        raise Fatal(problem.message, problem.hint or "Check the address and the kind in the recipe.") from None
