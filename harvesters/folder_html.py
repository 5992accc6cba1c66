"""Folders as web servers list them (Apache, nginx, IIS and their like): what is in them, and how old."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag

from lxml import etree  # comes with Frictionless; Python's own parser takes hours over a hostile page

from .urls import join, origin_of, split

MARKER = re.compile(r"\b(index of|directory listing|listing of|to parent directory|parent directory)\b", re.IGNORECASE)
# no date is understood (zones are not stated, 1/2/2026 may be two days): it is only compared with the last one
DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?"
    r"|\d{1,2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}(:\d{2})?"
    r"|\d{1,2}[./]\d{1,2}[./]\d{4}\s+\d{1,2}:\d{2}(\s[AP]M)?"
)
SIZE = re.compile(r"(?<![\w.,:/-])\d[\d.,]*\s?([KMGT]i?B?|B|bytes)?(?![\w:/-])", re.IGNORECASE)
MOST_TEXT = 1_000  # characters of a row in which its age is looked for
ROWS = {"tr", "br", "hr", "li", "p", "div"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, or folder, in a listing.

    Attributes:
        path: relative to the folder that the source starts from, decoded; ends with a slash if it is a folder.
        version: what is listed of its age and size; "" if either is missing.
    """

    path: str
    url: str
    version: str = ""


def is_listing(page: str) -> bool:
    """Whether a page says of itself that it lists a folder, so that one without files is an empty folder."""
    return MARKER.search(page) is not None


def entries(page: str, url: str) -> list[Entry]:
    """What is directly in the listed folder, each once. Links to anything else are passed over in silence.

    Args:
        page: HTML.
        url: of the folder, ends with a slash, or of the page that lists it.
    """
    rows = _Rows()
    parser = etree.HTMLParser(target=rows, encoding="utf-8", no_network=True)
    with suppress(etree.LxmlError):  # of a page that is no HTML there is nothing to list
        etree.fromstring(page.encode("utf-8", "replace"), parser)
    found: dict[str, Entry] = {}
    for links, text in rows.close():
        date, stamp = DATE.search(text), ""
        if date and len(set(links)) == 1 and (size := SIZE.search(DATE.sub(" ", text))):
            stamp = f"{date[0]} {size[0].strip()}"
        for link in links:
            target = urldefrag(join(url, link)).url
            name = child(url, target)
            if name and name not in found:
                found[name] = Entry(name, target, stamp)
    return list(found.values())


def child(folder: str, target: str) -> str:
    """The decoded name of what a link leads to, if that is directly in the folder; else "".

    Links to other servers, parents and deeper places, sorters (``?C=N``), and names that hide a slash are not.
    """
    parts, base = split(target), split(folder)
    prefix = base.path[: base.path.rfind("/") + 1] or "/"
    path = unquote(parts.path)  # the same folder may be written in several ways
    if origin_of(target) != origin_of(folder) or parts.query or parts.username not in (None, base.username):
        return ""
    name = path.removeprefix(unquote(prefix)) if path.startswith(unquote(prefix)) else ""
    return name if is_safe(name) and "/" not in name[:-1] else ""


def is_safe(path: str) -> bool:
    """Whether a decoded relative path stays within its folder and is fit to be an identity."""
    segments = path.removesuffix("/").split("/")
    return path.isprintable() and "\\" not in path and not {"", ".", ".."} & set(segments) and len(path) <= 300


class _Rows:
    """Collects the links of each row, and the text beside them, as lxml tells what it reads."""

    def __init__(self) -> None:
        self._all: list[tuple[list[str], str]] = []
        self._links: list[str] = []
        self._text: list[str] = []
        self._in_link = self._in_pre = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in ROWS or tag == "pre":
            self._end_row()
        self._in_pre |= tag == "pre"
        if tag == "a":
            self._in_link = True
            if link := attributes.get("href", "").strip():
                self._links.append(link)

    def end(self, tag: str) -> None:
        if tag in ROWS or tag == "pre":
            self._end_row()
        self._in_pre &= tag != "pre"
        self._in_link &= tag != "a"

    def data(self, data: str) -> None:
        for number, text in enumerate(data.split("\n") if self._in_pre and not self._in_link else [data]):
            if number:
                self._end_row()
            if not self._in_link:
                self._text.append(f"{text} ")

    def close(self) -> list[tuple[list[str], str]]:
        self._end_row()
        return self._all

    def _end_row(self) -> None:
        if self._links:
            self._all.append((self._links, "".join(self._text)[:MOST_TEXT]))
        self._links, self._text = [], []
