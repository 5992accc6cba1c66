"""What only the whole of a text file tells, and no cell of it: how its lines end, and whether NUL stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..model import Json

PORTION = 1 << 20
WIDE = ("utf-16", "utf-32")  # where NUL is half of every letter


@dataclass(frozen=True, slots=True)
class RawText:
    """Counts of the whole file.

    Attributes:
        nul: characters that nobody sees and most programs do not take.
        nul_line: line of the first of them, from 1.
    """

    cr: int = 0
    lf: int = 0
    crlf: int = 0
    nul: int = 0
    nul_line: int = 0

    def described(self) -> Json:
        """What was detected, for the record."""
        kinds = [name for name, count in (("CRLF", self.crlf), ("LF", self.lf), ("CR", self.cr)) if count]
        facts: Json = {"line_ends": kinds} if kinds else {}
        return {**facts, "nul": {"count": self.nul, "line": self.nul_line}} if self.nul else facts


def read_raw(path: Path, encoding: str) -> RawText:
    """Reads the whole file once."""
    cr = lf = crlf = nul = nul_line = 0
    before = b""
    for portion in _portions(path, encoding):
        if not nul and (found := portion.count(0)):
            place = portion.index(0)
            nul_line = 1 + max(lf + portion.count(b"\n", 0, place), cr + portion.count(b"\r", 0, place))
            nul = found
        else:
            nul += portion.count(0)
        cr, lf = cr + portion.count(b"\r"), lf + portion.count(b"\n")
        crlf += portion.count(b"\r\n") + (before.endswith(b"\r") and portion.startswith(b"\n"))
        before = portion[-1:]
    return RawText(cr - crlf, lf - crlf, crlf, nul, nul_line)


def _portions(path: Path, encoding: str) -> Iterator[bytes]:
    if not encoding.startswith(WIDE):
        with path.open("rb") as file:
            while portion := file.read(PORTION):
                yield portion
        return
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        while characters := text.read(PORTION):
            yield characters.encode("utf-8", "replace")
