"""Compressed files: what may be unpacked, how far, and to where. Nothing is unpacked without counting."""

from __future__ import annotations

import gzip
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

from ..reasons import Unchecked

PORTION = 1 << 20
RATIO = 200  # times its packed size; text of sensors packs to a thirtieth
FREE = 10_000_000  # bytes that may unpack from anything


def check_zip(path: Path, limit: int) -> None:
    """Refuses a workbook whose parts would unpack to too much. zipfile never gives more than a part states.

    Raises:
        Unchecked: reason ``bomb``, or ``encrypted``.
    """
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Unchecked("The file is protected by a password.", reason="encrypted")
    _within(sum(part.file_size for part in parts), path.stat().st_size, limit)


def only_member(path: Path) -> str:
    """Name of the only file in an archive, or ``""`` where there are several or none."""
    with zipfile.ZipFile(path) as archive:
        names = [part.filename for part in archive.infolist() if not part.is_dir()]
    return names[0] if len(names) == 1 else ""


def unpack(path: Path, kind: str, limit: int) -> IO[bytes]:
    """Unpacks a gzip, or a zip of one file, into a nameless file that vanishes with the process.

    Raises:
        Unchecked: it is broken (``unreadable``), locked (``encrypted``) or unpacks to too much (``bomb``).
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads it
    size = 0
    try:
        with _open(path, kind) as source:
            while portion := source.read(PORTION):
                size += len(portion)
                _within(size, path.stat().st_size, limit)
                target.write(portion)
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, NotImplementedError) as broken:
        raise Unchecked("The compressed file is broken or incomplete.", reason="unreadable") from broken
    except RuntimeError as locked:  # zipfile's word for a missing password
        raise Unchecked("The file is protected by a password.", reason="encrypted") from locked
    target.flush()
    return target


def _open(path: Path, kind: str) -> IO[bytes]:
    if kind == "gzip":
        return gzip.open(path)  # type: ignore[return-value]
    return zipfile.ZipFile(path).open(only_member(path))


def _within(size: int, packed: int, limit: int) -> None:
    if size > limit or (size > FREE and size > RATIO * max(packed, 1)):
        raise Unchecked("The file unpacks to far more than its size.", reason="bomb")
