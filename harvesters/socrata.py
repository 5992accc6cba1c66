"""Socrata portals (Tyler Data & Insights): one dataset a view, its file all rows by the SODA export."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from .base import Source
from .html_text import plain
from .http import Http
from .names import filename, format_of, safe
from .offset_paging import by_offset
from .paging import unique, whole_list
from .socrata_rows import Rows
from .text import line
from .urls import public_url, split

PAGE = 100  # datasets at once; the catalogue API is asked for no more than its own default
KEPT = ("dataset", "file", "href", "")  # maps, charts, filters and stories show what one of these has

# Types of columns whose text in the export is certain; places, links and all others are left as they are.
TYPES = {"text": "string", "number": "number", "checkbox": "boolean", "calendar_date": "datetime"}
# Our terms on the left, those of a view's metadata (/api/views) on the right.
TERMS = {"publisher": "attribution", "language": "locale"}
TIMES = {"modified": "rowsUpdatedAt", "issued": "publicationDate"}  # seconds since 1970


class Socrata(Source):
    """Lists the datasets of one portal by its catalogue; views of other portals and of other views are left out."""

    kind = "socrata"
    title = "Socrata portal"
    options = {"category": "Category that datasets must have, as the portal writes it; default: all datasets."}
    example = "socrata"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.base = recipe.address.rstrip("/")
        host = split(recipe.address).hostname or ""
        self.query = {"domains": host, "search_context": host}

    def gather(self) -> Iterator[Ref]:
        """Lists every dataset. Its version is when its rows and its metadata last changed."""
        category = line(self.recipe.options.get("category"))
        with whole_list():
            for found in unique(by_offset(self._page, self._page_url, items="results"), "id"):
                id_, title = found.get("id"), line(found.get("name"))
                if found["kind"] not in KEPT or (category and category.casefold() != found["category"].casefold()):
                    continue
                if _is_id(id_):
                    yield Ref(id_, _version(found), title or id_)
                else:
                    yield Ref(f"without id: {title}", title=title, hint={"error": "no-id"})

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Reads the view's metadata anew."""
        if "error" in ref.hint:
            raise Skippable("This dataset has no usable id.", "Tell the portal.", reason=str(ref.hint["error"]))
        id_ = quote(ref.remote_id, safe="", errors="replace")
        view = self.http.get_json(f"{self.base}/api/views/{id_}.json")
        if not isinstance(view, dict) or view.get("id") != ref.remote_id:
            raise Skippable("The portal's answer is not the dataset that was asked for.", reason="not-a-dataset")
        title = line(view.get("name")) or ref.remote_id
        facts = {"landingPage": f"{public_url(self.base)}/d/{id_}", **_metadata(view)}
        return Record(ref.remote_id, title, plain(view.get("description")), facts, self._files(view, id_, title))

    def _page_url(self, offset: int) -> str:
        return f"{self.base}/api/catalog/v1?{urlencode({**self.query, 'limit': PAGE, 'offset': offset})}"

    def _page(self, url: str) -> Any:
        """A page of the catalogue with what is needed of each result."""
        page = self.http.get_json(url)
        results = page.get("results") if isinstance(page, dict) else None
        if not isinstance(results, list):
            return page  # whoever follows the pages says what is wrong with it
        return {"results": [_listed(result) for result in results], "count": page.get("resultSetSize")}

    def _files(self, view: Json, id_: str, title: str) -> tuple[FileDraft, ...]:
        blob = line(view.get("blobId"))
        if blob:
            name = line(view.get("blobFilename"))
            address = f"{self.base}/api/views/{id_}/files/{quote(blob, safe='')}?{urlencode({'filename': name})}"
            format_ = format_of(line(view.get("blobMimeType")), f"https://x/{quote(name)}")
            return (
                FileDraft(
                    key="file",
                    name=name or title,
                    filename=filename(f"https://x/{quote(name)}", "file", format_),
                    url=public_url(address),
                    format=format_,
                    read=partial(self.http.read, address),
                ),
            )
        columns = _columns(view)
        if not columns or line(view.get("viewType")) not in ("tabular", ""):
            return ()
        rows = Rows(self.http, f"{self.base}/resource/{id_}", tuple(str(column["fieldName"]) for column in columns))
        return (
            FileDraft(
                key="rows",
                name=title,
                filename=f"{safe(str(view['id'])) or 'rows'}.csv",
                url=public_url(rows.page_url(0)),
                format="CSV",
                read=rows.read,
                schema={"fields": [_field(column) for column in columns]},
            ),
        )


def _listed(result: Any) -> Json:
    """One result of the catalogue: members of ``resource`` as they are, kind and category as text."""
    result = result if isinstance(result, dict) else {}
    about, classes = result.get("resource"), result.get("classification")
    about = about if isinstance(about, dict) else {}
    category = classes.get("domain_category") if isinstance(classes, dict) else ""
    return {**about, "kind": line(about.get("type")), "category": line(category)}


def _version(resource: Json) -> str | None:
    """When rows and metadata last changed; None if the portal does not say."""
    times = [line(resource.get(name)) for name in ("data_updated_at", "metadata_updated_at")]
    return " ".join(times) if all(times) else line(resource.get("updatedAt")) or None


def _columns(view: Json) -> list[Json]:
    """The columns that everybody sees, if their names can be names of columns; without the portal's own (``:id`` …)."""
    columns = view.get("columns")
    columns = [c for c in columns if isinstance(c, dict)] if isinstance(columns, list) else []
    names = [column.get("fieldName") for column in columns]
    if not all(isinstance(name, str) and name and name.isprintable() and "," not in name for name in names):
        return []
    hidden = [isinstance(c.get("flags"), list) and "hidden" in c["flags"] for c in columns]
    return [c for c, gone in zip(columns, hidden, strict=True) if not gone and not c["fieldName"].startswith(":")]


def _field(column: Json) -> Json:
    facts = {
        "name": column["fieldName"],
        "type": TYPES.get(line(column.get("dataTypeName")), "any"),
        "title": line(column.get("name")),
        "description": plain(column.get("description"))[:2_000],
    }
    return {key: value for key, value in facts.items() if value}


def _metadata(view: Json) -> Json:
    """What the view states in terms of DCAT. Its category counts as a keyword."""
    tags, licence = view.get("tags"), view.get("license")
    words = {line(word, 100) for word in [*(tags if isinstance(tags, list) else []), view.get("category")]}
    licence = licence if isinstance(licence, dict) else {}
    facts: Json = {term: line(view.get(name)) for term, name in TERMS.items()}
    facts |= {term: _moment(view.get(name)) for term, name in TIMES.items()}
    facts["license"] = line(licence.get("termsLink")) or line(licence.get("name")) or line(view.get("licenseId"))
    facts["keyword"] = sorted(words - {""})
    return {term: value for term, value in facts.items() if value}


def _moment(seconds: Any) -> str:
    """ISO 8601 in UTC; "" for what is no such number."""
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < 1 << 40:
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return ""


def _is_id(value: Any) -> TypeGuard[str]:
    """Whether a value can be the identity of a dataset and a part of an address."""
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() and value not in (".", "..")
