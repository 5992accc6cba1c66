"""What is to be checked, as a file on this machine: a file, a web address or the standard input."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

from ..core.errors import Fatal

LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True)
class Target:
    """A file to check.

    Attributes:
        path: where its bytes are, only while ``opened`` is open.
        filename: its own name; the ending is a claim about its format.
        place: what to call it in a report: an address is without its query, which may hold a key.
    """

    path: Path
    filename: str
    place: str


@contextmanager
def opened(name: str, *, loopback: bool, progress: Console) -> Iterator[Target]:
    """Fetches what is not on this machine into a folder that is gone afterwards.

    Args:
        name: a file, an http(s) address, or ``-`` for the standard input.
        loopback: an address may lead to this machine itself.
        progress: shows how much has come, if it is a terminal.

    Raises:
        Fatal: there is no such file, or it cannot be read.
        Retriable, Skippable: the address cannot be read.
    """
    if name != "-" and "://" not in name:
        yield _file(name)
        return
    with tempfile.TemporaryDirectory(prefix="digitalcity-check-") as folder:
        if name == "-":
            path = Path(folder, "input")
            with path.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
            yield Target(path, "", "standard input")
        else:
            yield _fetched(name, Path(folder), loopback, progress)


def _file(name: str) -> Target:
    path = Path(name)
    if path.is_dir():
        raise Fatal(f"'{name}' is a folder, not a file.", "Give the name of one file in it.")
    if not path.is_file():
        raise Fatal(f"There is no file '{name}'.", "Check the name and the folder.")
    if not os.access(path, os.R_OK):
        raise Fatal(f"'{name}' cannot be opened.", "Ask its owner to let you read it, or copy it to a folder of yours.")
    return Target(path, path.name, os.fsencode(name).decode("utf-8", "replace"))  # a name may be any bytes


def _fetched(url: str, folder: Path, loopback: bool, progress: Console) -> Target:
    from ..harvesters.http import Http  # takes a while to load, and files do not need it
    from ..harvesters.urls import shown

    bar = Progress(
        SpinnerColumn(), TextColumn("Fetching"), BarColumn(), DownloadColumn(),
        console=progress, transient=True, disable=not progress.is_terminal,
    )  # fmt: skip
    path = folder / "fetched"
    with bar, path.open("wb") as file:
        task = bar.add_task("", total=None)
        for chunk in Http(LOOPBACK if loopback else ()).read(url):
            file.write(chunk)
            bar.advance(task, len(chunk))
    return Target(path, Path(unquote(urlsplit(url).path)).name, shown(url))
