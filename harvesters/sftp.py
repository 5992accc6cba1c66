"""Drop folders on SFTP servers: files that others put there, read once they have been put there whole."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from paramiko import SFTPAttributes, SFTPClient

from ckanext.digitalcity.core.errors import IncompleteGather, RecipeError, Retriable, Skippable
from ckanext.digitalcity.core.model import Recipe, Record, Ref

from .folder_html import Entry, is_safe
from .http import Http
from .sftp_door import SftpDoor
from .urls import join, split
from .web_folder import MOST_FOLDERS, MOST_WANTED, WebFolder

PART, WINDOW = (
    1 << 15,
    1 << 20,
)  # bytes asked for at once, and under way at once, as they come faster than they are read
SETTLED = 60  # seconds without a change after which a file counts as whole
OPTION = {
    "host_key": "The fingerprint of the server’s key, such as SHA256:abc…, as its owner tells it to you; “Test this "
    "address” shows what it is."
}


class Sftp(WebFolder):
    """Each file is a dataset, or all files are one. Links are not followed: they may lead out of the folder."""

    kind = "sftp"
    title = "Drop folder (SFTP)"
    schemes = ("sftp",)
    options = {**WebFolder.options, **OPTION}
    example = "sftp"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        host_key = recipe.options.get("host_key", "")
        if not isinstance(host_key, str) or (host_key and not host_key.startswith("SHA256:")):
            raise RecipeError(
                f"“host_key” in the recipe “{recipe.name}” makes no sense.", "Write a fingerprint, such as SHA256:abc…."
            )
        self.door = SftpDoor(http, recipe.address, host_key)
        self._seen: dict[str, str] = {}
        self.base = recipe.address.rstrip("/") + "/"

    def gather(self) -> Iterator[Ref]:
        """Lists the files. Their version is their time and size."""
        self._seen.clear()
        at = time.time()
        for ref in super().gather():
            seen = {path: [self._seen[path], at] for path, _ in ref.hint["files"]}
            yield Ref(ref.remote_id, ref.version, ref.title, {**ref.hint, "seen": seen})

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Makes the dataset of what gather found; asks nothing of the network."""
        record = super().fetch(ref, cursor)
        files = (
            replace(file, read=partial(self._read_file, file.key, *ref.hint["seen"][file.key])) for file in record.files
        )
        return replace(record, files=tuple(files))

    def _files(self) -> Iterator[Entry]:
        """Every file, as far down as is wanted."""
        with self.door.session() as client:
            folders, read = [("", 0)], 0
            while folders:
                folder, level = folders.pop()
                read += 1
                if read > MOST_FOLDERS:
                    raise IncompleteGather(f"There are more than {MOST_FOLDERS} folders.", "Set “levels” to fewer.")
                for found in self._entries(client, folder):
                    path = folder + found.filename
                    if not is_safe(path) or "/" in found.filename:
                        continue
                    if stat.S_ISDIR(found.st_mode or 0) and level < self.levels:
                        folders.append((f"{path}/", level + 1))
                    elif stat.S_ISREG(found.st_mode or stat.S_IFREG):
                        self._seen[path] = _version(found)
                        yield Entry(path, join(self.base, quote(path)), self._seen[path])

    def _entries(self, client: SFTPClient, folder: str) -> Iterator[SFTPAttributes]:
        for number, found in enumerate(client.listdir_iter(self._place(folder)), 1):
            if number > MOST_WANTED:
                raise IncompleteGather(f"There are more than {MOST_WANTED} files in one folder.", "Use several.")
            yield found

    def _read_file(self, path: str, seen: str, at: float) -> Iterator[bytes]:
        """The bytes of a file that is whole, and stays the same while it is read.

        It is whole if it has not changed for a minute: by the server's clock, or by ours since we first saw it, for a
        clock that is wrong must not keep files out for ever.

        Args:
            seen: its version when it was listed.
            at: when that was, in seconds since 1970.

        Raises:
            Retriable: it is still being written.
            Skippable: it is too large.
        """
        name, limits = PurePosixPath(path).name, self.http.limits
        end = time.monotonic() + limits.total
        with self.door.session() as client, client.open(self._place(path), "rb") as file:
            before = file.stat()
            size, now = before.st_size or 0, time.time()
            settled = now - SETTLED >= (before.st_mtime or 0)
            if not settled and not (_version(before) == seen and now - SETTLED >= at):
                raise Retriable(f"{name} is still being written.", "It will be tried again.", after=SETTLED)
            if size > limits.bytes:
                raise Skippable(
                    f"{name} is larger than {limits.bytes} bytes, the most that is read.",
                    "Publish it in smaller parts.",
                    reason="too-large",
                )
            for start in range(0, size, WINDOW):
                stop = min(start + WINDOW, size)
                yield from file.readv([(begin, min(PART, stop - begin)) for begin in range(start, stop, PART)])
                if time.monotonic() > end:
                    raise TimeoutError
            if file.read(1) or _version(client.stat(self._place(path))) != _version(before):
                raise Retriable(f"{name} changed while it was read.", "It will be read again.")

    def _place(self, path: str) -> str:
        """A path on the server: relative to where its login leads if the address begins with /~/."""
        folder = unquote(split(self.base).path)
        return (folder.removeprefix("/~/") + path) or "."


def _version(found: SFTPAttributes) -> str:
    return f"{found.st_mtime} {found.st_size}" if found.st_mtime is not None and found.st_size is not None else ""
