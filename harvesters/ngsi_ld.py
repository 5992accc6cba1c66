"""Context brokers (NGSI-LD, NGSIv2): one dataset a type of entities, or an entity; files are tables of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode

from ckanext.digitalcity.core.errors import RecipeError, Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from .base import Source
from .cursor import Seen, read_cursor, write_cursor
from .http import Http
from .months import LASTING, following, label, month_of
from .names import safe
from .ngsi_attributes import attributes
from .ngsi_history import EARLIEST, MOST_MONTHS, History
from .ngsi_tables import Entities, observations, readings, snapshot
from .offset_paging import by_offset
from .options import choice, day, whole_number
from .paging import unique, whole_list
from .text import line, prose
from .urls import public_url
from .versions import digest

PAGE = 100  # brokers differ in the most they give; all give as many
MOST_OVERLAP = 366  # days
READINGS = "observations"
LOOK = 20  # entities of a type that are looked at to see whether they have readings
ROOTS = {"ngsi-ld": "/ngsi-ld/v1", "v2": "/v2"}
TENANT = {"ngsi-ld": "NGSILD-Tenant", "v2": "Fiware-Service"}
TITLES = ("name", "title", "alternateName")
HEADER = re.compile(r"[A-Za-z0-9_./-]{1,100}")


class NgsiLd(Source):
    """Reads entities as they are now, and their readings month by month from the broker's history if it keeps one."""

    kind = "ngsi-ld"
    title = "Context broker (NGSI-LD, NGSIv2)"
    options = {
        "api": "“ngsi-ld” (default) or “v2”, the older NGSI that FIWARE Orion speaks.",
        "dataset": "“type” (default) makes a dataset of all entities of a type; “entity” makes one of each.",
        "types": "Types of entities that are wanted, such as [AirQualityObserved]; default: all that the broker lists.",
        "tenant": "Tenant of the broker (NGSILD-Tenant, Fiware-Service); default: none.",
        "history": "“false” reads only what the broker says now; default: “true” reads its history where it keeps one.",
        "since": "First day (UTC) of which the history is wanted, such as 2026-01-01; default: all there is.",
        "overlap_days": "Days before the newest reading that are read again for what arrived late; default: 1.",
    }
    example = "ngsi-ld"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.api = choice(recipe, "api", "ngsi-ld", "v2")
        self.each = choice(recipe, "dataset", "type", "entity") == "entity"
        self.base = recipe.address.rstrip("/").removesuffix(ROOTS[self.api]) + ROOTS[self.api]
        self.types = recipe.options.get("types")
        if self.types is not None and not (isinstance(self.types, list) and all(map(_is_id, self.types))):
            raise RecipeError(
                f"“types” in the recipe “{recipe.name}” makes no sense.", "Write a list, such as [AirQualityObserved]."
            )
        tenant = recipe.options.get("tenant")
        if tenant is not None and not (isinstance(tenant, str) and HEADER.fullmatch(tenant)):
            raise RecipeError(f"“tenant” in the recipe “{recipe.name}” makes no sense.", "Write its name.")
        self.history = recipe.options.get("history", True)
        if not isinstance(self.history, bool):
            raise RecipeError(f"“history” in the recipe “{recipe.name}” makes no sense.", "Write true or false.")
        self.since = day(recipe, "since") or EARLIEST
        self.overlap = timedelta(days=whole_number(recipe, "overlap_days", default=1, most=MOST_OVERLAP))
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
        """Names the tables, and finds the months of the history; entities are asked for when these are read."""
        if "error" in ref.hint:
            raise Skippable("An entity has no usable id.", "Tell whoever runs the broker.", reason="no-id")
        type_, id_ = ref.hint["type"], ref.hint.get("id")
        entities: Entities = partial(self._entity, id_, type_) if id_ else partial(self._entities, type_)
        url = self._entity_url(id_, type_) if id_ else self._page_url(type_, 0)
        stem = safe(ref.title, 60) or "entities"
        files = [_draft("entities", "As it is now" if id_ else "All entities as they are now", stem, url,
                        partial(snapshot, entities))]  # fmt: skip
        kept, position = list[str](), None
        if ref.hint["readings"]:
            history = History(self._asked, partial(self._history_url, type_, id_), entities, one=bool(id_))
            old, new = self._months(history, read_cursor(cursor).get(READINGS))
            if new:
                newest = history.newest(new[-1])
                files += (self._month(history, month, newest, stem) for month in new)
                kept = [_key(month) for month in old]
                position = write_cursor({READINGS: Seen(newest, tuple(map(label, (*old, *new))))})
            else:
                files.append(_draft(READINGS, "Readings, one a row", stem, url, partial(observations, entities)))
        return Record(ref.remote_id, ref.title, ref.hint.get("notes", ""), {}, tuple(files), tuple(kept), position)

    def _months(self, history: History, seen: Seen | None) -> tuple[list[datetime], list[datetime]]:
        """The months of the history to keep as they are, and those to read; none if there is no history to read."""
        begin, old = self.since, list[datetime]()
        if not self.history or self.api == "v2":
            return [], []
        if seen:
            begin = max(begin, month_of(seen.newest - self.overlap))
            old = [month for month in seen.starts() if month_of(self.since) <= month < begin]
        new = history.months(begin)
        if seen and not new:
            raise Skippable(
                "The broker's history (temporal API), which was read before, is not there any more.",
                "What is public stays. If it is gone for good, set “history: false” in the recipe.",
                reason="no-history",
            )
        if len(new) > MOST_MONTHS:
            raise Skippable(
                f"There are readings of more than {MOST_MONTHS} months to publish.",
                "Set “since” in the recipe to a later day.",
                reason="too-many-files",
            )
        return old, new

    def _month(self, history: History, month: datetime, newest: datetime, stem: str) -> FileDraft:
        """The file of one month. What was read of it before a stop, and cannot change any more, is not read again."""
        span = max(month, self.since), following(month)
        url, read = history.page(*span), partial(history.table, *span)
        if following(month) <= newest - self.overlap:
            told = hashlib.sha256(f"{self.headers} {url}".encode("utf-8", "replace")).hexdigest()
            read = partial(self.http.once, f"history {told}", LASTING, read)
        return _draft(_key(month), f"Readings, {label(month)}", stem, url, read)

    def _types(self) -> Iterator[str]:
        """The types of entities there are (ETSI GS CIM 009, section 6.25; FIWARE-NGSI v2, Types)."""
        if self.api == "v2":
            address = partial(self._list_url, "types")
            listed = by_offset(self._wrapped, lambda start: address(offset=start), items="items", id_="type")
            yield from filter(_is_id, (entry.get("type") for entry in listed))
            return
        answer = self._asked(f"{self.base}/types")
        found = answer.get("typeList") if isinstance(answer, dict) else None
        if not isinstance(found, list):
            raise Skippable("The address answers, but with no list of types.", reason="not-a-list")
        yield from filter(_is_id, found)

    def _entities(self, type_: str) -> Iterator[Json]:
        return unique(by_offset(self._wrapped, partial(self._page_url, type_), items="items"), "id")

    def _entity(self, id_: str, type_: str) -> Iterator[Json]:
        entity = self._asked(self._entity_url(id_, type_))
        if not isinstance(entity, dict) or entity.get("id") != id_:
            raise Skippable("The broker's answer is not the entity that was asked for.", reason="not-an-entity")
        yield entity

    def _asked(self, url: str) -> Any:
        return self.http.get_json(url, headers=self.headers)

    def _wrapped(self, url: str) -> Json:
        return {"items": self._asked(url)}

    def _page_url(self, type_: str, start: int) -> str:
        return self._list_url("entities", type=type_, offset=start)

    def _list_url(self, what: str, **query: Any) -> str:
        return f"{self.base}/{what}?{urlencode({**query, 'limit': PAGE}, quote_via=quote)}"

    def _entity_url(self, id_: str, type_: str) -> str:
        query = f"?type={quote(type_, safe='')}" if self.api == "v2" else ""
        return f"{self.base}/entities/{quote(id_, safe='', errors='replace')}{query}"

    def _history_url(self, type_: str, id_: str | None, query: dict[str, str]) -> str:
        place = f"/{quote(id_, safe='', errors='replace')}" if id_ else ""
        query = query if id_ else {"type": type_, **query}
        return f"{self.base}/temporal/entities{place}?{urlencode(query, quote_via=quote)}"


def _key(month: datetime) -> str:
    return f"{READINGS}/{label(month)}"


def _draft(key: str, name: str, stem: str, url: str, read: Callable[[], Iterator[bytes]]) -> FileDraft:
    filename = f"{stem}-{key.replace('/', '-')}.csv"
    return FileDraft(key=key, name=name, filename=filename, url=public_url(url), format="CSV", read=read)


def _text(value: Any) -> Any:
    """A text, also one that comes in several languages: English, else the first."""
    if isinstance(value, dict):
        return next(chain((value[k] for k in ("en", "en-GB") if k in value), value.values()), "")
    return value


def _is_id(value: Any) -> TypeGuard[str]:
    """Whether a value can be the name of an entity or a type, and a part of an address."""
    return isinstance(value, str) and 0 < len(value) <= 400 and value.isprintable() and value not in (".", "..")
