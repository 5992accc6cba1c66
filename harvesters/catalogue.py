"""What catalogues have in common: datasets that lead to files on any server, of which a recipe may want only some."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote

from ckanext.digitalcity.core.errors import RecipeError, Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe

from .http import Http
from .names import filename, format_of
from .text import line
from .urls import join, public_url, split
from .versions import Versions, digest

MOST_FILES = 1_000
OPTIONS = {
    "formats": "Formats of the files that are wanted, such as [CSV, XLSX]; default: all.",
    "ask_files": "“false” relies on what the catalogue says of changes; default: “true” asks every file's server too.",
}


class Files:
    """The files of a catalogue's datasets, as far as the recipe wants them.

    A file is a JSON object until it becomes a draft: ``url``, and if the catalogue says so ``key`` (else the address
    is it), ``name``, ``description``, ``claim`` (its format or media type) and ``schema`` (Table Schema).

    Raises:
        RecipeError: an option makes no sense.
    """

    def __init__(self, recipe: Recipe, http: Http) -> None:
        self.recipe = recipe
        self.http = http
        formats = recipe.options.get("formats")
        if formats is not None and not (isinstance(formats, list) and all(isinstance(f, str) for f in formats)):
            raise RecipeError(
                f"“formats” in the recipe “{recipe.name}” makes no sense.", "Write a list, such as [CSV, XLSX]."
            )
        self.formats = None if formats is None else {format_of(name, "") for name in formats}
        self.ask = recipe.options.get("ask_files", True)
        if not isinstance(self.ask, bool):
            raise RecipeError(f"“ask_files” in the recipe “{recipe.name}” makes no sense.", "Write true or false.")
        self._versions = Versions(http)

    def chosen(self, files: Iterable[Json]) -> list[Json]:
        """Those that are wanted and have an address, each address made whole."""
        found = []
        for file in files:
            stated = line(file.get("url"), 2_000)
            url = join(self.recipe.address, stated)
            if not stated or split(url).scheme not in ("http", "https"):
                continue
            if self.formats is None or format_of(line(file.get("claim")), url) in self.formats:
                found.append({**file, "url": url})
        return found

    def version(self, facts: Any, files: list[Json]) -> str | None:
        """A version of a dataset; None if it has to be read to know."""
        return self._versions.of(facts, (file["url"] for file in files)) if self.ask else digest(facts)

    def drafts(self, files: list[Json]) -> tuple[FileDraft, ...]:
        """The files, each key once.

        Raises:
            Skippable: there are too many.
        """
        drafts: dict[str, FileDraft] = {}
        for draft in map(self._draft, files):
            drafts.setdefault(draft.key, draft)
        if len(drafts) > MOST_FILES:
            raise Skippable(f"This dataset has more than {MOST_FILES} files.", "Divide it.", "too-many-files")
        return tuple(drafts.values())

    def _draft(self, file: Json) -> FileDraft:
        url = file["url"]
        name = line(file.get("name")) or line(unquote(split(url).path).rpartition("/")[2]) or "file"
        format_ = format_of(line(file.get("claim")), url)
        return FileDraft(
            key=line(file.get("key")) or public_url(url),
            name=name,
            filename=filename(url, name, format_),
            url=public_url(url),
            format=format_,
            read=partial(self.http.read, url),
            description=file.get("description", ""),
            schema=file.get("schema"),
        )


def objects(value: Any) -> Iterator[Json]:
    """The JSON objects of a list; one that stands alone counts as a list of one."""
    yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict))


def words(value: Any) -> list[str]:
    """Keywords, sorted, from a list or from text with commas."""
    several = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return sorted({line(word, 100) for word in several} - {""})


def json_object(value: Any) -> Json | None:
    """A JSON object, also one that is kept as text; None if it is none."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def address(url: Any) -> str:
    """An address that may be published as a link; "" if it is none."""
    text = line(url, 2_000)
    return public_url(text) if split(text).scheme in ("http", "https") else ""
