"""A file as blocks of UTF-8 text that end where a line ends, hashed on the way."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from .unsure import NotSure

UTF8 = frozenset({"utf-8", "utf-8-sig"})
# Codecs that decode a stream the same however it is cut into portions.
KNOWN = UTF8 | {"ascii", "cp1252", "iso8859-1", "iso8859-15", "utf-16", "utf-16-le", "utf-16-be"}
LARGEST = 4  # blocks that one row may fill


class Hashes:
    """MD5 and SHA-256 of all bytes, computed beside the screening: hashlib lets other threads run."""

    def __init__(self) -> None:
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.sha256 = hashlib.sha256()
        self.bytes = 0
        self._pool = ThreadPoolExecutor(1)
        self._running: Future[None] | None = None

    def update(self, data: bytes) -> None:
        """Queues one portion; waits for the one before, so that at most two are held."""
        self.wait()
        self.bytes += len(data)
        self._running = self._pool.submit(self._add, data)

    def wait(self) -> None:
        """Returns when everything queued has been hashed."""
        if self._running:
            self._running.result()

    def restart(self) -> None:
        """Forgets what was hashed."""
        self.wait()
        self.md5, self.sha256, self.bytes = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0

    def close(self) -> None:
        """Ends the thread."""
        self._pool.shutdown()

    def _add(self, data: bytes) -> None:
        self.sha256.update(data)
        self.md5.update(data)


class Blocks:
    """Reads a file block by block.

    Args:
        encoding: as Frictionless has settled it; must be one of KNOWN.
        size: bytes read at a time.
        fold: every kind of line end becomes a line feed, as Frictionless does for TSV.
    """

    def __init__(self, path: Path, encoding: str, size: int, fold: bool, hashes: Hashes | None = None) -> None:
        self._file = path.open("rb")
        self._size, self._most = size, LARGEST * max(size, 1 << 16)
        self._fold = fold
        self._hashes = hashes
        self._decode: Callable[[bytes, bool], str] | None = None
        self._fresh = encoding == "utf-8-sig"
        self._tail = b""
        if encoding not in UTF8:
            self._decode = codecs.getincrementaldecoder(encoding)().decode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, rest: bytes = b"") -> tuple[bytes, bool]:
        """The next block and whether it is the last.

        Args:
            rest: end of the block before that was not used; the new block begins with it.

        Raises:
            UnicodeError: the bytes are not in the encoding.
            NotSure: one line or one row is too long to be held.
        """
        fresh, last = self._tail, False
        while not last:
            raw = self._file.read(self._size if self._decode else self._up_to_line_end())
            if self._hashes:
                self._hashes.update(raw)
            last = not raw
            fresh += self._text(raw)
            if fresh.endswith(b"\n"):
                self._tail = b""
                break
            cut = len(fresh) if last else fresh.rfind(b"\n") + 1
            if cut or last:
                fresh, self._tail = fresh[:cut], fresh[cut:]
                break
            self._fits(len(fresh))
        if not fresh.isascii():
            fresh.decode()
        if self._fold and b"\r" in fresh:
            fresh = fresh.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._fits(len(rest))
        return rest + fresh, last

    def _up_to_line_end(self) -> int:
        """Bytes to read so that the block ends where a line ends, found first: joining two portions would copy them."""
        start = self._file.tell()
        self._file.seek(start + self._size)
        self._file.readline(self._most)
        size = self._file.tell() - start
        self._file.seek(start)
        return size

    def _text(self, raw: bytes) -> bytes:
        if self._decode:
            return self._decode(raw, not raw).encode()
        if self._fresh:
            self._fresh = False
            return raw.removeprefix(codecs.BOM_UTF8)
        return raw

    def _fits(self, held: int) -> None:
        if held > self._most:
            raise NotSure
