"""Reading the entries of a large JSON list one by one, so that memory does not grow with the list."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import ijson

from ckanext.digitalcity.core.errors import Skippable

from .http import Http
from .urls import shown

BOM = b"\xef\xbb\xbf"
STARTS = {"start_map", "start_array"}
ENDS = {"end_map", "end_array"}


def entries(http: Http, url: str, lists: Collection[tuple[str, ...]], *, most: int) -> Iterator[Any]:
    """The objects of one or several lists in a JSON document, in its order.

    Args:
        lists: where they are: names of members, and ``*`` for any item of a list.
        most: bytes that one entry may have, and what stands before, between and after entries.

    Raises:
        Skippable: there is none of the lists, the document is no JSON, or an entry is too large or too deep.
    """
    body = _Body(http.read(url), shown(url), most)
    path: list[str] = []  # to where we are outside of entries
    found = False
    builder: Any = None
    depth = 0
    try:
        for event, value in ijson.basic_parse(ijson.from_iter(body.chunks()), use_float=True):
            depth += (event in STARTS) - (event in ENDS)
            if depth > http.limits.depth:
                raise Skippable(f"The answer of {shown(url)} is nested too deeply to be read.", reason="too-deep")
            if builder is None:
                found = found or (event == "start_array" and tuple(path) in lists)
                if event == "start_map" and path[-1:] == ["*"] and tuple(path[:-1]) in lists:
                    builder, outside = ijson.ObjectBuilder(), depth - 1
                elif event == "map_key":
                    path[-1] = value
                elif event in STARTS:
                    path.append("*")
                elif event in ENDS:
                    path.pop()
            if builder is not None:
                builder.event(event, value)
                if depth == outside:
                    yield builder.value
                    builder = None
                    body.since = 0
    except (ijson.JSONError, ValueError):  # a ValueError is a number of thousands of digits
        raise Skippable(f"The answer of {shown(url)} is not JSON, or breaks off.", reason="not-json") from None
    if not found:
        raise Skippable(
            f"The answer of {shown(url)} has no list called “{next(iter(lists))[-1]}”.", reason="not-a-list"
        )


class _Body:
    """The bytes of a document, counted since the last whole entry."""

    def __init__(self, chunks: Iterator[bytes], where: str, most: int) -> None:
        self.since = 0
        self._chunks = chunks
        self._where = where
        self._most = most

    def chunks(self) -> Iterator[bytes]:
        """The bytes without a byte order mark.

        Raises:
            Skippable: too many have come without a whole entry, or a web page comes.
        """
        for number, chunk in enumerate(self._chunks):
            piece = chunk.removeprefix(BOM) if number == 0 else chunk
            if number == 0 and piece.lstrip()[:1] == b"<":
                raise Skippable(
                    f"{self._where} answered with a web page instead of data.", "Check the address.", "html"
                )
            self.since += len(piece)
            if self.since > self._most:
                raise Skippable(
                    f"One entry of {self._where} is larger than {self._most} bytes, the most that is read.",
                    "Ask the publisher to make it smaller.",
                    reason="too-large",
                )
            yield piece
