"""A small OGC SensorThings API 1.1 service for the demo and the tests: a WSGI application over plain values.

It reads, never writes. It knows what our harvester asks for and a little more: ``$expand`` (nested), ``$filter`` on
``phenomenonTime`` and ``resultTime``, ``$orderby``, ``$top``, ``$skip``, ``$count`` and server-side paging with
``@iot.nextLink`` (OGC 18-088, sections 9.3 and 10). Everything else is answered with 501, so that nobody takes it for a
whole service.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any
from urllib.parse import parse_qs, quote, urlencode
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Entity = dict[str, Any]
Options = dict[str, str]

SETS = ("Things", "Datastreams", "MultiDatastreams", "ObservedProperties")
STREAMS = ("Datastreams", "MultiDatastreams")
COLLECTIONS = (
    "Locations",
    "Observations",
    "ObservedProperties",
    *STREAMS,
)  # what pages
LINKS = {*COLLECTIONS, "Sensor", "ObservedProperty", "Thing"}
COMPARE: dict[str, Callable[[datetime, datetime], bool]] = {"ge": ge, "gt": gt, "le": le, "lt": lt}
CONDITION = re.compile(r"(phenomenonTime|resultTime)\s+(ge|gt|le|lt)\s+'?([0-9T:.+Z-]+)'?")
KNOWN = {"$expand", "$filter", "$orderby", "$top", "$skip", "$count"}


class BadRequest(ValueError):
    """The query cannot be understood."""


def create_app(data: Entity, page_size: int = 100) -> WSGIApplication:
    """Serves ``data`` as a SensorThings service below ``/v1.1``.

    Args:
        data: ``{"Things": [...]}``; each Thing holds its ``Locations``, ``Datastreams`` and ``MultiDatastreams``, each
            of these its ``Observations``, ``Sensor`` and ``ObservedProperty`` (``ObservedProperties``). Read anew at
            each request, so it may be changed.
        page_size: the most entities on one page, whatever ``$top`` says.
    """

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "localhost")
        root = f"{scheme}://{host}{environ.get('SCRIPT_NAME', '')}/v1.1"
        # PEP 3333 hands bytes over in the guise of Latin-1
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace").removesuffix("/")
        try:
            if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
                status, body = "405 Method Not Allowed", _error(405, "This service can only be read.")
            else:
                options = {k: v[-1] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
                found = _Service(data, root, page_size).answer(path, options)
                status, body = ("200 OK", found) if found else ("404 Not Found", _error(404, "There is no such thing."))
        except BadRequest as error:
            status, body = "501 Not Implemented", _error(501, str(error))
        raw = json.dumps(body).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(raw)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else raw]

    return app


def _error(code: int, message: str) -> Entity:
    return {"code": code, "type": "error", "message": message}


class _Service:
    """Answers one request."""

    def __init__(self, data: Entity, root: str, page_size: int) -> None:
        self.data, self.root, self.page_size = data, root, page_size

    def answer(self, path: str, options: Options) -> Entity | None:
        """The entity or page at ``path``; None if there is none."""
        if path == "/v1.1":
            return {"value": [{"name": name, "url": f"{self.root}/{name}"} for name in SETS if self._all(name)]}
        if unknown := set(options) - KNOWN:
            raise BadRequest(f"This service does not know {', '.join(sorted(unknown))}.")
        match = re.fullmatch(rf"/v1\.1/({'|'.join(SETS)})(?:\((\d+|'(?:[^']|'')*')\)(?:/(\w+))?)?", path)
        if not match:
            return None
        name, id_, child = match.groups()
        entities = self._all(name)
        if id_ is None:
            return self._page(name, name, entities, options)
        entity = next((e for e in entities if _key(e) == id_), None)
        if entity is None or child is None:
            return None if entity is None else self._entity(name, entity, options.get("$expand", ""))
        if child == "Thing" and child in entity:
            return self._entity("Things", entity[child], options.get("$expand", ""))
        if child not in COLLECTIONS:
            return dict(entity[child]) if child in entity else None
        return self._page(f"{name}({_quoted(id_)})/{child}", child, entity.get(child, []), options)

    def _all(self, name: str) -> list[Entity]:
        """Every entity of a set; a Datastream knows its Thing, an observed property its Datastreams."""
        things: list[Entity] = self.data["Things"]
        if name == "Things":
            return things
        if name in STREAMS:
            return [{**stream, "Thing": thing} for thing in things for stream in thing.get(name) or []]
        found: dict[Any, Entity] = {}
        for kind in STREAMS:
            for stream in self._all(kind):
                for observed in stream.get("ObservedProperties") or [stream.get("ObservedProperty")]:
                    if observed and "@iot.id" in observed:
                        found.setdefault(observed["@iot.id"], dict(observed)).setdefault(kind, []).append(stream)
        return list(found.values())

    def _page(self, path: str, name: str, entities: list[Entity], options: Options) -> Entity:
        """One page of a collection, with a link to the next if there is more."""
        entities = _ordered(_filtered(entities, options.get("$filter", "")), options.get("$orderby", ""))
        skip, top = _number(options, "$skip", 0), _number(options, "$top", len(entities))
        size = min(top, self.page_size)
        expand = options.get("$expand", "")
        page: Entity = {}
        if options.get("$count") == "true":
            page["@iot.count"] = len(entities)
        page["value"] = [self._entity(name, entity, expand) for entity in entities[skip : skip + size]]
        if size < top and skip + size < len(entities):
            rest = {**options, "$skip": str(skip + size)} | ({"$top": str(top - size)} if "$top" in options else {})
            page["@iot.nextLink"] = f"{self.root}/{path}?{urlencode(rest, safe='$')}"
        return page

    def _entity(self, name: str, entity: Entity, expand: str) -> Entity:
        """An entity as it is sent: own facts, links, and whatever was asked to be expanded."""
        if name == "Observations":  # thousands on a page: sent as they are, with or without an id
            return entity
        link = f"{name}({_quoted(_key(entity))})"
        sent: Entity = {"@iot.id": entity["@iot.id"], "@iot.selfLink": f"{self.root}/{link}"}
        sent |= {k: v for k, v in entity.items() if k not in LINKS}
        if name in STREAMS and (times := [o["phenomenonTime"] for o in entity.get("Observations", [])]):
            sent.setdefault("phenomenonTime", f"{_start(min(times, key=_when))}/{_end(max(times, key=_when))}")
        for child, options in _expansions(expand).items():
            if child in COLLECTIONS:
                page = self._page(f"{link}/{child}", child, entity.get(child, []), options)
                sent[child] = page["value"]
                sent |= {f"{child}{k}": v for k, v in page.items() if k != "value"}
            elif child == "Thing" and child in entity:
                sent[child] = self._entity("Things", entity[child], options.get("$expand", ""))
            elif child in entity:
                sent[child] = entity[child]
        for child in (LINKS & set(entity)) - set(sent):
            sent[f"{child}@iot.navigationLink"] = f"{self.root}/{link}/{child}"
        return sent


def _expansions(text: str) -> dict[str, Options]:
    """``A,B($expand=C;$top=2)`` as names with their own options."""
    found: dict[str, Options] = {}
    for part in _split(text, ","):
        name, _, inner = part.partition("(")
        options = dict(o.split("=", 1) for o in _split(inner.removesuffix(")"), ";") if "=" in o)
        first, _, deeper = name.strip().partition("/")
        found[first] = {"$expand": deeper} if deeper else options
    return found


def _split(text: str, separator: str) -> list[str]:
    """Splits at a separator outside brackets."""
    parts, depth = [""], 0
    for char in text:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def _key(entity: Entity) -> str:
    """An id as it stands in a path: text in single quotes, doubled within (OGC 18-088, section 9.2.2)."""
    id_ = entity["@iot.id"]
    return "'" + id_.replace("'", "''") + "'" if isinstance(id_, str) else str(id_)


def _quoted(key: str) -> str:
    return quote(key, safe="'")


def _number(options: Options, name: str, default: int) -> int:
    text = options.get(name, str(default))
    if not text.isdigit():
        raise BadRequest(f"{name} must be a whole number.")
    return int(text)


def _filtered(entities: list[Entity], text: str) -> list[Entity]:
    for condition in re.split(r"\s+and\s+", text) if text else ():
        match = CONDITION.fullmatch(condition.strip().strip("()"))
        if not match:
            raise BadRequest("This service only filters by phenomenonTime and resultTime.")
        member, compare, limit = match[1], COMPARE[match[2]], _when(match[3])
        entities = [e for e in entities if e.get(member) and compare(_when(e[member]), limit)]
    return entities


def _ordered(entities: list[Entity], text: str) -> list[Entity]:
    if not text:
        return entities
    match = re.fullmatch(r"phenomenonTime(?:\s+(asc|desc))?", text.strip())
    if not match:
        raise BadRequest("This service only orders by phenomenonTime.")
    return sorted(entities, key=lambda e: _when(e["phenomenonTime"]), reverse=match[1] == "desc")


def _start(time: str) -> str:
    return time.split("/")[0]


def _end(time: str) -> str:
    return time.split("/")[-1]


def _when(time: str) -> datetime:
    """The start of a time or interval; a time without a zone counts as UTC, or it could not be compared at all."""
    start = datetime.fromisoformat(_start(time))
    return start if start.tzinfo else datetime.fromisoformat(f"{_start(time)}+00:00")
