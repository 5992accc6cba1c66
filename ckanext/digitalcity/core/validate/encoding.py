"""The encoding of a text file, judged by the whole file and not by a sample of it."""

from __future__ import annotations

import codecs
from pathlib import Path

from ..reasons import Unchecked
from .sniff import BOMS, utf16

PORTION = 1 << 20
NOT_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"


def detect_encoding(path: Path) -> str:
    """The Python codec that reads the whole file: UTF-8, UTF-16, else Windows-1252 or Latin-1.

    Raises:
        Unchecked: the file mixes UTF-8 with something else (``mixed-encoding``), so that no codec reads it right.
    """
    with path.open("rb") as file:
        head = file.read(PORTION)
    if by_mark := next((name for bom, name in BOMS if head.startswith(bom)), "") or utf16(head):
        return by_mark
    utf8, stray, undefined = _count(path)
    if not stray:
        return "utf-8"
    if utf8:
        raise Unchecked("Part of the file is UTF-8 and part is not.", reason="mixed-encoding")
    return "latin-1" if undefined else "cp1252"


def _count(path: Path) -> tuple[int, int, bool]:
    """How many characters beyond ASCII are good UTF-8, how many bytes are not, and if any is undefined in cp1252."""
    decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
    good, stray, undefined = 0, 0, False
    with path.open("rb") as file:
        while portion := file.read(PORTION):
            undefined = undefined or any(byte in portion for byte in NOT_IN_CP1252)
            if not portion.isascii():
                beyond = [char for char in decode(portion) if char > "\x7f"]
                strays = sum("\udc80" <= char <= "\udcff" for char in beyond)
                good, stray = good + len(beyond) - strays, stray + strays
    return good, stray + len(decode(b"", True)), undefined
