"""What a context broker remembers, by month (NGSI-LD temporal API; ETSI GS CIM 009, sections 5.7.3, 5.7.4, 6.3.10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ckanext.digitalcity.core.errors import DigitalCityError, Retriable, Skippable
from ckanext.digitalcity.core.model import Json

from .geojson import geometry, point
from .months import following, month_of, previous
from .ngsi_attributes import attributes, instances, is_number
from .ngsi_tables import Entities, Place, as_csv, reading
from .observations import COLUMNS, start
from .offset_paging import by_offset
from .paging import unique
from .text import line

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)  # back to which a broker is asked
MOMENT = timedelta(milliseconds=1)  # brokers differ on whether the ends of an interval belong to it
SHORTEST = timedelta(seconds=1)
MOST_MONTHS = 1_000
MOST_ROWS = 100_000  # that are put in order at once
FEW = MOST_ROWS // 4
NONE = {"file-gone", "unexpected-answer"}  # 404, or 400, 405, 501: the broker keeps no history, which is optional
PART = {"partial", "too-large"}


class TooMuch(DigitalCityError):
    """A span of time holds more than is sent or read at once: half of it is asked for instead."""


@dataclass(frozen=True, slots=True)
class History:
    """The readings of all entities of a type, or of one entity.

    Attributes:
        ask: gives the answer to a question, as JSON.
        address: of a question, from its query.
        current: the entities as they are now, which say where those are that do not move.
        one: whether an answer is one entity rather than a list.
    """

    ask: Callable[[str], Any]
    address: Callable[[dict[str, str]], str]
    current: Entities
    one: bool

    def months(self, begin: datetime) -> list[datetime]:
        """The months from ``begin`` until now that have readings, in order; none if the broker keeps no history.

        Raises:
            Retriable, Skippable: the broker keeps a history, but it could not be read.
        """
        begin, found = max(begin, EARLIEST), list[datetime]()
        month, sure = month_of(datetime.now(UTC)), False
        try:
            while following(month) > begin and len(found) <= MOST_MONTHS:
                if self._newest(max(month, begin), following(month)):
                    found.insert(0, month)
                    sure = False
                elif not sure:  # a gap, or the beginning
                    if not self._newest(begin, max(month, begin)):
                        break
                    sure = True
                month = previous(month)
        except Skippable as problem:
            if problem.reason not in NONE or found:
                raise
        return found

    def newest(self, month: datetime) -> datetime:
        """A time in a month at which something was observed: of those that the broker names first, the newest."""
        return self._newest(month, following(month)) or month

    def page(self, begin: datetime, end: datetime) -> str:
        """Where the readings of a span of time are."""
        return self.address(_span(begin, end))

    def table(self, begin: datetime, end: datetime) -> Iterator[bytes]:
        """The readings of a span of time as CSV."""
        return as_csv(list(COLUMNS), self.rows(begin, end))

    def rows(self, begin: datetime, end: datetime) -> Iterator[Json]:
        """The readings of a span of time, in the order of time, entity and attribute.

        Raises:
            Retriable: there are none any more.
            Skippable: a second holds more than is read at once.
        """
        places = {line(entity.get("id"), 300): _standing(entity) for entity in self.current()}
        at, step, none = begin, end - begin, True
        while at < end:
            until = min(at + step, end)
            try:
                found = self._between(at, until, places)
            except TooMuch as problem:
                step = (until - at) / 2
                if step < SHORTEST:
                    raise Skippable(problem.message, problem.hint, "too-large") from None
                continue
            yield from (row for _, row in sorted(found, key=lambda pair: pair[0]))
            at, none = until, none and not found
            step *= 2 if len(found) < FEW else 1
        if none:
            raise Retriable("The readings of a month vanished while they were looked for.", "It will be tried again.")

    def _between(
        self, begin: datetime, end: datetime, places: dict[str, Place | None]
    ) -> list[tuple[tuple[Any, ...], Json]]:
        found = []
        for entity in self._entities(_span(begin, end)):
            id_, known = line(entity.get("id"), 300), list(instances(entity))
            moving = {a.at: point(geometry(a.value)) for a in known if a.name == "location" and a.at}
            for attribute in known:
                moment = start({"phenomenonTime": attribute.at})
                if moment is None or not begin <= moment < end or not is_number(attribute.value):
                    continue
                row = reading(id_, attribute, attribute.at, moving.get(attribute.at) or places.get(id_))
                found.append(((moment, id_, attribute.name, attribute.set, row["result"]), row))
            if len(found) > MOST_ROWS and end - begin > SHORTEST:
                raise TooMuch("A second has more readings than are read at once.", "Divide the source by “types”.")
        return found

    def _newest(self, begin: datetime, end: datetime) -> datetime | None:
        """The newest of some readings of a span of time; None if it has none. It may not be the newest of all."""
        span = _span(begin, end - MOMENT)
        try:
            found = self._entities({**span, "lastN": "1"}, few=True)
            times = [start({"phenomenonTime": a.at}) for entity in found for a in instances(entity)]
        except TooMuch:
            return begin
        return max((moment for moment in times if moment and begin <= moment < end), default=None)

    def _entities(self, query: dict[str, str], few: bool = False) -> Iterator[Json]:
        if self.one:
            try:
                answer = self._answer(self.address(query))
            except Skippable as problem:
                if problem.reason != "file-gone":  # which some say of an entity without values in this span
                    raise
            else:
                yield from [answer] if isinstance(answer, dict) else []
        elif few:
            answer = self._answer(self.address({**query, "limit": "10"}))
            yield from (entity for entity in answer if isinstance(entity, dict)) if isinstance(answer, list) else ()
        else:
            paged = by_offset(
                lambda url: {"items": self._answer(url)},
                lambda offset: self.address({**query, "limit": "100", "offset": str(offset)}),
                items="items",
            )
            yield from unique(paged, "id")

    def _answer(self, url: str) -> Any:
        try:
            return self.ask(url)
        except Skippable as problem:
            if problem.reason in PART:
                raise TooMuch(
                    "The broker sends only a part of the readings of one second.", "Tell whoever runs it."
                ) from None
            raise


def _standing(entity: Json) -> Place | None:
    """Where an entity is that does not say when it was there."""
    places = (a for a in attributes(entity) if a.name == "location" and not a.at)
    return next((point(geometry(a.value)) for a in places), None)


def _span(begin: datetime, end: datetime) -> dict[str, str]:
    return {"timerel": "between", "timeAt": _moment(begin - MOMENT), "endTimeAt": _moment(end)}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
