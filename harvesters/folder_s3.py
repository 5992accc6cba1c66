"""Buckets as S3 lists them (Amazon S3 API, ListObjectsV2), also those of servers that speak the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, unquote_plus, urlencode, urlunsplit

from lxml import etree  # comes with Frictionless

from ckanext.digitalcity.core.errors import IncompleteGather, Retriable, Skippable

from .folder_html import Entry, is_safe
from .index_table import decoded
from .paging import MOST_PAGES
from .urls import join, shown, split

ROOT = "ListBucketResult"


def is_bucket(body: bytes) -> bool:
    """Whether an answer is a list of a bucket."""
    return f"<{ROOT}" in decoded(body[:2_000])


def objects(address: str, read: Callable[[str], bytes]) -> Iterator[Entry]:
    """Every object under the address's ``prefix``, its path relative to the folder that this names.

    Args:
        address: of the bucket, with or without ``?prefix=``.
        read: gives a page's bytes.

    Raises:
        Retriable, Skippable: the first page cannot be read.
        IncompleteGather: a later page cannot be read, or leads astray.
    """
    parts = split(address)
    bucket = urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/", "", ""))
    prefix = parse_qs(parts.query).get("prefix", [""])[0]
    folder = prefix[: prefix.rfind("/") + 1]
    token, seen = "", set[str]()
    while True:
        # keys may hold what XML cannot, so they are asked for in the encoding of addresses
        query = {"list-type": "2", "encoding-type": "url", "prefix": prefix, "continuation-token": token}
        page = _page(read, bucket + "?" + urlencode({k: v for k, v in query.items() if v}), len(seen) + 1)
        encoded = _text(page, "EncodingType") == "url"
        for item in page.iter("Contents"):
            key = _text(item, "Key")
            key = unquote_plus(key) if encoded else key
            path = key.removeprefix(folder) if key.startswith(prefix) else ""
            # objects that stand for folders end with a slash; addresses do not keep “..” and empty segments
            if path and not path.endswith("/") and is_safe(path) and is_safe(key):
                facts = [_text(item, name) for name in ("ETag", "LastModified", "Size")]
                yield Entry(path, join(bucket, quote(key)), " ".join(facts) if all(facts) else "")
        if _text(page, "IsTruncated").lower() != "true":
            return
        token = _text(page, "NextContinuationToken")
        if not token or token in seen or len(seen) >= MOST_PAGES:
            raise IncompleteGather(
                f"The list of {shown(bucket)} says that it goes on after page {len(seen) + 1}, but not where.",
                "Tell whoever runs the server.",
            )
        seen.add(token)


def _page(read: Callable[[str], bytes], url: str, number: int) -> Any:
    try:
        return _parsed(read(url), url)
    except (Retriable, Skippable) as problem:
        if number == 1:
            raise
        raise IncompleteGather(
            f"Page {number} could not be read: {problem.message}",
            "Nothing was withdrawn. It will be tried again.",
            after=getattr(problem, "after", None),
        ) from None


def _parsed(body: bytes, url: str) -> Any:
    """The list without its namespace, which not every server gives. Declarations are refused: they make XML bombs."""
    text = decoded(body).strip()
    if re.search(r"<(!doctype\s+)?html", text[:1_000], re.IGNORECASE):
        raise Skippable(f"{shown(url)} answered with a web page instead of data.", "Check the address.", "html")
    try:
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, encoding="utf-8")
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        raise Skippable(f"The answer of {shown(url)} is not XML that can be read.", reason="not-xml") from None
    for element in root.iter("*"):
        element.tag = str(element.tag).rpartition("}")[2]
    if root.tag != ROOT:
        raise Skippable(f"The answer of {shown(url)} is no list of a bucket.", reason="not-a-list")
    return root


def _text(element: Any, name: str) -> str:
    return str(element.findtext(name) or "")
