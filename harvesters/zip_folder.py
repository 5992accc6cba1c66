"""A folder that is packed as one zip file (APPNOTE 6.3): its members, read with limits and never written anywhere."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Any
from zipfile import BadZipFile, ZipFile

from ckanext.digitalcity.core.errors import Skippable

from .http import Http
from .json_answer import value_of
from .urls import shown

CHUNK = 1 << 16
MOST_MEMBERS = 10_000


class ZipFolder:
    """The folder in an archive in which a file of some name lies: the archive itself, or the one folder in it.

    The archive is read anew into a temporary file that goes with this object.

    Raises:
        Retriable, Skippable: the archive cannot be read.
    """

    def __init__(self, http: Http, url: str, name: str) -> None:
        self._http, self._url = http, url
        self._file = TemporaryFile()  # noqa: SIM115 - it is closed when nobody needs it any more
        for chunk in http.read(url):
            self._file.write(chunk)
        with self._trouble():
            self._archive = ZipFile(self._file)
            self._sizes = {member.filename: member.file_size for member in self._archive.infolist()}
        places = sorted(
            (place for place in self._sizes if place.rpartition("/")[2] == name), key=lambda p: p.count("/")
        )
        if not places or places[0].count("/") > 1 or len(self._sizes) > MOST_MEMBERS:
            raise Skippable(f"The archive at {shown(url)} has no {name}.", "Check the address.", "not-a-package")
        self._root = places[0].removesuffix(name)

    def state(self) -> list[Any]:
        """What changes when any member does."""
        return sorted([member.filename, member.file_size, member.CRC] for member in self._archive.infolist())

    def read(self, path: str) -> Iterator[bytes]:
        """A member's bytes.

        Raises:
            Skippable: there is none, it is too large, or it cannot be unpacked.
        """
        place, most = self._root + path, self._http.limits.bytes
        if place not in self._sizes:
            raise Skippable(f"The archive at {shown(self._url)} has no such file.", "Tell the publisher.", "file-gone")
        size = 0
        with self._trouble(), self._archive.open(place) as member:
            while chunk := member.read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise Skippable(
                        f"A file in the archive is larger than {most} bytes, the most that is read.",
                        "Publish it in smaller parts.",
                        reason="too-large",
                    )
                yield chunk

    def value(self, path: str, most: int, numbers: Callable[[str], Any] = float) -> Any:
        """A member that is JSON, of so many bytes at most."""
        body = b""
        for chunk in self.read(path):
            body += chunk
            if len(body) > most:
                raise Skippable(f"{path} in the archive is larger than {most} bytes.", reason="too-large")
        return value_of(body, f"{shown(self._url)} ({path})", numbers, self._http.limits.depth)

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """What can be wrong with an archive, as one of our errors."""
        try:
            yield
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, UnicodeError):
            raise Skippable(
                f"{shown(self._url)} is no zip file that can be unpacked: it is broken, or needs a password.",
                "Tell the publisher.",
                reason="not-zip",
            ) from None
