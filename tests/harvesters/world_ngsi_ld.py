"""A context broker that answers as NGSI-LD brokers do, three entities a page; and as NGSIv2 brokers do."""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Callable
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World

from ckanext.digitalcity.core.model import Recipe

ENTITY = re.compile(r"/(?:ngsi-ld/v1|v2)/entities/(.+)", re.DOTALL)


class Broker(World):
    """Entities of any type, each a dataset of its own.

    Attributes:
        tenant: the only one that has anything, if there is one.
        past: answers what is asked of the history; there is none unless a test gives one.
    """

    kind = "ngsi-ld"
    path = ""

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.entities: builtins.list[Any] = []
        self.page_size = 3
        self.broken_page = self.round = False
        self.tenant = ""
        self.past: Callable[[Request], Response] = lambda request: Response(status=501)

    def recipe(self, **changes: Any) -> Recipe:
        return super().recipe(**{**changes, "options": {"dataset": "entity", **changes.get("options", {})}})

    def is_file(self, request: Request) -> bool:
        return bool(ENTITY.fullmatch(request.path))

    def list(self, request: Request) -> Response:
        header = "NGSILD-Tenant" if "ngsi-ld" in request.path else "Fiware-Service"
        if request.headers.get(header, "") != self.tenant:
            return self._json({"title": "No such tenant"}, 404)
        if request.path.startswith("/ngsi-ld/v1/temporal/"):
            return self.past(request)
        types = list_once(e.get("type") for e in self.entities if isinstance(e, dict))
        if request.path == "/ngsi-ld/v1/types":
            return self._json({"id": "urn:ngsi-ld:EntityTypeList:1", "type": "EntityTypeList", "typeList": types})
        if request.path == "/v2/types":
            return self._page([{"type": type_, "attrs": {}, "count": 1} for type_ in types], request)
        assert request.path in ("/ngsi-ld/v1/entities", "/v2/entities")
        assert int(request.args["limit"]) <= 1_000
        wanted = request.args["type"]
        return self._page([e for e in self.entities if not isinstance(e, dict) or e.get("type") == wanted], request)

    def _page(self, items: builtins.list[Any], request: Request) -> Response:
        offset = int(request.args["offset"])
        if offset and self.broken_page:
            return Response("out of order", 500)
        begin = 0 if self.round else offset
        return self._json(items[begin : begin + min(int(request.args["limit"]), self.page_size)])

    def file(self, request: Request) -> Response:
        name = ENTITY.fullmatch(request.path)
        found = [e for e in self.entities if isinstance(e, dict) and name and e.get("id") == name[1]]
        return self._json(found[0]) if found else self._json({"title": "Not found"}, 404)

    def add(self, id_: str, **facts: Any) -> None:
        stated = {"name": f"Tree {id_}", "description": "A tree", "height": 20, **_theirs(facts)}
        self.entities.append({"id": id_, "type": "Tree", **{name: _property(v) for name, v in stated.items()}})

    def entity(self, id_: str) -> Any:
        return next(entity for entity in self.entities if entity["id"] == id_)

    def change(self, id_: str, **facts: Any) -> None:
        self.entity(id_).update({name: _property(value) for name, value in _theirs(facts).items()})

    def change_file(self, id_: str) -> None:
        self.entity(id_)["height"]["value"] += 1

    def remove(self, id_: str) -> None:
        self.entities.remove(self.entity(id_))

    def repeat(self, id_: str) -> None:
        self.entities.append(self.entity(id_))

    def break_off(self) -> None:
        self.broken_page = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response('{"typeList": {"0": "Tree"}}')

    def blank(self) -> None:
        self.entities += [
            {"id": "a", "type": "Tree"},
            {"id": "b", "type": "Tree", "name": None, "location": None, "height": {}, "x": [], "y": {"value": None}},
            {"id": "c", "type": "Tree", "name": {"type": "Property"}, "location": {"type": "GeoProperty", "value": []}},
            {"id": None, "type": "Tree"},
            {"id": "d", "type": "Tree", "": {"value": 1}, "dateObserved": {"value": {"@value": None}}, "z": [None]},
            None,
        ]

    @staticmethod
    def _json(value: Any, status: int = 200) -> Response:
        return Response(json.dumps(value), status, content_type="application/json")


def list_once(names: Any) -> builtins.list[Any]:
    return builtins.list(dict.fromkeys(names))


def _property(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}


def _theirs(facts: dict[str, Any]) -> dict[str, Any]:
    return {{"notes": "description", "title": "name"}.get(key, key): value for key, value in facts.items()}
