"""A council's web server with a data.json."""

from __future__ import annotations

import builtins
import gzip
import json
from typing import Any
from urllib.parse import quote, unquote

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World


class DataJson(World):
    """Entries with one file each."""

    kind = "data-json"
    path = "/data.json"

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.entries: builtins.list[Any] = []
        self.files: dict[str, bytes] = {}
        self.cut = self.round = False

    def is_file(self, request: Request) -> bool:
        return "/files/" in request.path

    def list(self, request: Request) -> Response:
        if self.round:
            return Response(status=302, headers={"Location": self.path})
        catalogue = {"@type": "dcat:Catalog", "conformsTo": "https://project-open-data.cio.gov/v1.1/schema"}
        body = json.dumps({**catalogue, "dataset": self.entries}).encode()
        if self.cut:
            return Response(gzip.compress(body)[:-12], headers={"Content-Encoding": "gzip"})
        return Response(body, content_type="application/json")

    def file(self, request: Request) -> Response:
        name = unquote(request.path.partition("/files/")[2])
        if name not in self.files:
            return Response("gone", 404)
        response = Response(self.files[name], content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)

    def add(self, id_: str, **facts: Any) -> None:
        facts.pop("url", None)
        self.files[f"{id_}.csv"] = b"name,height\r\nOak,20\r\n"
        url = self.server.url_for("/files/") + quote(f"{id_}.csv", safe="")
        file = {"@type": "dcat:Distribution", "downloadURL": url, "mediaType": "text/csv", "title": "Trees"}
        entry = {"@type": "dcat:Dataset", "identifier": id_, "title": f"Dataset {id_}", "accessLevel": "public",
                 "description": "Data", "distribution": [file]}  # fmt: skip
        self.entries.append({**entry, **_theirs(facts)})

    def entry(self, id_: str) -> Any:
        return next(entry for entry in self.entries if entry["identifier"] == id_)

    def change(self, id_: str, **facts: Any) -> None:
        self.entry(id_).update(_theirs(facts))

    def change_file(self, id_: str) -> None:
        self.files[f"{id_}.csv"] += b"Ash,25\r\n"

    def remove(self, id_: str) -> None:
        self.entries.remove(self.entry(id_))

    def repeat(self, id_: str) -> None:
        self.entries.append(self.entry(id_))

    def break_off(self) -> None:
        self.cut = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response('{"dataset": [{"identifier": "x" "title": "a comma is missing"}]}')

    def blank(self) -> None:
        names = ("title", "description", "keyword", "publisher", "contactPoint", "spatial", "license", "accessLevel")
        empty = dict.fromkeys(names)
        self.entries += [
            None, 7, [], {}, "text",
            {"identifier": None, **empty},
            {"identifier": "a", **empty, "distribution": None},
            {"identifier": "b", **empty, "distribution": [None, {}, {"downloadURL": None}, {"downloadURL": ""}]},
            {"identifier": "c", **empty, "keyword": [None], "theme": [{}], "publisher": {}, "contactPoint": [None],
             "isPartOf": [], "language": [None], "distribution": {"downloadURL": ["x"], "title": None}},
        ]  # fmt: skip


def _theirs(facts: dict[str, Any]) -> dict[str, Any]:
    return {{"notes": "description"}.get(key, key): value for key, value in facts.items()}
