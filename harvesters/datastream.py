"""Datastreams and MultiDatastreams: which months of their observations there are, and which to read (OGC 18-088)."""

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
from ckanext.digitalcity.core.model import FileDraft, Json

from .cursor import Seen
from .geojson import geometry, point
from .http import Http
from .months import LAST, LASTING, following, label, month_of
from .names import safe
from .observations import Context, as_csv, between, instant, iso, start
from .observations_schema import table_schema
from .paging import follow
from .text import line, prose
from .units import ucum

MOST_FILES = 1_000  # of one dataset
MOST_OBSERVATION_PAGES = 50_000
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
MOST_OVERLAP = 366  # days
MULTI = "MultiDatastreams"


@dataclass(frozen=True, slots=True)
class Service:
    """What all Datastreams of a source share.

    Attributes:
        base: the service's address.
        since: from when observations are wanted.
        overlap: how far before the newest observation others may still arrive.
        features: whether an observation is where its FeatureOfInterest is, rather than its Thing.
    """

    http: Http
    base: str
    since: datetime
    overlap: timedelta
    features: bool


@dataclass(frozen=True, slots=True)
class Datastream:
    """One Datastream, or MultiDatastream, and the months of its observations.

    Attributes:
        facts: what the service says of it.
        name: of the set it is in.
        thing_id: of its Thing.
        where: the Thing's place, if it has one.
    """

    service: Service
    facts: Json
    name: str
    thing_id: str
    where: Json | None

    @property
    def id(self) -> str:
        """Its id among all that a dataset may have: both sets number their own from 1."""
        own = str(self.facts["@iot.id"])
        return f"{MULTI} {own}" if self.name == MULTI else own

    def months(self, seen: Seen | None) -> tuple[list[datetime], list[datetime], list[datetime]]:
        """The months to keep as they are, those to read, and which of these were read before, each by its first moment.

        Raises:
            Skippable: an observation's time cannot be read.
        """
        begin = month_of(self.service.since)
        old: list[datetime] = []
        again: list[datetime] = []
        if seen:
            begin = max(begin, month_of(seen.newest - self.service.overlap))
            again = list(self._corrected(seen, begin))
            known = (month for month in seen.starts() if month_of(self.service.since) <= month < begin)
            old = [month for month in known if month not in again]
        new: list[datetime] = []
        while len(new) <= MOST_FILES and (found := self.first("asc", max(begin, self.service.since))):
            moment = start(found)
            if moment is None:
                raise Skippable(
                    f"Datastream {self.facts['@iot.id']} has an observation whose time cannot be read.",
                    "Tell whoever runs the server.",
                    reason="bad-time",
                )
            new.append(max(month_of(moment), begin))
            if new[-1] >= LAST:
                break
            begin = following(new[-1])
        return old, [*again, *new], again

    def _corrected(self, seen: Seen, end: datetime) -> Iterator[datetime]:
        """The months before ``end`` that have results made since they were read: late ones, and corrections.

        Only a result that says when it was made (resultTime) is found; a service that cannot be asked has none.
        """
        if seen.read is None or self.service.overlap == timedelta(0):
            return
        made = seen.read - self.service.overlap - LASTING
        begin = max(month_of(self.service.since), self.service.since)
        while begin < end:
            conditions = [f"resultTime ge {_iso(made)}", f"phenomenonTime lt {_iso(end)}"]
            conditions += [f"phenomenonTime ge {_iso(begin)}"] if begin > EARLIEST else []
            try:
                found = self._one(" and ".join(conditions), "asc")
            except Skippable as problem:
                if problem.reason != "unexpected-answer":
                    raise
                return
            moment, result = start(found or {}), instant(line((found or {}).get("resultTime")).partition("/")[0])
            if moment is None or result is None or result < made or not begin <= moment < end:
                return
            yield month_of(moment)
            begin = following(month_of(moment))

    def first(self, order: str, since: datetime = EARLIEST) -> Json | None:
        """The first observation in an order (``asc``, ``desc``), or None if there is none."""
        return self._one(f"phenomenonTime ge {_iso(since)}" if since > EARLIEST else "", order)

    def _one(self, condition: str, order: str) -> Json | None:
        page = self.service.http.get_json(f"{self._url(condition, order)}&$top=1")
        found = page.get("value") if isinstance(page, dict) else None
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise Skippable(
                f"The server's answer about Datastream {self.facts['@iot.id']} is no list.", reason="not-a-list"
            )
        return found[0] if found else None

    def newest(self) -> datetime:
        """The newest time observed, but never in the future: a wrong clock must not hide what comes next."""
        newest = start(self.first("desc") or {}) or EARLIEST
        return max(min(newest, datetime.now(UTC)), EARLIEST + timedelta(days=MOST_OVERLAP))

    def file_key(self, month: datetime) -> str:
        letters = "mds" if self.name == MULTI else "ds"
        return f"{letters}-{self.facts['@iot.id']}/{label(month)}"

    def draft(self, month: datetime, newest: datetime, anew: bool) -> FileDraft:
        """The file of one month, not read yet.

        Args:
            newest: the newest time observed.
            anew: whether it must be read although it may have been read a moment ago.
        """
        name = line(self.facts.get("name")) or f"Datastream {self.facts['@iot.id']}"
        stem = safe(name, 60) or "datastream"
        settled = not anew and following(month) <= newest - self.service.overlap
        return FileDraft(
            key=self.file_key(month),
            name=f"{name}, {label(month)}",
            filename=f"{stem}-{safe(str(self.facts['@iot.id']))}-{label(month)}.csv",
            url=self._month_url(month),
            format="CSV",
            read=partial(self._read_once if settled else self._read, month),
            description=prose(self.facts.get("description")),
            schema=table_schema(self._contexts(), self.facts.get("observationType")),
        )

    def _read_once(self, month: datetime) -> Iterator[bytes]:
        """As ``_read``; but if that was stopped, or something else of the dataset failed, it need not be done again."""
        told = json.dumps([self._month_url(month), *map(str, self._contexts())])
        name = f"observations {hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()}"
        return self.service.http.once(name, LASTING, partial(self._read, month))

    def _read(self, month: datetime) -> Iterator[bytes]:
        begin = max(month, self.service.since)
        read = partial(self.service.http.get_json, numbers=Decimal)
        expand = "&$expand=FeatureOfInterest" if self.service.features else ""
        pages = follow(self._month_url(month) + expand, read, most=MOST_OBSERVATION_PAGES)
        # no upper limit in the query: servers differ on which intervals lie "before" a moment, and none may be lost
        return as_csv(between(pages, begin, following(month)), self._contexts())

    def _month_url(self, month: datetime) -> str:
        since = max(month, self.service.since)
        return self._url(f"phenomenonTime ge {_iso(since)}" if since > EARLIEST else "", "asc")

    def _url(self, condition: str, order: str) -> str:
        query = f"$orderby=phenomenonTime%20{order}"
        if condition:
            query = f"$filter={condition.replace(' ', '%20')}&{query}"
        return f"{self.service.base}/{self.name}({key(self.facts['@iot.id'])})/Observations?{query}"

    def words(self) -> set[str]:
        """Names of what is observed."""
        observed = [self.facts.get("ObservedProperty"), *_list(self.facts.get("ObservedProperties"))]
        return {line(what.get("name"), 100) for what in observed if isinstance(what, dict)}

    def _contexts(self) -> list[Context]:
        """What all observations share; of a MultiDatastream one for each part of its results."""
        if self.name != MULTI:
            return [self._context(self.facts.get("ObservedProperty"), self.facts.get("unitOfMeasurement"), None)]
        units, properties = (_list(self.facts.get(name)) for name in ("unitOfMeasurements", "ObservedProperties"))
        count = max(len(units), len(properties), 1)
        padded = zip(_padded(properties, count), _padded(units, count), strict=True)
        return [self._context(observed, unit, part) for part, (observed, unit) in enumerate(padded)]

    def _context(self, observed: Any, unit: Any, part: int | None) -> Context:
        longitude, latitude = point(self.where) or (None, None)
        return Context(
            datastream_id=line(str(self.facts["@iot.id"])) + ("" if part is None else f"/{part + 1}"),
            thing_id=line(self.thing_id),
            observed_property=line(observed.get("name")) if isinstance(observed, dict) else "",
            unit=ucum(unit),
            longitude=longitude,
            latitude=latitude,
            part=part,
            features=self.service.features,
        )


def place(thing: Any) -> Json | None:
    """Where a Thing is: the first of its Locations that is a geometry on this Earth."""
    locations = thing.get("Locations") if isinstance(thing, dict) else None
    known = (geometry(one.get("location")) for one in _list(locations) if isinstance(one, dict))
    return next(filter(None, known), None)


def is_id(value: Any) -> bool:
    """Whether a value can be the identity of an entity."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    return 0 < len(str(value)) <= 200 and str(value).isprintable()


def key(id_: int | str) -> str:
    """An id as it stands in an address: text in single quotes, doubled within (OGC 18-088, section 9.2.2)."""
    return str(id_) if isinstance(id_, int) else quote("'" + id_.replace("'", "''") + "'", safe="'", errors="replace")


def _iso(moment: datetime) -> str:
    return iso(moment.isoformat()).replace("+", "%2B")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _padded(values: list[Any], count: int) -> list[Any]:
    return [*values, *[None] * (count - len(values))]
