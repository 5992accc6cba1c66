"""OGC SensorThings API 1.0 and 1.1 (OGC 15-078r6, 18-088): one file a Datastream and month, several to a dataset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from .base import Source
from .cursor import Seen, read_cursor, write_cursor
from .datastream import EARLIEST, MOST_FILES, MOST_OVERLAP, MULTI, Datastream, Service, is_id, key, place
from .http import Http
from .months import label
from .options import choice, day, whole_number
from .paging import follow, unique, whole_list
from .text import line, prose

STREAM = {"Datastreams": "ObservedProperty,Sensor", MULTI: "ObservedProperties,Sensor"}
SETS = {"thing": "Things", "datastream": "Datastreams", "property": "ObservedProperties"}
WORDS = {"Things": "Thing", "Datastreams": "Datastream", MULTI: "MultiDatastream", "ObservedProperties": "Property"}


class SensorThings(Source):
    """Reads each Thing with its Location, and its observations month by month (UTC).

    Only months that may have changed since the last time are read again: from the newest phenomenonTime that was
    seen, less an overlap for what arrives late, and older ones that have results made since.
    """

    kind = "sensorthings"
    title = "OGC SensorThings API"
    options = {
        "dataset": "“thing” (default) makes a dataset of each Thing, “datastream” of each Datastream, “property” of "
        "each property that is observed.",
        "place": "“thing” (default) says where observations were made by their Thing, “feature” each by its feature "
        "of interest, for things that move.",
        "since": "First day (UTC) of which observations are wanted, such as 2026-01-01; default: all there are.",
        "overlap_days": "Days before the newest observation that are read again for what arrived late; default: 1.",
    }
    example = "sensorthings"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.base = recipe.address.rstrip("/")
        self.set = SETS[choice(recipe, "dataset", *SETS)]
        self.service = Service(
            http,
            self.base,
            since=day(recipe, "since") or EARLIEST,
            overlap=timedelta(days=whole_number(recipe, "overlap_days", default=1, most=MOST_OVERLAP)),
            features=choice(recipe, "place", "thing", "feature") == "feature",
        )

    def gather(self) -> Iterator[Ref]:
        """Lists every dataset. Its version covers all its metadata and how far its observations reach."""
        with whole_list():
            for name in [self.set, *([MULTI] if self.set == "Datastreams" and self._multi else [])]:
                for entity in unique(follow(f"{self.base}/{name}{self._expand(name)}", self.http.get_json), "@iot.id"):
                    id_ = entity.get("@iot.id")
                    title = line(entity.get("name"))
                    if not is_id(id_):
                        yield Ref(f"without id: {title}", title=title, hint={"error": "no-id"})
                        continue
                    other = {"set": name} if name != self.set else {}  # both number their entities from 1
                    remote_id = f"{WORDS[name]} {id_}" if other else str(id_)
                    version = self._version(*self._whole(name, entity))
                    yield Ref(remote_id, version, title or f"{WORDS[name]} {id_}", {"id": id_, **other})

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Reads the Thing anew and finds the months to read."""
        name = str(ref.hint.get("set", self.set))
        if "error" in ref.hint:
            raise Skippable(
                f"This {WORDS[name]} has no usable id (@iot.id).",
                "Tell whoever runs the server.",
                reason=str(ref.hint["error"]),
            )
        entity = self.http.get_json(f"{self.base}/{name}({key(ref.hint['id'])}){self._expand(name)}")
        if not isinstance(entity, dict) or entity.get("@iot.id") != ref.hint["id"]:
            raise Skippable(f"The server's answer is not the {WORDS[name]} that was asked for.", reason="not-a-thing")
        entity, streams = self._whole(name, entity)
        files: list[FileDraft] = []
        kept: list[str] = []
        seen: dict[str, Seen] = {}
        before, now = read_cursor(cursor), datetime.now(UTC)
        for stream in streams:
            old, new, again = stream.months(before.get(stream.id))
            if not old and not new:
                continue
            newest = stream.newest()
            kept += (stream.file_key(month) for month in old)
            files += (stream.draft(month, newest, month in again) for month in new)
            seen[stream.id] = Seen(newest, tuple(sorted(map(label, (*old, *new)))), now)
            if len(files) > MOST_FILES:
                raise Skippable(
                    f"This {WORDS[name]} has observations of more than {MOST_FILES} months to publish.",
                    "Set “since” in the recipe to a later day.",
                    reason="too-many-files",
                )
        return Record(
            remote_id=ref.remote_id,
            title=line(entity.get("name")) or f"{WORDS[name]} {ref.hint['id']}",
            notes=prose(entity.get("description")),
            metadata=_metadata(entity, streams),
            files=tuple(files),
            kept=tuple(kept),
            cursor=write_cursor(seen),
        )

    @cached_property
    def _multi(self) -> bool:
        """Whether the service has MultiDatastreams, which is optional: its root lists what it has (section 9.1)."""
        try:
            root = self.http.get_json(self.base)
        except Skippable:
            return False
        listed = root.get("value") if isinstance(root, dict) else None
        return isinstance(listed, list) and any(isinstance(one, dict) and one.get("name") == MULTI for one in listed)

    def _expand(self, name: str) -> str:
        """What is asked for together with an entity; a server may send it, or not."""
        if name == "ObservedProperties":
            return ""
        if name != "Things":
            return f"?$expand=Thing($expand=Locations),{STREAM[name]}"
        streams = ",".join(f"{inner}($expand={more})" for inner, more in self._streams().items())
        return f"?$expand=Locations,{streams}"

    def _streams(self) -> dict[str, str]:
        return {name: more for name, more in STREAM.items() if name != MULTI or self._multi}

    def _whole(self, name: str, entity: Json) -> tuple[Json, list[Datastream]]:
        """The entity with all that it has, also what the server put on further pages; and its Datastreams."""
        whole = dict(entity)
        if name in STREAM:
            return whole, [self._stream(whole, name)] if is_id(whole.get("@iot.id")) else []
        streams: list[Datastream] = []
        if name == "Things":
            whole["Locations"] = list(self._inside(name, whole, "Locations", ""))
        for inner, more in self._streams().items():
            expand = more if name == "Things" else f"Thing($expand=Locations),{more}"
            whole[inner] = list(self._inside(name, whole, inner, f"?$expand={expand}"))
            good = (facts for facts in whole[inner] if is_id(facts.get("@iot.id")))
            streams += (self._stream(facts, inner, whole if name == "Things" else None) for facts in good)
        return whole, streams

    def _inside(self, name: str, entity: Json, inner: str, query: str) -> Iterator[Json]:
        """What an entity has of another set."""
        first = None
        if inner in entity:
            listed = entity[inner] if isinstance(entity[inner], list) else []
            first = {"value": listed, "@iot.nextLink": entity.get(f"{inner}@iot.nextLink")}
        url = f"{self.base}/{name}({key(entity['@iot.id'])})/{inner}{query}"
        return unique(follow(url, self.http.get_json, first=first), "@iot.id")

    def _stream(self, facts: Json, name: str, thing: Json | None = None) -> Datastream:
        """A Datastream, with what belongs to it asked for where the server did not send it."""
        url = f"{self.base}/{name}({key(facts['@iot.id'])})"
        with suppress(Skippable):  # of which there may be none
            if name == MULTI and not isinstance(facts.get("ObservedProperties"), list):
                facts["ObservedProperties"] = list(follow(f"{url}/ObservedProperties", self.http.get_json))
            elif name != MULTI and "ObservedProperty" not in facts:
                facts["ObservedProperty"] = self.http.get_json(f"{url}/ObservedProperty")
        if thing is None:
            if not isinstance(facts.get("Thing"), dict):
                facts["Thing"] = self.http.get_json(f"{url}/Thing?$expand=Locations")
            thing = facts["Thing"] if isinstance(facts["Thing"], dict) else {}
            if is_id(thing.get("@iot.id")):
                thing["Locations"] = list(self._inside("Things", thing, "Locations", ""))
        id_ = thing.get("@iot.id")
        return Datastream(self.service, facts, name, str(id_) if is_id(id_) else "", place(thing))

    def _version(self, entity: Json, streams: list[Datastream]) -> str | None:
        """A hash of everything that is said; None if it is not said how far its observations reach."""
        for stream in streams:
            if not stream.facts.get("phenomenonTime"):
                try:
                    latest = stream.first("desc")
                except Skippable:
                    return None
                stream.facts["phenomenonTime"] = line((latest or {}).get("phenomenonTime"))
        for name in ("Locations", *STREAM):
            if isinstance(entity.get(name), list):
                entity[name].sort(key=lambda inner: str(inner.get("@iot.id")))
        return hashlib.sha256(json.dumps(_stated(entity), sort_keys=True, default=str).encode()).hexdigest()


def _metadata(entity: Json, streams: list[Datastream]) -> Json:
    """What is stated in terms of DCAT. Other ``properties`` may name people, so they stay behind."""
    properties = entity.get("properties")
    stated = {k.lower(): v for k, v in properties.items()} if isinstance(properties, dict) else {}
    places = {json.dumps(stream.where): stream.where for stream in streams}
    facts = {
        "license": line(stated.get("license")) or line(stated.get("licence")),
        "keyword": sorted({word for stream in streams for word in stream.words()} - {""}),
        "spatial": place(entity) or (next(iter(places.values())) if len(places) == 1 else None),
    }
    return {term: value for term, value in facts.items() if value}


def _stated(value: Any) -> Any:
    """A value without links and counts, which change with the page they came on."""
    if isinstance(value, dict):
        return {k: _stated(v) for k, v in value.items() if "@iot." not in k or k == "@iot.id"}
    return [_stated(item) for item in value] if isinstance(value, list) else value
