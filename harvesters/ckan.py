"""CKAN portals by their action API: one dataset a dataset, one file a resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode

from ckanext.digitalcity.core.errors import RecipeError, Retriable, Skippable
from ckanext.digitalcity.core.model import Json, Recipe, Record, Ref

from . import catalogue
from .base import Source
from .catalogue import Files, address, json_object, objects
from .geojson import geometry
from .http import Http
from .offset_paging import by_offset
from .paging import whole_list
from .text import line, prose

API = "/api/3/action"
ROWS = 1_000  # the most that CKAN gives at once, unless its operator allows more; it may give fewer
FIELDS = ("id", "title", "metadata_modified", "state", "capacity", "res_url", "res_format")
# Our terms on the left; on the right what datasets say themselves, the first of them that says anything. Names after
# "extras." are those of ckanext-dcat and of data.gov.uk.
TERMS = {
    "contact_name": ("extras.contact_name", "maintainer"),
    "contact_email": ("extras.contact_email", "maintainer_email"),
    "issued": ("extras.issued",),
    "modified": ("extras.modified",),
    "accrualPeriodicity": ("extras.frequency", "extras.accrualPeriodicity", "extras.update_frequency"),
    "language": ("extras.language", "language"),
    "publisher": ("extras.publisher_name", "organization.title", "organization.name"),
    "license": ("license_id", "license_url", "license_title"),
}
SAFE = re.compile(r"[0-9A-Za-z][\w-]{0,99}", re.ASCII)  # ids that mean nothing else in a query of Solr
UNSTATED = {"", "notspecified"}  # licence ids that state none


class CKAN(Source):
    """Lists ids and times of change by ``package_search`` in the order of ids, so the whole list is the watermark too.

    See ``offset_paging.py`` for lists that shift meanwhile.
    """

    kind = "ckan"
    title = "CKAN portal"
    options = catalogue.OPTIONS | {
        "filter": "Which datasets are wanted, as CKAN's fq, such as organization:aberfal; default: all.",
        "licences": "Table from the portal's licence ids to licences, where it has its own.",
        "organisations": "Table from the portal's organisations to the publishers they stand for.",
        "groups": "Table from the portal's groups to keywords; an empty keyword leaves the group out.",
    }
    example = "ckan"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.base = f"{recipe.address.rstrip('/').removesuffix(API)}{API}"
        self.files = Files(recipe, http)
        self.filter = recipe.options.get("filter", "")
        if not isinstance(self.filter, str):
            raise RecipeError(
                f"“filter” in the recipe “{recipe.name}” makes no sense.", "Write it as organization:aberfal."
            )
        self.tables = {name: _table(recipe, name) for name in ("licences", "organisations", "groups")}
        self._by_search = True
        self._expected: list[str] = []
        self._kept: dict[str, Json] = {}

    def gather(self) -> Iterator[Ref]:
        """Lists every public dataset. Its version is when it was last changed, and the age of its files."""
        seen: set[str] = set()
        with whole_list():
            for dataset in by_offset(self._result, self._search, items="results"):
                id_, title = dataset.get("id"), line(dataset.get("title"))
                if not _is_id(id_):
                    yield Ref(f"without id: {title}", title=title, hint={"error": "no-id"})
                elif id_ not in seen and _is_public(dataset):
                    seen.add(id_)
                    yield Ref(id_, self._version(dataset), title or id_)

    def expect(self, refs: Sequence[Ref]) -> None:
        """Datasets that one search can give at once, instead of a request for each."""
        self._expected, self._kept = [ref.remote_id for ref in refs if SAFE.fullmatch(ref.remote_id)], {}

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Reads the dataset anew."""
        if "error" in ref.hint:
            raise Skippable("This dataset has no usable id.", "Tell the portal.", reason=str(ref.hint["error"]))
        url = f"{self.base}/package_show?id={quote(ref.remote_id, safe='', errors='replace')}"
        dataset = self._of_several(ref.remote_id) or self._result(url)
        if not isinstance(dataset, dict) or dataset.get("id") != ref.remote_id:
            raise Skippable("The portal's answer is not the dataset that was asked for.", reason="not-a-dataset")
        if not _is_public(dataset):
            raise Skippable("This dataset is private or deleted by now.", reason="not-public")
        title = line(dataset.get("title")) or line(dataset.get("name")) or ref.remote_id
        files = self.files.chosen(map(_file, filter(_is_public, objects(dataset.get("resources")))))
        return Record(
            ref.remote_id, title, prose(dataset.get("notes")), self._metadata(dataset), self.files.drafts(files)
        )

    def _of_several(self, id_: str) -> Json | None:
        """The dataset, if one search gives it with the others that are expected; what it does not give is asked for."""
        if self._by_search and id_ in self._expected and len(self._expected) > 1:
            ids, self._expected = self._expected, []
            query = {"fq": f"id:({' OR '.join(ids)})", "rows": len(ids)}
            try:
                found = self._result(f"{self.base}/package_search?{urlencode(query)}")
                results = objects(found.get("results")) if isinstance(found, dict) else ()
                self._kept = {dataset["id"]: dataset for dataset in results if dataset.get("id") in ids}
            except (Retriable, Skippable):
                self._by_search = False  # it cannot, and is not asked in vain for the others
        return self._kept.pop(id_, None)

    def _search(self, start: int) -> str:
        query: list[tuple[str, Any]] = [("q", "*:*"), ("sort", "id asc"), ("start", start), ("rows", ROWS)]
        query += [("fl", name) for name in FIELDS] + ([("fq", self.filter)] if self.filter else [])
        return f"{self.base}/package_search?{urlencode(query)}"

    def _result(self, url: str) -> Any:
        """What an action gives (CKAN API guide, Making an API request)."""
        answer = self.http.get_json(url)
        if not isinstance(answer, dict) or answer.get("success") is not True:
            raise Skippable(
                "The portal answers that it could not do what it was asked (success: false).",
                "Check that the address is that of a CKAN portal, and the filter.",
                reason="not-a-list",
            )
        return answer.get("result")

    def _version(self, dataset: Json) -> str | None:
        changed = dataset.get("metadata_modified")
        return self.files.version(changed, self.files.chosen(_listed_files(dataset))) if changed else None

    def _metadata(self, dataset: Json) -> Json:
        """What the dataset states in terms of DCAT."""
        facts: Json = {term: _first(dataset, names) for term, names in TERMS.items()}
        facts["license"] = self._licence(dataset, facts["license"])
        organisation = dataset.get("organization")
        name = line(organisation.get("name")) if isinstance(organisation, dict) else ""
        facts["publisher"] = self.tables["organisations"].get(name, facts["publisher"])
        groups = [
            self.tables["groups"].get(line(group.get("name")), line(group.get("title")) or line(group.get("name")))
            for group in objects(dataset.get("groups"))
        ]
        tags = [tag.get("display_name") or tag.get("name") for tag in objects(dataset.get("tags"))]
        facts["keyword"] = catalogue.words([*tags, *groups])
        facts["landingPage"] = address(dataset.get("url"))
        facts["spatial"] = geometry(json_object(_first(dataset, ("extras.spatial", "spatial"), 100_000)))
        return {term: value for term, value in facts.items() if value}

    def _licence(self, dataset: Json, stated: str) -> str:
        id_ = line(dataset.get("license_id"))
        return self.tables["licences"].get(id_, "" if id_ in UNSTATED - {""} else stated)


def _table(recipe: Recipe, name: str) -> dict[str, str]:
    table = recipe.options.get(name, {})
    if not isinstance(table, dict) or not all(isinstance(word, str) for pair in table.items() for word in pair):
        raise RecipeError(
            f"“{name}” in the recipe “{recipe.name}” makes no sense.", "Write one line for each, as “theirs: ours”."
        )
    return dict(table)


def _is_public(thing: Json) -> bool:
    """Whether a dataset or resource is there for all to see. The search index calls it capacity."""
    private = thing.get("private") in (True, "True", "true") or thing.get("capacity") == "private"
    return not private and thing.get("state") in (None, "", "active")


def _listed_files(dataset: Json) -> Iterator[Json]:
    """A dataset's files as the search knows them: old portals ignore ``fl`` and give the whole dataset."""
    if isinstance(dataset.get("resources"), list):
        yield from map(_file, filter(_is_public, objects(dataset["resources"])))
        return
    urls, claims = dataset.get("res_url"), dataset.get("res_format")
    urls = urls if isinstance(urls, list) else []
    claims = claims if isinstance(claims, list) and len(claims) == len(urls) else [""] * len(urls)
    yield from ({"url": url, "claim": claim} for url, claim in zip(urls, claims, strict=True))


def _file(resource: Json) -> Json:
    return {
        "key": line(resource.get("id")),
        "url": resource.get("url"),
        "name": line(resource.get("name")),
        "description": prose(resource.get("description")),
        "claim": line(resource.get("format")) or line(resource.get("mimetype")),
        "schema": json_object(resource.get("schema")),  # ckanext-validation keeps a Table Schema there
    }


def _first(dataset: Json, names: tuple[str, ...], most: int = 300) -> str:
    """The first of several members that says anything; a list says its parts with commas."""
    extras = {line(extra.get("key")): extra.get("value") for extra in objects(dataset.get("extras"))}
    for name in names:
        group, _, member = name.rpartition(".")
        place = extras if group == "extras" else dataset.get(group) if group else dataset
        value = place.get(member) if isinstance(place, dict) else None
        several = value if isinstance(value, list) else [value]
        if text := ", ".join(filter(None, (line(part, most) for part in several))):
            return text
    return ""


def _is_id(value: Any) -> TypeGuard[str]:
    """Whether a value can be the identity of a dataset and a part of an address."""
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()
