"""Opendatasoft portals by their Explore API 2.1: one dataset a dataset, its file the export of all its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode

from ckanext.digitalcity.core.errors import IncompleteGather, RecipeError, Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from .base import Source
from .html_text import plain
from .http import Http
from .names import safe
from .paging import follow, whole_list
from .text import line
from .urls import public_url

API = "/api/explore/v2.1"
PAGE = 100  # the most that the API gives at once
REACH = 10_000  # offset and limit together may not go beyond; further lies only the export
EXPORT = "exports/csv?delimiter=%3B&use_labels=false"

# Types of fields whose text in the CSV export is certain. Places, shapes and files are left as they are.
TYPES = {
    "text": "string",
    "int": "integer",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
}
# Our terms on the left, those of the standard template of metadata (``metas.default``) on the right.
TERMS = {"publisher": "publisher", "modified": "modified", "language": "language"}


class Opendatasoft(Source):
    """Lists the datasets page by page; beyond what pages reach, or where pages shifted, by the catalogue's export.

    Attachments and alternative exports are left out.
    """

    kind = "opendatasoft"
    title = "Opendatasoft portal"
    options = {"refine": "Facet and value that datasets must have, such as publisher:Aberfal; default: all datasets."}
    example = "opendatasoft"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.base = f"{recipe.address.rstrip('/').removesuffix(API)}{API}/catalog"
        refine = recipe.options.get("refine")
        if refine is not None and (not isinstance(refine, str) or ":" not in refine):
            raise RecipeError(
                f"“refine” in the recipe “{recipe.name}” makes no sense.",
                "Write a facet, a colon and a value, such as publisher:Aberfal.",
            )
        self.query = {"refine": refine} if refine else {}

    def gather(self) -> Iterator[Ref]:
        """Lists every dataset. Its version is when its data and its metadata were last processed."""
        seen: set[str] = set()
        with whole_list():
            for dataset in self._datasets():
                id_, title = dataset.get("dataset_id"), line(_default(dataset).get("title"))
                if not _is_id(id_):
                    yield Ref(f"without id: {title}", title=title, hint={"error": "no-id"})
                elif id_ not in seen:
                    seen.add(id_)
                    yield Ref(id_, _version(dataset), title or id_)

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Reads the dataset's description anew."""
        if "error" in ref.hint:
            raise Skippable(
                "This dataset has no usable id (dataset_id).", "Tell the portal.", reason=str(ref.hint["error"])
            )
        url = f"{self.base}/datasets/{quote(ref.remote_id, safe='', errors='replace')}"
        dataset = self.http.get_json(url)
        if not isinstance(dataset, dict) or dataset.get("dataset_id") != ref.remote_id:
            raise Skippable("The portal's answer is not the dataset that was asked for.", reason="not-a-dataset")
        metas = _default(dataset)
        title = line(metas.get("title")) or ref.remote_id
        files: tuple[FileDraft, ...] = ()
        if dataset.get("has_records") is True and dataset.get("data_visible") is not False:
            address = f"{url}/{EXPORT}"
            files = (
                FileDraft(
                    key="records",
                    name=title,
                    filename=f"{safe(ref.remote_id) or 'records'}.csv",
                    url=public_url(address),
                    format="CSV",
                    read=partial(self.http.read, address),
                    schema=table_schema(dataset.get("fields")),
                ),
            )
        return Record(ref.remote_id, title, plain(metas.get("description")), _metadata(metas), files)

    def _datasets(self) -> Iterator[Json]:
        """Every dataset at least once, also where the list shifts under the pages."""
        pages = _Pages(self.http, self._page_url)
        ids: set[str] = set()
        twice = False
        for dataset in follow(self._page_url(0), pages.read, items="results", link="next"):
            id_ = str(dataset.get("dataset_id"))
            twice = twice or id_ in ids
            ids.add(id_)
            yield dataset
        if not twice and pages.total <= REACH:
            return
        # one that came twice has pushed another out of sight; the export is made in one go
        everything = self.http.get_json(f"{self.base}/exports/json?{urlencode(self.query)}")
        if not isinstance(everything, list):
            raise IncompleteGather("The portal's export of its catalogue is no list.", "It will be tried again.")
        yield from (dataset for dataset in everything if isinstance(dataset, dict))

    def _page_url(self, offset: int) -> str:
        window = {"limit": min(PAGE, REACH - offset), "offset": offset}
        return f"{self.base}/datasets?{urlencode(window | self.query)}"


class _Pages:
    """Pages of the catalogue, each with the address of the next, which the API itself does not give.

    Attributes:
        total: datasets there are, as far as the pages read so far say.
    """

    def __init__(self, http: Http, address: Callable[[int], str]) -> None:
        self.http = http
        self.address = address
        self.total = 0
        self._offset = 0
        self._before: list[Any] = []

    def read(self, url: str) -> Any:
        page = self.http.get_json(url)
        results = page.get("results") if isinstance(page, dict) else None
        if not isinstance(results, list):
            return page  # whoever follows the pages says what is wrong with it
        if results and results == self._before:
            raise IncompleteGather("The same page came again.", "Tell whoever runs the portal.")
        self._before = results
        self._offset += len(results)
        count = page.get("total_count")
        self.total = count if isinstance(count, int) else self._offset + bool(results)
        if not results and self._offset < self.total:
            raise IncompleteGather(f"The list ends after {self._offset} of {self.total} datasets.")
        more = self._offset < self.total <= REACH
        return {"results": results, "next": self.address(self._offset) if more else ""}


def table_schema(fields: Any) -> Json | None:
    """Table Schema of an export, from the fields as the API describes them; None if it would be guesswork."""
    if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        return None
    names = [field.get("name") for field in fields]
    if (
        not names
        or len(set(map(str, names))) < len(names)
        or not all(isinstance(n, str) and n and n.isprintable() for n in names)
    ):
        return None
    return {"fields": [_field(field) for field in fields]}


def _field(field: Json) -> Json:
    annotations = field.get("annotations")
    annotations = annotations if isinstance(annotations, dict) else {}
    type_ = TYPES.get(str(field.get("type")), "any")
    # dates of a coarser grain are exported as a year or a month
    if "timeserie_precision" in annotations and (type_, annotations["timeserie_precision"]) != ("date", "day"):
        type_ = "any"
    facts = {
        "name": field["name"],
        "type": type_,
        "title": line(field.get("label")),
        "description": line(field.get("description"), 2_000),
        "unit": line(annotations.get("unit")),
    }
    return {key: value for key, value in facts.items() if value}


def _metadata(metas: Json) -> Json:
    """What the dataset states in terms of DCAT. Themes count as keywords."""
    words = {line(word, 100) for term in ("keyword", "theme") for word in _several(metas.get(term))}
    facts: Json = {term: line(metas.get(name)) for term, name in TERMS.items()}
    facts["license"] = line(metas.get("license")) or line(metas.get("license_url"))
    facts["keyword"] = sorted(words - {""})
    return {term: value for term, value in facts.items() if value}


def _default(dataset: Json) -> Json:
    """The standard template of a dataset's metadata."""
    metas = dataset.get("metas")
    found = metas.get("default") if isinstance(metas, dict) else None
    return found if isinstance(found, dict) else {}


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _version(dataset: Json) -> str | None:
    """When it was processed; None if the portal does not say."""
    metas = _default(dataset)
    times = [line(metas.get(name)) for name in ("metadata_processed", "data_processed")]
    if dataset.get("has_records") is False:
        times = times[:1]
    return " ".join(times) if all(times) else None


def _is_id(value: Any) -> TypeGuard[str]:
    """Whether a value can be the identity of a dataset and a part of an address."""
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() and value not in (".", "..")
