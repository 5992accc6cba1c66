"""All rows of a Socrata dataset as CSV: the SODA export, page by page in the portal's own order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from ckanext.digitalcity.core.errors import Retriable, Skippable

from .http import Http
from .urls import shown

MOST_HEADER = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one dataset.

    Attributes:
        url: of the resource, without its ending.
        columns: names of the columns, in the order in which they are wanted.
    """

    PAGE: ClassVar[int] = 50_000  # rows: the most that every version of the API gives

    http: Http
    url: str
    columns: tuple[str, ...]

    def page_url(self, offset: int) -> str:
        """Address of the rows from a number on, ordered by their lasting ids."""
        query = {"$select": ",".join(f"`{name}`" for name in self.columns), "$order": ":id", "$limit": self.PAGE}
        return f"{self.url}.csv?{urlencode({**query, '$offset': offset} if offset else query)}"

    def read(self) -> Iterator[bytes]:
        """One header and every row, as the portal writes them (UTF-8, commas).

        Raises:
            Retriable: rows went while the pages were read, and so pushed others out of sight. New ones come last.
        """
        header, total, count = b"", 0, self._count()
        while True:
            page = _Page()
            for chunk in self.http.read(self.page_url(total)):
                if body := page.body(chunk):
                    if not header:
                        header = page.header
                        yield header + b"\n"
                    yield body
            if header and page.header != header:
                raise Skippable(
                    f"The pages of {shown(self.url)} do not have the same columns.",
                    "Try again; if it stays so, tell whoever runs the portal.",
                    reason="unexpected-answer",
                )
            if not header:
                yield page.header
            if page.unended:
                yield b"\n"
            total += page.rows
            if page.rows < self.PAGE:
                break
        if total < count:
            raise Retriable(f"{shown(self.url)} had {count} rows, but {total} were given: they changed meanwhile.")

    def _count(self) -> int:
        answer = self.http.get_json(f"{self.url}.json?{urlencode({'$select': 'count(*) as rows'})}")
        first = answer[0] if isinstance(answer, list) and answer and isinstance(answer[0], dict) else {}
        number = str(first.get("rows"))
        return int(number) if number.isascii() and number.isdigit() and len(number) < 16 else -1


class _Page:
    """Takes the header off one page and counts its rows: line ends inside of quotes are none (RFC 4180)."""

    def __init__(self) -> None:
        self.header, self.unended = b"", False
        self._ends, self._inside, self._found = 0, False, False

    @property
    def rows(self) -> int:
        """Rows so far; the last may lack its line end."""
        return self._ends + self.unended

    def body(self, chunk: bytes) -> bytes:
        """What of a chunk belongs to the rows."""
        if not self._found:
            self.header += chunk
            line, end, rest = self.header.partition(b"\n")
            if len(line) > MOST_HEADER:
                raise Skippable("The portal's answer is no table.", "Check the address.", reason="unexpected-answer")
            if not end:
                return b""
            self.header, self._found, chunk = line, True, rest
        for number, part in enumerate(chunk.split(b'"')):
            self._inside ^= number > 0
            if not self._inside:
                self._ends += part.count(b"\n")
        if chunk:
            self.unended = not chunk.endswith(b"\n")
        return chunk
