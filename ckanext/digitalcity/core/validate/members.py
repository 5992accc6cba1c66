"""The files of an archive that holds several, unpacked into nameless files: no name from inside ever becomes a path."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path, PurePosixPath

from ..reasons import Unchecked
from .unpack import PORTION, check_zip

MOST = 30  # files; a timetable in GTFS has some fifteen


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; ``file`` vanishes when nobody holds it any more."""

    name: str
    file: BufferedRandom

    @property
    def path(self) -> Path:
        """Where to read it in this process."""
        return Path(f"/dev/fd/{self.file.fileno()}")


def members_of(path: Path, limit: int) -> tuple[Member, ...]:
    """Unpacks all files of a zip, in their order; nothing of an archive without any.

    Args:
        limit: bytes that all of them may unpack to.

    Raises:
        Unchecked: it is broken (``unreadable``), locked (``encrypted``), unpacks to too much (``bomb``), or has too
            many files or names that no archive of data has (``unsuitable-archive``).
    """
    check_zip(path, limit)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [part for part in archive.infolist() if not part.is_dir()]
            _suitable([part.filename for part in parts])
            return tuple(Member(part.filename, _unpacked(archive, part)) for part in parts)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as broken:
        raise Unchecked("The compressed file is broken or incomplete.", reason="unreadable") from broken


def _suitable(names: Sequence[str]) -> None:
    if len(names) > MOST:
        raise Unchecked(f"The archive has {len(names)} files; at most {MOST} are checked.", reason="unsuitable-archive")
    if len({name.casefold() for name in names}) < len(names):
        raise Unchecked("Two files in the archive have the same name.", reason="unsuitable-archive")
    if any("\\" in name or ":" in name or name.startswith("/") or ".." in PurePosixPath(name).parts for name in names):
        raise Unchecked("A name in the archive leads out of its folder.", reason="unsuitable-archive")


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> BufferedRandom:
    """A member's bytes: never more than its directory states, which check_zip has seen."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads it
    with archive.open(part) as source:
        while portion := source.read(PORTION):
            target.write(portion)
    target.flush()
    return target
