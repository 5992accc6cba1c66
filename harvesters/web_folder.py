"""A folder on a web server or in a bucket: its own listing says which files there are."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from ckanext.digitalcity.core.errors import IncompleteGather, RecipeError, Retriable, Skippable
from ckanext.digitalcity.core.model import FileDraft, Recipe, Record, Ref

from .base import Source
from .folder_html import Entry, entries, is_listing
from .folder_s3 import is_bucket, objects
from .http import Http
from .index_table import decoded
from .names import filename, format_of
from .options import whole_number
from .paging import whole_list
from .urls import public_url, shown, split

MOST_BYTES = 10_000_000  # of one listing
MOST_FOLDERS = 1_000
MOST_WANTED = 200_000
MOST_FILES = 1_000  # of one dataset
MOST_LEVELS = 10
PATIENCE = 3  # files without a validator after which the server is not asked for more
DATA = ("csv", "tsv", "xlsx", "xls", "ods", "json", "geojson", "xml", "zip", "parquet", "gpkg", "kml", "gml", "txt")


class WebFolder(Source):
    """Each file is a dataset, or all files are one. A file is known by its path within the folder."""

    kind = "web-folder"
    title = "Folder of files"
    options = {
        "pattern": "Which files are wanted, such as air-2026-*.csv, or a list of such; default: usual data files.",
        "dataset": "“file” (default) makes a dataset of each file; “folder” makes one of them all.",
        "levels": "How many levels of folders below are read too; default: 0.",
    }
    example = "web-folder"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        pattern = recipe.options.get("pattern", [f"*.{suffix}" for suffix in DATA])
        self.patterns = pattern if isinstance(pattern, list) else [pattern]
        if not self.patterns or not all(isinstance(one, str) and one for one in self.patterns):
            raise RecipeError(f"“pattern” in the recipe “{recipe.name}” makes no sense.", "Write it as *.csv.")
        dataset = recipe.options.get("dataset", "file")
        if dataset not in ("file", "folder"):
            raise RecipeError(f"“dataset” in the recipe “{recipe.name}” makes no sense.", "Write “file” or “folder”.")
        self.together = dataset == "folder"
        self.levels = whole_number(recipe, "levels", default=0, most=MOST_LEVELS)

    def gather(self) -> Iterator[Ref]:
        """Lists the files. Their version is what is listed of their age and size, else what the server says of them."""
        with whole_list():
            silent: Counter[str] = Counter()
            wanted: dict[str, Entry] = {}
            for entry in self._files():
                if self._wants(entry.path):
                    wanted.setdefault(entry.path, entry)
                if len(wanted) > MOST_WANTED:
                    raise IncompleteGather(f"There are more than {MOST_WANTED} files.", "Choose fewer by “pattern”.")
            if not self.together:
                for path, entry in wanted.items():
                    title = PurePosixPath(path).name
                    yield Ref(path, self._version([entry], silent), title, {"files": [[path, entry.url]]})
            elif wanted:
                hint = {"files": [[path, entry.url] for path, entry in wanted.items()]}
                yield Ref(self.recipe.name, self._version(list(wanted.values()), silent), self.recipe.title, hint)

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Makes the dataset of what gather found; asks nothing of the network. A listing describes nothing."""
        found: list[list[str]] = ref.hint["files"]
        if len(found) > MOST_FILES:
            raise Skippable(
                f"The folder has more than {MOST_FILES} files for one dataset.",
                "Choose fewer by “pattern”, or make each a dataset of its own.",
                reason="too-many-files",
            )
        return Record(
            remote_id=ref.remote_id,
            title=ref.title,
            notes=self.recipe.description if self.together else "",
            files=tuple(self._draft(path, url) for path, url in found),
        )

    def _wants(self, path: str) -> bool:
        """Whether the name fits a pattern, whatever its case: a pattern with a slash is about the whole path."""
        name = PurePosixPath(path).name.lower()
        return path.count("/") <= self.levels and any(
            fnmatchcase(path.lower() if "/" in one else name, one.lower()) for one in self.patterns
        )

    def _files(self) -> Iterator[Entry]:
        start = _folder(self.recipe.address)
        body = self._read(start)
        if is_bucket(body):
            yield from objects(self.recipe.address, self._read)
            return
        page = decoded(body)
        found = entries(page, start)
        if not is_listing(page) and not any(entry.path.endswith("/") or self._wants(entry.path) for entry in found):
            raise Skippable(
                f"{shown(start)} answered with a web page or something else that is not the list of a folder.",
                "Check that the address is a folder and that its server lists it.",
                reason="html",
            )
        yield from self._walk(found)

    def _walk(self, found: list[Entry]) -> Iterator[Entry]:
        """The files, and those of the folders below. A folder below that cannot be read makes the list incomplete."""
        read = 0
        folders = [(entry, 1) for entry in found if entry.path.endswith("/")]
        yield from (entry for entry in found if not entry.path.endswith("/"))
        while folders:
            folder, level = folders.pop()
            if level > self.levels:
                continue
            read += 1
            if read > MOST_FOLDERS:
                raise IncompleteGather(f"There are more than {MOST_FOLDERS} folders.", "Set “levels” to fewer.")
            for entry in self._below(folder):
                if entry.path.endswith("/"):
                    folders.append((entry, level + 1))
                else:
                    yield entry

    def _below(self, folder: Entry) -> list[Entry]:
        try:
            page = decoded(self._read(folder.url))
        except (Retriable, Skippable) as problem:
            raise IncompleteGather(
                f"A folder below could not be read: {problem.message}",
                "Nothing was withdrawn. It will be tried again.",
                after=getattr(problem, "after", None),
            ) from None
        found = entries(page, folder.url)
        if not found and not is_listing(page):
            raise IncompleteGather(f"{shown(folder.url)} did not answer with the list of a folder.", "Look at it.")
        return [Entry(folder.path + entry.path, entry.url, entry.version) for entry in found]

    def _read(self, url: str) -> bytes:
        return self.http.get_bytes(url, MOST_BYTES, accept="text/html, application/xml, */*")

    def _version(self, found: list[Entry], silent: Counter[str]) -> str | None:
        """A hash of what is known of the files' age; None if it is not known of one of them.

        Args:
            silent: how often in a row each server did not say; it is not asked for ever.
        """
        facts: list[Any] = []
        for entry in found:
            host = split(entry.url).netloc
            version = entry.version or (self.http.head_version(entry.url) if silent[host] < PATIENCE else None)
            if version is None:
                silent[host] += 1
                return None
            if not entry.version:
                silent[host] = 0
            facts.append([entry.path, entry.url, version])
        return hashlib.sha256(json.dumps(sorted(facts)).encode("utf-8", "replace")).hexdigest()

    def _draft(self, path: str, url: str) -> FileDraft:
        format_ = format_of("", url)
        return FileDraft(
            key=path,
            name=PurePosixPath(path).name,
            filename=filename(url, path, format_),
            url=public_url(url),
            format=format_,
            read=partial(self.http.read, url),
        )


def _folder(address: str) -> str:
    """The address as a server would send us on to it: with a slash at its end, unless it is a page or a query."""
    parts = split(address)
    if parts.query or parts.path.endswith("/") or parts.path.lower().endswith((".html", ".htm")):
        return address
    return f"{address.partition('#')[0]}/"
