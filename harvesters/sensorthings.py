"""OGC SensorThings API 1.0 and 1.1 (OGC 15-078r6, 18-088): one dataset a Thing, one file a Datastream and month."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from .base import Source
from .cursor import Seen, read_cursor, write_cursor
from .geojson import geometry, point
from .http import Http
from .months import LAST, following, label, month_of
from .names import safe
from .observations import Context, as_csv, between, iso, start
from .options import day, whole_number
from .paging import follow, unique, whole_list
from .text import line, prose

EXPAND = "$expand=Locations,Datastreams($expand=ObservedProperty,Sensor)"
MOST_FILES = 1_000  # of one Thing
MOST_OBSERVATION_PAGES = 50_000
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
MOST_OVERLAP = 366  # days
ENTITIES = {"Locations": "", "Datastreams": "?$expand=ObservedProperty,Sensor"}


class SensorThings(Source):
    """Reads each Thing with its Location, and its observations month by month (UTC).

    Only months that may have changed since the last time are read again: from the newest phenomenonTime that was
    seen, less an overlap for what arrives late. A correction older than that shows only when all is read again.
    """

    kind = "sensorthings"
    title = "OGC SensorThings API"
    options = {
        "since": "First day (UTC) of which observations are wanted, such as 2026-01-01; default: all there are.",
        "overlap_days": "Days before the newest observation that are read again for what arrived late; default: 1.",
    }
    example = "sensorthings"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.base = recipe.address.rstrip("/")
        self.since = day(recipe, "since") or EARLIEST
        self.overlap = timedelta(days=whole_number(recipe, "overlap_days", default=1, most=MOST_OVERLAP))

    def gather(self) -> Iterator[Ref]:
        """Lists every Thing. Its version covers all its metadata and how far its observations reach."""
        with whole_list():
            for thing in unique(follow(f"{self.base}/Things?{EXPAND}", self.http.get_json), "@iot.id"):
                id_ = thing.get("@iot.id")
                title = line(thing.get("name"))
                if not _is_id(id_):
                    yield Ref(f"without id: {title}", title=title, hint={"error": "no-id"})
                    continue
                yield Ref(str(id_), self._version(self._whole(thing)), title or f"Thing {id_}", {"id": id_})

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Reads the Thing anew and finds the months to read."""
        if "error" in ref.hint:
            raise Skippable(
                "This Thing has no usable id (@iot.id).", "Tell whoever runs the server.", reason=str(ref.hint["error"])
            )
        thing = self.http.get_json(f"{self.base}/Things({_key(ref.hint['id'])})?{EXPAND}")
        if not isinstance(thing, dict) or thing.get("@iot.id") != ref.hint["id"]:
            raise Skippable("The server's answer is not the Thing that was asked for.", reason="not-a-thing")
        thing = self._whole(thing)
        where = next(filter(None, (geometry(place.get("location")) for place in thing["Locations"])), None)
        files: list[FileDraft] = []
        kept: list[str] = []
        seen: dict[str, Seen] = {}
        before = read_cursor(cursor)
        for stream in thing["Datastreams"]:
            if not _is_id(stream.get("@iot.id")):
                continue
            reader = _Datastream(self, stream, ref.remote_id, where)
            old, new = reader.months(before.get(reader.id))
            kept += (reader.file_key(month) for month in old)
            files += (reader.draft(month) for month in new)
            if len(files) > MOST_FILES:
                raise Skippable(
                    f"This Thing has observations of more than {MOST_FILES} months to publish.",
                    "Set “since” in the recipe to a later day.",
                    reason="too-many-files",
                )
            if old or new:
                seen[reader.id] = Seen(reader.newest(), tuple(map(label, (*old, *new))))
        return Record(
            remote_id=ref.remote_id,
            title=line(thing.get("name")) or f"Thing {ref.remote_id}",
            notes=prose(thing.get("description")),
            metadata=_metadata(thing, where),
            files=tuple(files),
            kept=tuple(kept),
            cursor=write_cursor(seen),
        )

    def _whole(self, thing: Json) -> Json:
        """The Thing with all its Locations and Datastreams, also those that the server put on further pages."""
        whole = dict(thing)
        for name, query in ENTITIES.items():
            url = f"{self.base}/Things({_key(thing['@iot.id'])})/{name}{query}"
            first = None
            if name in thing:
                listed = thing[name] if isinstance(thing[name], list) else []
                first = {"value": listed, "@iot.nextLink": thing.get(f"{name}@iot.nextLink")}
            whole[name] = list(unique(follow(url, self.http.get_json, first=first), "@iot.id"))
        return whole

    def _version(self, thing: Json) -> str | None:
        """A hash of everything the Thing says; None if it does not say how far its observations reach."""
        for stream in thing["Datastreams"]:
            if not stream.get("phenomenonTime") and _is_id(stream.get("@iot.id")):
                try:
                    latest = _Datastream(self, stream, "", None).first("desc")
                except Skippable:
                    return None
                stream["phenomenonTime"] = line((latest or {}).get("phenomenonTime"))
        for name in ENTITIES:
            thing[name].sort(key=lambda entity: str(entity.get("@iot.id")))
        return hashlib.sha256(json.dumps(_stated(thing), sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Datastream:
    """One Datastream of a Thing and the months of its observations."""

    source: SensorThings
    facts: Json
    thing_id: str
    where: Json | None

    @property
    def id(self) -> str:
        return str(self.facts["@iot.id"])

    def months(self, seen: Seen | None) -> tuple[list[datetime], list[datetime]]:
        """The months to keep as they are, and those with observations to read, each by its first moment."""
        begin = month_of(self.source.since)
        old: list[datetime] = []
        if seen:
            begin = max(begin, month_of(seen.newest - self.source.overlap))
            old = [month for month in seen.starts() if month_of(self.source.since) <= month < begin]
        new: list[datetime] = []
        while len(new) <= MOST_FILES and (found := self.first("asc", max(begin, self.source.since))):
            moment = start(found)
            if moment is None:
                raise Skippable(
                    f"Datastream {self.id} has an observation whose time cannot be read.",
                    "Tell whoever runs the server.",
                    reason="bad-time",
                )
            new.append(max(month_of(moment), begin))
            if new[-1] >= LAST:
                break
            begin = following(new[-1])
        return old, new

    def first(self, order: str, since: datetime = EARLIEST) -> Json | None:
        """The first observation in an order (``asc``, ``desc``), or None if there is none."""
        page = self.source.http.get_json(f"{self._url(since, order)}&$top=1")
        found = page.get("value") if isinstance(page, dict) else None
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise Skippable(f"The server's answer about Datastream {self.id} is no list.", reason="not-a-list")
        return found[0] if found else None

    def newest(self) -> datetime:
        """The newest time observed, but never in the future: a wrong clock must not hide what comes next."""
        newest = start(self.first("desc") or {}) or EARLIEST
        return max(min(newest, datetime.now(UTC)), EARLIEST + timedelta(days=MOST_OVERLAP))

    def file_key(self, month: datetime) -> str:
        return f"ds-{self.id}/{label(month)}"

    def draft(self, month: datetime) -> FileDraft:
        """The file of one month, not read yet."""
        name = line(self.facts.get("name")) or f"Datastream {self.id}"
        return FileDraft(
            key=self.file_key(month),
            name=f"{name}, {label(month)}",
            filename=f"{safe(name, 60) or 'datastream'}-{safe(self.id)}-{label(month)}.csv",
            url=self._url(max(month, self.source.since), "asc"),
            format="CSV",
            read=partial(self._read, month),
            description=prose(self.facts.get("description")),
        )

    def _read(self, month: datetime) -> Iterator[bytes]:
        begin = max(month, self.source.since)
        read = partial(self.source.http.get_json, numbers=Decimal)
        pages = follow(self._url(begin, "asc"), read, most=MOST_OBSERVATION_PAGES)
        # no upper limit in the query: servers differ on which intervals lie "before" a moment, and none may be lost
        return as_csv(between(pages, begin, following(month)), self._context())

    def _url(self, since: datetime, order: str) -> str:
        query = f"$orderby=phenomenonTime%20{order}"
        if since > EARLIEST:
            query = f"$filter=phenomenonTime%20ge%20{iso(since.isoformat())}&{query}"
        return f"{self.source.base}/Datastreams({_key(self.facts['@iot.id'])})/Observations?{query}"

    def _context(self) -> Context:
        unit, observed = self.facts.get("unitOfMeasurement"), self.facts.get("ObservedProperty")
        unit = unit if isinstance(unit, dict) else {}
        longitude, latitude = point(self.where) or (None, None)
        return Context(
            datastream_id=line(self.id),
            thing_id=line(self.thing_id),
            observed_property=line(observed.get("name")) if isinstance(observed, dict) else "",
            unit=line(unit.get("symbol")) or line(unit.get("name")),
            longitude=longitude,
            latitude=latitude,
        )


def _metadata(thing: Json, where: Json | None) -> Json:
    """What the Thing states in terms of DCAT. Other ``properties`` may name people, so they stay behind."""
    properties = thing.get("properties")
    stated = {k.lower(): v for k, v in properties.items()} if isinstance(properties, dict) else {}
    observed = (stream.get("ObservedProperty") for stream in thing["Datastreams"])
    words = {line(what.get("name"), 100) for what in observed if isinstance(what, dict)}
    facts = {
        "license": line(stated.get("license")) or line(stated.get("licence")),
        "keyword": sorted(words - {""}),
        "spatial": where,
    }
    return {term: value for term, value in facts.items() if value}


def _stated(value: Any) -> Any:
    """A value without links and counts, which change with the page they came on."""
    if isinstance(value, dict):
        return {k: _stated(v) for k, v in value.items() if "@iot." not in k or k == "@iot.id"}
    return [_stated(item) for item in value] if isinstance(value, list) else value


def _is_id(value: Any) -> bool:
    """Whether a value can be the identity of an entity."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    return 0 < len(str(value)) <= 200 and str(value).isprintable()


def _key(id_: int | str) -> str:
    """An id as it stands in an address: text in single quotes, doubled within (OGC 18-088, section 9.2.2)."""
    return str(id_) if isinstance(id_, int) else quote("'" + id_.replace("'", "''") + "'", safe="'", errors="replace")
