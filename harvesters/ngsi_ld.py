"""Context brokers (NGSI-LD, NGSIv2): one dataset a type of entities, or an entity; files are tables of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode

from ckanext.digitalcity.core.errors import RecipeError, Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from .base import Source
from .http import Http
from .names import safe
from .ngsi_attributes import attributes
from .ngsi_tables import Entities, observations, readings, snapshot
from .offset_paging import by_offset
from .paging import unique, whole_list
from .text import line, prose
from .urls import public_url
from .versions import digest

PAGE = 100  # brokers differ in the most they give; all give as many
LOOK = 20  # entities of a type that are looked at to see whether they have readings
ROOTS = {"ngsi-ld": "/ngsi-ld/v1", "v2": "/v2"}
TENANT = {"ngsi-ld": "NGSILD-Tenant", "v2": "Fiware-Service"}
TITLES = ("name", "title", "alternateName")
HEADER = re.compile(r"[A-Za-z0-9_./-]{1,100}")


class NgsiLd(Source):
    """Reads entities as they are now. What they were before is not asked for (temporal API)."""

    kind = "ngsi-ld"
    title = "Context broker (NGSI-LD, NGSIv2)"
    options = {
        "api": "“ngsi-ld” (default) or “v2”, the older NGSI that FIWARE Orion speaks.",
        "dataset": "“type” (default) makes a dataset of all entities of a type; “entity” makes one of each.",
        "types": "Types of entities that are wanted, such as [AirQualityObserved]; default: all that the broker lists.",
        "tenant": "Tenant of the broker (NGSILD-Tenant, Fiware-Service); default: none.",
    }
    example = "ngsi-ld"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.api = _choice(recipe, "api", "ngsi-ld", "v2")
        self.each = _choice(recipe, "dataset", "type", "entity") == "entity"
        self.base = recipe.address.rstrip("/").removesuffix(ROOTS[self.api]) + ROOTS[self.api]
        self.types = recipe.options.get("types")
        if self.types is not None and not (isinstance(self.types, list) and all(map(_is_id, self.types))):
            raise RecipeError(
                f"“types” in the recipe “{recipe.name}” makes no sense.", "Write a list, such as [AirQualityObserved]."
            )
        tenant = recipe.options.get("tenant")
        if tenant is not None and not (isinstance(tenant, str) and HEADER.fullmatch(tenant)):
            raise RecipeError(f"“tenant” in the recipe “{recipe.name}” makes no sense.", "Write its name.")
        self.headers = {TENANT[self.api]: tenant} if tenant else {}

    def gather(self) -> Iterator[Ref]:
        """Lists every type, which says nothing of when it changed; or every entity, with a hash of it."""
        seen: set[str] = set()
        with whole_list():
            for type_ in dict.fromkeys(self.types if self.types is not None else self._types()):
                for ref in self._entity_refs(type_) if self.each else self._type_refs(type_):
                    if ref.remote_id not in seen:
                        seen.add(ref.remote_id)
                        yield ref

    def _type_refs(self, type_: str) -> Iterator[Ref]:
        look = list(islice(self._entities(type_), LOOK))
        if look:
            has_readings = any(True for entity in look for _ in readings(entity))
            title = line(type_.rstrip("/#").replace("#", "/").rpartition("/")[2]) or type_
            yield Ref(type_, None, title, {"type": type_, "readings": has_readings})

    def _entity_refs(self, type_: str) -> Iterator[Ref]:
        for entity in self._entities(type_):
            id_ = entity.get("id")
            if not _is_id(id_):
                yield Ref("without id", hint={"error": "no-id"})
                continue
            stated = {a.name: a.value for a in attributes(entity)}
            title = next(filter(None, (line(_text(stated.get(name))) for name in TITLES)), id_)
            hint = {
                "type": type_, "id": id_, "readings": any(True for _ in readings(entity)),
                "notes": prose(_text(stated.get("description"))),
            }  # fmt: skip
            # in NGSIv2 two entities of different types may have the same id
            yield Ref(id_ if self.api == "ngsi-ld" else f"{type_}/{id_}", digest(entity), title, hint)

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Names the tables; the entities are asked for when these are read."""
        if "error" in ref.hint:
            raise Skippable("An entity has no usable id.", "Tell whoever runs the broker.", reason="no-id")
        type_, id_ = ref.hint["type"], ref.hint.get("id")
        entities: Entities = partial(self._entity, id_, type_) if id_ else partial(self._entities, type_)
        url = self._entity_url(id_, type_) if id_ else self._page_url(type_, 0)
        tables = [("entities", "As it is now" if id_ else "All entities as they are now", snapshot)]
        if ref.hint["readings"]:
            tables.append(("observations", "Readings, one a row", observations))
        files = tuple(
            FileDraft(
                key=key,
                name=name,
                filename=f"{safe(ref.title, 60) or 'entities'}-{key}.csv",
                url=public_url(url),
                format="CSV",
                read=partial(table, entities),
            )
            for key, name, table in tables
        )
        return Record(ref.remote_id, ref.title, ref.hint.get("notes", ""), {}, files)

    def _types(self) -> Iterator[str]:
        """The types of entities there are (ETSI GS CIM 009, section 6.25; FIWARE-NGSI v2, Types)."""
        if self.api == "v2":
            address = partial(self._list_url, "types")
            listed = by_offset(self._wrapped, lambda start: address(offset=start), items="items", id_="type")
            yield from filter(_is_id, (entry.get("type") for entry in listed))
            return
        answer = self.http.get_json(f"{self.base}/types", headers=self.headers)
        found = answer.get("typeList") if isinstance(answer, dict) else None
        if not isinstance(found, list):
            raise Skippable("The address answers, but with no list of types.", reason="not-a-list")
        yield from filter(_is_id, found)

    def _entities(self, type_: str) -> Iterator[Json]:
        return unique(by_offset(self._wrapped, partial(self._page_url, type_), items="items"), "id")

    def _entity(self, id_: str, type_: str) -> Iterator[Json]:
        entity = self.http.get_json(self._entity_url(id_, type_), headers=self.headers)
        if not isinstance(entity, dict) or entity.get("id") != id_:
            raise Skippable("The broker's answer is not the entity that was asked for.", reason="not-an-entity")
        yield entity

    def _wrapped(self, url: str) -> Json:
        return {"items": self.http.get_json(url, headers=self.headers)}

    def _page_url(self, type_: str, start: int) -> str:
        return self._list_url("entities", type=type_, offset=start)

    def _list_url(self, what: str, **query: Any) -> str:
        return f"{self.base}/{what}?{urlencode({**query, 'limit': PAGE}, quote_via=quote)}"

    def _entity_url(self, id_: str, type_: str) -> str:
        query = f"?type={quote(type_, safe='')}" if self.api == "v2" else ""
        return f"{self.base}/entities/{quote(id_, safe='', errors='replace')}{query}"


def _choice(recipe: Recipe, name: str, *choices: str) -> str:
    value = recipe.options.get(name, choices[0])
    if value not in choices:
        raise RecipeError(
            f"“{name}” in the recipe “{recipe.name}” makes no sense.", f"Write “{choices[0]}” or “{choices[1]}”."
        )
    return str(value)


def _text(value: Any) -> Any:
    """A text, also one that comes in several languages: English, else the first."""
    if isinstance(value, dict):
        return next(chain((value[k] for k in ("en", "en-GB") if k in value), value.values()), "")
    return value


def _is_id(value: Any) -> TypeGuard[str]:
    """Whether a value can be the name of an entity or a type, and a part of an address."""
    return isinstance(value, str) and 0 < len(value) <= 400 and value.isprintable() and value not in (".", "..")
