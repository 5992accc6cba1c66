"""Items of an ArcGIS portal, such as ArcGIS Online or Hub, that are services with layers (ArcGIS REST API, Search)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

from ckanext.digitalcity.core.errors import IncompleteGather
from ckanext.digitalcity.core.model import Json

from .arcgis_rows import asked
from .catalogue import address, words
from .html_text import plain
from .http import Http
from .offset_paging import by_offset
from .text import line
from .urls import join, split

PAGE = 100  # the most that a portal gives
REACH = 10_000  # of a search
SERVICES = '(type:"Feature Service" OR type:"Map Service")'
SERVICE = re.compile(r"(.*/(?:FeatureServer|MapServer))(?:/(\d+))?/?", re.IGNORECASE)
LINK = re.compile(r"""href\s*=\s*["']([^"']+)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """A service that a portal lists.

    Attributes:
        url: of the service.
        layer: number of the only layer that is meant, if the item says so.
        facts: what the item says of itself.
    """

    id: str
    title: str
    url: str
    layer: int | None
    facts: Json


def items(http: Http, portal: str, query: str) -> Iterator[Item]:
    """Every service that a search finds, each once.

    Args:
        portal: address of its sharing API.

    Raises:
        Retriable, Skippable: the first page cannot be read.
        IncompleteGather: a later page cannot be read, or the search ends before the last.
    """
    question = {"q": f"({query}) AND {SERVICES}", "f": "json", "num": PAGE, "sortField": "created", "sortOrder": "asc"}
    seen: set[str] = set()

    def page(url: str) -> Any:
        found = asked(http, url)
        total = found.get("total")
        if isinstance(total, int) and total > REACH:
            raise IncompleteGather(f"The search finds more than {REACH} items, which is more than a portal gives.",
                                   "Make “search” narrower, and use several recipes.")  # fmt: skip
        return {"results": found.get("results"), "count": total}

    def at(start: int) -> str:
        return f"{portal}/search?{urlencode({**question, 'start': start + 1}, quote_via=quote)}"

    for item in by_offset(page, at, items="results"):
        id_ = line(item.get("id"), 100)
        found = SERVICE.fullmatch(line(item.get("url"), 2_000))
        url = join(portal, found[1]) if found else ""
        if id_ and id_ not in seen and found and split(url).scheme in ("http", "https") and not split(url).query:
            seen.add(id_)
            yield Item(id_, line(item.get("title")), url, int(found[2]) if found[2] else None, _facts(item))


def _facts(item: Json) -> Json:
    """What an item states in words: ``notes``, and in terms of DCAT ``metadata``."""
    metadata = {"license": _licence(item.get("licenseInfo")), "keyword": words(item.get("tags"))}
    notes = (plain(item.get("description")) or plain(item.get("snippet")), plain(item.get("accessInformation")))
    return {
        "notes": "\n\n".join(filter(None, notes)),
        "metadata": {term: value for term, value in metadata.items() if value},
    }


def _licence(stated: Any) -> str:
    """Terms of use as they are written; the address that they lead to, where they do."""
    link = LINK.search(stated) if isinstance(stated, str) else None
    return (address(unescape(link[1])) if link else "") or line(plain(stated))
