"""A server that answers as an ArcGIS FeatureServer does, errors with HTTP 200 included."""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World

ROOT = "/server/rest/services/Trees/FeatureServer"
WHERE = re.compile(r"(?:1=1|OBJECTID>(-?\d+))")


class Service(World):
    """A service whose layers have points; it gives two rows at once, however many are asked for."""

    kind = "arcgis"
    path = ROOT

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.listed: builtins.list[dict[str, Any]] = []
        self.layers: dict[Any, dict[str, Any]] = {}
        self.rows: dict[Any, builtins.list[dict[str, Any]]] = {}
        self.most = 2
        self.wkid = 4326
        self.broken_layer = self.round = False
        self.portal: Callable[[Request], Response] = lambda request: error(400)  # the search of a portal, if any

    def is_file(self, request: Request) -> bool:
        return request.path.endswith("/query")

    def list(self, request: Request) -> Response:
        if request.path.startswith("/portal/"):
            return self.portal(request)
        assert request.args.to_dict() == {"f": "json"}
        if request.path == ROOT:
            if self.round:
                return Response(status=302, headers={"Location": f"{ROOT}?f=json"})
            return answer({"currentVersion": 11.2, "maxRecordCount": 2000, "layers": self.listed, "tables": []})
        id_ = self._id(request.path)
        if self.broken_layer and len(self.layers) > 3 and id_ == builtins.list(self.layers)[3]:
            return error(500)
        return answer(self.layers[id_]) if id_ in self.layers else error(400, "Invalid URL")

    def file(self, request: Request) -> Response:
        found, asked = self._id(request.path.removesuffix("/query")), request.args
        where = WHERE.fullmatch(asked["where"])
        if found not in self.layers or not where or asked["orderByFields"] != "OBJECTID":
            return error(400, "Invalid or missing input parameters.")
        later = [row for row in self.rows[found] if where[1] is None or row["attributes"]["OBJECTID"] > int(where[1])]
        page = sorted(later, key=lambda row: int(row["attributes"]["OBJECTID"]))
        page = page[: min(self.most, int(asked["resultRecordCount"]))]
        place = {"spatialReference": {"wkid": self.wkid}} if asked["returnGeometry"] == "true" else {}
        return answer({"objectIdFieldName": "OBJECTID", **place, "fields": [], "features": page,
                       "exceededTransferLimit": len(later) > len(page)})  # fmt: skip

    def _id(self, path: str) -> Any:
        text = unquote(path.removeprefix(f"{ROOT}/"))
        return next((id_ for id_ in self.layers if str(id_) == text), None)

    def add(self, id_: Any, **facts: Any) -> None:
        self.layers[id_] = {
            "id": id_,
            "name": "Trees",
            "type": "Feature Layer",
            "description": "Trees",
            "copyrightText": "",
            "geometryType": "esriGeometryPoint",
            "capabilities": "Query,Extract",
            "maxRecordCount": 2000,
            "objectIdField": "OBJECTID",
            "editingInfo": {"lastEditDate": 1772355600000},
            "fields": [
                {"name": "OBJECTID", "type": "esriFieldTypeOID", "alias": "OBJECTID", "domain": None},
                {"name": "Species", "type": "esriFieldTypeString", "alias": "Species", "length": 50, "domain": None},
            ],
            **{{"title": "name", "notes": "description"}.get(key, key): value for key, value in facts.items()},
        }
        self.listed.append({"id": id_, "name": self.layers[id_]["name"], "parentLayerId": -1})
        self.rows[id_] = []
        self.grow(id_, Species="Oak")

    def grow(self, id_: Any, geometry: Any = None, **attributes: Any) -> None:
        """Adds a row."""
        number = len(self.rows[id_]) + 1
        where = {"x": -4.3, "y": 52.3} if geometry is None else geometry
        self.rows[id_].append({"attributes": {"OBJECTID": number, **attributes}, "geometry": where})

    def change(self, id_: str, **facts: Any) -> None:
        for key, value in facts.items():
            self.layers[id_][{"title": "name", "notes": "description"}.get(key, key)] = value

    def change_file(self, id_: str) -> None:
        self.grow(id_, Species="Ash")
        self.layers[id_]["editingInfo"]["lastEditDate"] += 1000

    def remove(self, id_: str) -> None:
        self.listed = [entry for entry in self.listed if entry["id"] != id_]

    def repeat(self, id_: str) -> None:
        self.listed.append({"id": id_, "name": "Again"})

    def break_off(self) -> None:
        self.broken_layer = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response('{"layers": {"id": 0}, "tables": "none"}')

    def blank(self) -> None:
        empty = {"name": None, "type": None, "description": None, "fields": None, "editingInfo": None}
        key = {"name": "OBJECTID", "type": "esriFieldTypeOID"}
        for id_, more in (
            ("a", {}),
            ("b", {"fields": [None, {}, {"name": None}, 7], "editingInfo": []}),
            (
                "c",
                {"fields": [key, {"name": "n", "domain": {"codedValues": None}}], "geometryType": "esriGeometryPoint"},
            ),
            ("d", {"fields": [key, {"name": "n", "type": None, "domain": 7}], "editingInfo": {"lastEditDate": None}}),
        ):
            self.layers[id_] = {"id": id_, **empty, **more}
            self.rows[id_] = [{"attributes": {"OBJECTID": 1, "n": None}, "geometry": None}]
            self.listed.append({"id": id_, "name": None})
        self.listed.append({"id": None})


def answer(value: Any) -> Response:
    return Response(json.dumps(value), content_type="application/json")


def error(code: int, message: str = "Error performing query operation") -> Response:
    """An error as these servers give it: with HTTP 200."""
    return answer({"error": {"code": code, "message": message, "details": []}})
