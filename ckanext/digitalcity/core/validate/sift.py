"""A text table without its rejected rows; every other byte stays as it is."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from ..model import Json


def sift(path: Path, detected: Json, rejected: Collection[int]) -> Iterator[bytes]:
    """Yields the bytes of the file without some of its rows.

    Args:
        detected: ``encoding`` and ``dialect`` as the check found them (``CheckResult.detected``).
        rejected: numbers of the rows to leave out, as Frictionless counts them.

    Raises:
        csv.Error, UnicodeError: the file is not what was detected; nothing more may be taken from it.
    """
    encoding, dialect = detected["encoding"], detected["dialect"]
    with path.open(encoding=encoding, newline="") as file:
        lines = _Lines(file)
        reader = csv.reader(
            lines,
            delimiter=dialect["delimiter"],
            skipinitialspace=dialect["skipInitialSpace"],
            quotechar=dialect.get("quoteChar", '"'),
        )
        mark, codec = _mark(path, encoding)
        yield mark
        for number, _ in enumerate(reader, start=1):
            text = lines.taken()
            if number not in rejected:
                yield text.encode(codec)


def _mark(path: Path, encoding: str) -> tuple[bytes, str]:
    """The byte order mark that the file begins with, and the codec for what follows it."""
    with path.open("rb") as file:
        head = file.read(3)
    if encoding == "utf-8-sig":
        return head, "utf-8"
    if encoding == "utf-16":
        return head[:2], "utf-16-be" if head.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    return b"", encoding


class _Lines:
    """Lines of a file, keeping those that the row being read has taken."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._taken = lines, list[str]()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._taken.append(line)
        return line

    def taken(self) -> str:
        text = "".join(self._taken)
        self._taken.clear()
        return text
