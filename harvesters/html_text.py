"""Plain text of descriptions that portals keep as HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from .text import prose

BLOCKS = {"p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr"}
SILENT = {"script", "style"}  # what they hold is no text


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent = tag in SILENT
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent = False
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def plain(value: Any) -> str:
    """The text of HTML, with an empty line between paragraphs; text without markup stays as it is."""
    text = prose(value, 50_000)
    if "<" not in text and "&" not in text:
        return prose(text)
    parser = _Text()
    parser.feed(text)
    parser.close()
    lines = (" ".join(row.split()) for row in "".join(parser.parts).splitlines())
    return prose("\n\n".join(filter(None, lines)))
