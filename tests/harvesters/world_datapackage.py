"""A data package as a world: it holds one dataset, so tests that need a second one do not apply."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World


class Package(World):
    """A web server with a datapackage.json and one CSV file."""

    kind = "datapackage"
    path = "/trees/datapackage.json"

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.package: dict[str, Any] = {"resources": []}
        self.files: dict[str, bytes] = {}
        self.empty: dict[str, Any] = {}

    def is_file(self, request: Request) -> bool:
        return request.path != self.path

    def list(self, request: Request) -> Response:
        return Response(json.dumps(self.package), content_type="application/json")

    def file(self, request: Request) -> Response:
        name = request.path.removeprefix("/trees/")
        if name not in self.files:
            return Response("gone", 404)
        response = Response(self.files[name], content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)

    def add(self, id_: str, **facts: Any) -> None:
        if "id" in self.package:
            pytest.skip("a data package is one dataset")
        self.files["data.csv"] = b"a,b\r\n1,2\r\n"
        schema = {"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}]}
        resource = {"name": "data", "path": "data.csv", "format": "csv", "schema": schema}
        self.package = {"id": id_, "name": id_, "resources": [resource]} | self.empty
        self.change(id_, **facts)

    def change(self, id_: str, **facts: Any) -> None:
        self.package |= {{"notes": "description"}.get(name, name): value for name, value in facts.items()}

    def change_file(self, id_: str) -> None:
        self.files["data.csv"] += b"3,4\r\n"

    def remove(self, id_: str) -> None:
        self.package = {"resources": []}

    def repeat(self, id_: str) -> None:
        pytest.skip("a data package is one dataset")

    def break_off(self) -> None:
        raise NotImplementedError

    def go_round(self) -> None:
        raise NotImplementedError

    def garble(self) -> Response:
        return Response('{"name": "x1", "resources": [{"name": "data" "path": "a comma is missing"}]}')

    def blank(self) -> None:
        names = ("name", "title", "description", "keywords", "licenses", "contributors", "created", "homepage")
        self.empty = dict.fromkeys(names)
