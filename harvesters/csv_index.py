"""An index in CSV or a workbook: a table whose rows say where files are and what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from ckanext.digitalcity.core.errors import RecipeError, Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from . import index_sheet, options
from .base import Source
from .http import Http
from .index_columns import FIELDS, columns
from .index_table import rows
from .names import filename, format_of
from .paging import whole_list
from .text import line, prose
from .urls import join, public_url
from .versions import Versions

MOST_BYTES = 50_000_000
MOST_SCHEMA = 1_000_000  # bytes of a Table Schema
LONG = {"description", "dataset_description"}
GIT_LFS = b"version https://git-lfs.github.com/spec/"

WRONG = {
    "duplicate-id": (
        "The index has this id twice; the second was left out.",
        "Ask the publisher to give every row its own id.",
    ),
    "no-address": (
        "This row of the index names no file.",
        "Fill in its address, or set the option “blank_url: skip” if some rows are meant to have none.",
    ),
}


class CsvIndex(Source):
    """Each row is a dataset with one file; or a file, where the recipe's ``fields`` name a column for ``dataset``.

    A row that repeats an id or names no file becomes a Ref whose ``hint`` says so under ``error``; fetching it
    raises Skippable with that reason. A row without an id goes by its address.
    """

    kind = "csv-index"
    title = "CSV index of files"
    options = {
        "sheet": "Name of the sheet, where the index is a workbook (XLSX, ODS); default: the first.",
        "blank_url": "“error” (default) reports rows that name no file; “skip” leaves them out without a word.",
    }
    fields = FIELDS
    example = "csv-index"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        options.known(recipe, "fields", recipe.fields, FIELDS)
        self._schemas: dict[str, Any] = {}
        self.sheet = recipe.options.get("sheet", "")
        if not isinstance(self.sheet, str):
            raise RecipeError(f"“sheet” in the recipe “{recipe.name}” makes no sense.", "Write its name.")
        self.skip_blank = recipe.options.get("blank_url", "error") == "skip"
        if recipe.options.get("blank_url", "error") not in ("error", "skip"):
            raise RecipeError(f"“blank_url” in the recipe “{recipe.name}” makes no sense.", "Write “error” or “skip”.")

    def gather(self) -> Iterator[Ref]:
        """Lists the datasets. A version covers the rows and what the servers say of the files' age."""
        with whole_list():
            groups, faults = self._groups()
            versions = Versions(self.http)
            for name, group in groups.items():
                yield Ref(name, self._version(group, versions), _title(_first(group), name), {"rows": group})
            yield from faults

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Makes the dataset of what gather read; asks the network for nothing but its Table Schemas, each once."""
        if error := str(ref.hint.get("error", "")):
            message, hint = WRONG.get(error, ("This row of the index cannot be used.", ""))
            raise Skippable(message, hint, reason=error)
        group: list[dict[str, str]] = ref.hint["rows"]
        first = _first(group)
        description = first.get("dataset_description") or ("" if len(group) > 1 else first.get("description", ""))
        return Record(
            remote_id=ref.remote_id,
            title=_title(first, ref.remote_id),
            notes=description,
            metadata=_metadata(group, first),
            files=tuple(self._draft(row) for row in group),
        )

    def _groups(self) -> tuple[dict[str, list[dict[str, str]]], list[Ref]]:
        """The rows of each dataset, and the rows that cannot be used, each once."""
        body = self.http.get_bytes(self.recipe.address, MOST_BYTES, accept="text/csv, */*")
        table = index_sheet.rows(body, self.sheet) if index_sheet.is_workbook(body) else rows(body)
        where = columns(next(table)[1], self.recipe.fields)
        groups: dict[str, list[dict[str, str]]] = {}
        faults: dict[tuple[str, str], Ref] = {}
        ids: set[str] = set()
        for number, cells in table:
            row = {field: _cell(field, cells, position) for field, position in where.items()}
            error, id_ = "", row.get("id") or row["url"]
            if not row["url"]:
                if self.skip_blank:
                    continue
                error, id_ = "no-address", row.get("id") or f"row {number}"
            elif id_ in ids:
                error = "duplicate-id"
            if error:
                faults.setdefault((error, id_), Ref(id_, title=row.get("title") or id_, hint={"error": error}))
                continue
            ids.add(id_)
            row["id"] = id_
            groups.setdefault(row.get("dataset") or id_, []).append(row)
        return groups, [fault for (error, id_), fault in faults.items() if error == "duplicate-id" or id_ not in ids]

    def _version(self, group: list[dict[str, str]], versions: Versions) -> str | None:
        """Covers the rows, their files and their schemas."""
        return versions.of(group, [url for row in group for url in (self._url(row), self._schema_url(row)) if url])

    def _url(self, row: dict[str, str]) -> str:
        return join(self.recipe.address, row["url"])

    def _schema_url(self, row: dict[str, str]) -> str:
        return join(self.recipe.address, row["schema"]) if row.get("schema") else ""

    def _schema(self, row: dict[str, str]) -> Any:
        """The Table Schema that the row names, as it is: the gate says what is wrong with it."""
        url = self._schema_url(row)
        if url and url not in self._schemas:
            self._schemas[url] = self.http.get_json(url, limit=MOST_SCHEMA)
        return self._schemas.get(url)

    def _draft(self, row: dict[str, str]) -> FileDraft:
        url = self._url(row)
        format_ = format_of(row.get("format", ""), url)
        return FileDraft(
            key=row["id"],
            name=row.get("title") or row["id"],
            filename=filename(url, row["id"], format_),
            url=public_url(url),
            format=format_,
            read=partial(self._read, url),
            description=row.get("description", ""),
            schema=self._schema(row),
        )

    def _read(self, url: str) -> Iterator[bytes]:
        for number, chunk in enumerate(self.http.read(url)):
            if number == 0 and chunk.startswith(GIT_LFS):
                raise Skippable(
                    "The address gives a Git LFS pointer instead of the file itself.",
                    "Use the address of the file's real content.",
                    reason="lfs-pointer",
                )
            yield chunk


def _cell(field: str, cells: list[str], position: int) -> str:
    text = cells[position] if position < len(cells) else ""
    return prose(text) if field in LONG else line(text, most=2_000 if field in ("url", "schema") else 300)


def _first(group: list[dict[str, str]]) -> dict[str, str]:
    """Of each field, what the first row says that says anything."""
    return {field: value for row in reversed(group) for field, value in row.items() if value}


def _title(first: dict[str, str], name: str) -> str:
    return first.get("dataset_title") or first.get("dataset") or first.get("title") or name


def _metadata(group: list[dict[str, str]], first: dict[str, str]) -> Json:
    """What the rows state in terms of DCAT: the first that says something, and all their keywords."""
    words = {word.strip() for row in group for word in re.split("[,;|]", row.get("keywords", ""))}
    facts = {
        "license": first.get("licence"),
        "keyword": sorted(words - {""}),
        "modified": max((row.get("modified", "") for row in group), default=""),
        "accrualPeriodicity": first.get("frequency"),
    }
    return {term: value for term, value in facts.items() if value}
