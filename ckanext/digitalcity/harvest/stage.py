"""The stage, kept in CKAN's own file storages: immutable bytes, addressed by their SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self
from uuid import uuid4

from ckan.lib import files

from ckanext.digitalcity.core.errors import ConfigError
from ckanext.digitalcity.core.pipeline import Kept
from ckanext.digitalcity.core.stage import Staged, receive

UNFINISHED = ".unfinished"  # where files are written in a storage that is a folder
TEMPORARY = "digitalcity-stage-"  # what folders in the system's folder for temporary files begin with
OURS = re.compile(r"[0-9a-f]{64}-[0-9a-f]{32}")
ABANDONED = 86_400  # seconds since the last byte was written: no writer takes nearly as long


class StorageStage:
    """Stages into one storage of ``ckan.files.storage.*``. Use as a context manager: local copies go with it.

    Args:
        name: the storage's name in CKAN's configuration.
        limit: most bytes that one file may have, unpacked.
    """

    def __init__(self, name: str, limit: int) -> None:
        try:
            self.storage = files.get_storage(name)
        except files.exc.UnknownStorageError as missing:
            raise ConfigError(
                f"CKAN knows no file storage called “{name}”.",
                f"Add ckan.files.storage.{name}.type and .path to its configuration (see the operator's guide).",
            ) from missing
        self.limit = limit
        self._folder = contextlib.ExitStack()
        self.folder = Path()

    def __enter__(self) -> Self:
        self.folder = Path(self._folder.enter_context(tempfile.TemporaryDirectory(prefix=TEMPORARY)))
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.close()

    def put(self, chunks: Iterable[bytes]) -> Kept:
        """Keeps all bytes or none. Bytes that are there already are not written again."""
        staged = receive(chunks, self.folder, self.limit)
        if not self.has(staged.sha256):
            self._keep(staged)
        staged.path.unlink(missing_ok=True)
        return Kept(staged.sha256, staged.size)

    def _keep(self, staged: Staged) -> None:
        location = place(staged.sha256)
        if path := self._full_path(location):
            unfinished = files.Location(f"{UNFINISHED}/{staged.sha256}-{uuid4().hex}")
            _put_in_place(staged.path, Path(self._full_path(unfinished)), Path(path))
            return
        with staged.path.open("rb") as source:
            self.storage.upload(location, files.make_upload(source))

    def _full_path(self, location: files.Location) -> str:
        """Where the storage has the file, if the storage is a folder; else ""."""
        full_path = getattr(self.storage, "full_path", None)
        return str(full_path(location)) if full_path else ""

    def sweep(self) -> int:
        """Removes what writers that were killed left unfinished, and nothing else: how many files.

        Only a storage that is a folder can have any.
        """
        path = self._full_path(files.Location(UNFINISHED))
        return _sweep(Path(path)) if path else 0

    def path(self, sha256: str) -> str:
        """A local path: the file itself where the storage is a folder, else a copy for as long as we are open."""
        location = place(sha256)
        if path := self._full_path(location):
            return path
        copy = self.folder / f"copy-{sha256}"
        if not copy.exists():
            with copy.open("wb") as target:
                for chunk in self.stream(sha256):
                    target.write(chunk)
        return str(copy)

    def has(self, sha256: str) -> bool:
        """Whether bytes with this SHA-256 are kept."""
        return bool(self.storage.exists(files.FileData(place(sha256))))

    def stream(self, sha256: str) -> Iterable[bytes]:
        """The bytes, piece by piece."""
        chunks: Iterable[bytes] = self.storage.stream(files.FileData(place(sha256)))
        return chunks

    def digest(self, sha256: str) -> str:
        """SHA-256 of the bytes as they really are in the storage now: read back, not remembered."""
        found = hashlib.sha256()
        for chunk in self.stream(sha256):
            found.update(chunk)
        return found.hexdigest()


class FolderStage:
    """Stages into a folder that goes when we close: for a dry run, which may keep nothing."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._folder = tempfile.TemporaryDirectory(prefix=TEMPORARY)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def put(self, chunks: Iterable[bytes]) -> Kept:
        """Keeps all bytes or none, for now."""
        staged = receive(chunks, Path(self._folder.name), self.limit)
        return Kept(staged.sha256, staged.size)

    def path(self, sha256: str) -> str:
        """Where the bytes are, as ``receive`` names them."""
        return str(Path(self._folder.name) / sha256)

    def digest(self, sha256: str) -> str:
        """SHA-256 of the bytes as they really are in the folder now."""
        with Path(self.path(sha256)).open("rb") as kept:
            return hashlib.file_digest(kept, "sha256").hexdigest()


def _put_in_place(source: Path, unfinished: Path, final: Path) -> None:
    """Whoever looks sees the whole file or none, also if we are killed meanwhile: CKAN's storage has no such promise.

    The ledger will say that these bytes are kept, so they are on the disk before, also if the power fails.
    """
    for path in (unfinished, final):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with source.open("rb") as received, unfinished.open("xb") as target:
            shutil.copyfileobj(received, target)
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(final)
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sweep(folder: Path) -> int:
    swept, old = 0, time.time() - ABANDONED
    for path in folder.iterdir() if folder.exists() else ():
        with contextlib.suppress(FileNotFoundError):  # finished now, or swept by another
            if OURS.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < old:
                path.unlink()
                swept += 1
    return swept


def sweep_temporary() -> int:
    """Removes the temporary folders of this machine's workers that were killed: how many.

    Only those in which nothing has come or gone for long, and that are this user's own.
    """
    swept, old = 0, time.time() - ABANDONED
    for path in Path(tempfile.gettempdir()).glob(f"{TEMPORARY}*"):
        with contextlib.suppress(OSError):  # gone meanwhile, or with something in it that cannot be removed
            found = path.lstat()  # anybody may leave a link here
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and found.st_mtime < old:
                shutil.rmtree(path)
                swept += 1
    return swept


def place(sha256: str) -> files.Location:
    """Where the bytes with this SHA-256 are kept."""
    return files.Location(f"{sha256[:2]}/{sha256}")
