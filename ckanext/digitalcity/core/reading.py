"""How a recipe says that a file is written, where what is detected would be wrong."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Protocol

from .model import Json

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "colon": ":", "space": " "}
NO_HEADER = "none"
MOST_ABOVE = 100  # rows in which a header is looked for
LONGEST_NAME = 100  # characters; spreadsheets allow 31
MOST_SHEETS = 1000
KEYS = ("encoding", "delimiter", "quote", "header_row", "sheet")


class Faults(Protocol):
    """Who collects what is wrong with a recipe."""

    def add(self, path: tuple[str, ...], message: str) -> None:
        """Notes a fault at a key."""
        ...

    def keys(self, path: tuple[str, ...], given: Any, known: Any) -> None:
        """Notes each key that nobody knows."""
        ...


def review(reading: Any, faults: Faults) -> None:
    """Looks through the key ``reading`` of a recipe: file key patterns, each with what is stated about those files."""
    if not isinstance(reading, dict) or not all(isinstance(stated, dict) for stated in reading.values()):
        faults.add(("reading",), "“reading” must name files, each with what is stated about it below it.")
        return
    for pattern, stated in reading.items():
        for key, value in stated.items():
            if key not in KEYS:
                message = f"nobody knows “{str(key)[:60]}” under “reading”. Choose one of: {', '.join(KEYS)}."
                faults.add(("reading", pattern, str(key)), message)
            elif problem := PROBLEMS[key](value):
                faults.add(("reading", pattern, key), problem)


def stated_for(key: str, reading: Mapping[str, Json]) -> Json:
    """What is stated about a file, as the gate takes it (check.Request): an exact key first, then the first pattern."""
    found = reading.get(key) or next((stated for glob, stated in reading.items() if fnmatchcase(key, glob)), {})
    made: Json = {}
    if "encoding" in found:
        made["encoding"] = codecs.lookup(found["encoding"]).name
    if "delimiter" in found:
        made["delimiter"] = DELIMITERS.get(found["delimiter"], found["delimiter"])
    for key in ("quote", "sheet"):
        if key in found:
            made[key] = found[key]
    if "header_row" in found:
        made["header_row"] = -1 if found["header_row"] == NO_HEADER else found["header_row"]
    return made


def _encoding(value: Any) -> str:
    try:
        if isinstance(value, str) and codecs.lookup(value)._is_text_encoding:
            return ""
    except LookupError:
        pass
    return f"“{str(value)[:60]}” is no encoding. Write for example utf-8, windows-1252 or utf-16."


def _delimiter(value: Any) -> str:
    if value in DELIMITERS or (isinstance(value, str) and len(value) == 1 and value.isascii() and value not in '"\r\n'):
        return ""
    return f"“delimiter” must be one character or one of: {', '.join(DELIMITERS)}."


def _quote(value: Any) -> str:
    if isinstance(value, str) and len(value) == 1 and value.isascii() and value.isprintable():
        return "" if value not in ",;| " else "“quote” must not be a delimiter."
    return "“quote” must be one character; where cells are never quoted, one that never occurs."


def _sheet(value: Any) -> str:
    if isinstance(value, str) and 0 < len(value) <= LONGEST_NAME:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_SHEETS:
        return ""
    return f"“sheet” must be the name of a sheet, or its number from 1 to {MOST_SHEETS}."


def _header_row(value: Any) -> str:
    if value == NO_HEADER or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_ABOVE):
        return ""
    return f"“header_row” must be a number from 1 to {MOST_ABOVE}, or “{NO_HEADER}”."


PROBLEMS = {
    "encoding": _encoding,
    "delimiter": _delimiter,
    "quote": _quote,
    "header_row": _header_row,
    "sheet": _sheet,
}
