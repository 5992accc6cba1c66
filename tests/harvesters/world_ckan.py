"""A portal that answers as CKAN's action API does, with three datasets a page."""

from __future__ import annotations

import builtins
import json
from typing import Any
from urllib.parse import quote, unquote

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World


class Portal(World):
    """Datasets with one linked file each.

    Attributes:
        total: what the search says there are; None for the truth.
        by_id: answers every search by ids with this; None for the truth.
        plain: answers as old portals do, which give whole datasets whatever ``fl`` asks for.
        asked: the ``start`` of every search.
    """

    kind = "ckan"
    path = ""

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.datasets: builtins.list[Any] = []
        self.files: dict[str, bytes] = {}
        self.page_size = 3
        self.total: int | None = None
        self.by_id: Response | None = None
        self.broken_page = self.round = self.plain = False
        self.asked: builtins.list[int] = []
        self.changes = 0

    def is_file(self, request: Request) -> bool:
        return "/files/" in request.path

    def list(self, request: Request) -> Response:
        if request.path == "/api/3/action/package_search":
            return self._search(request)
        assert request.path == "/api/3/action/package_show"
        found = [d for d in self.datasets if d["id"] == request.args["id"]]
        return self.answer(found[0]) if found else self.answer({"__type": "Not Found Error"}, 404)

    def _search(self, request: Request) -> Response:
        if "sort" not in request.args:
            return self.by_id or self._several(request)
        assert request.args["sort"] == "id asc"
        start = int(request.args["start"])
        self.asked.append(start)
        if start and self.broken_page:
            return Response("out of order", 500)
        begin = 0 if self.round else start
        rows = min(int(request.args["rows"]), self.page_size)
        ordered = sorted(self.datasets, key=lambda dataset: str(dataset["id"]))
        found = [self._known(dataset, request.args.getlist("fl")) for dataset in ordered[begin : begin + rows]]
        count = len(self.datasets) if self.total is None else self.total
        return self.answer({"count": count, "sort": "id asc", "facets": {}, "results": found, "search_facets": {}})

    def _several(self, request: Request) -> Response:
        """Datasets by their ids."""
        ids = request.args["fq"].removeprefix("id:(").removesuffix(")").split(" OR ")
        assert int(request.args["rows"]) >= len(ids)
        found = [dataset for dataset in self.datasets if dataset["id"] in ids and dataset.get("private") is not True]
        return self.answer({"count": len(found), "results": found})

    def _known(self, dataset: dict[str, Any], fields: builtins.list[str]) -> dict[str, Any]:
        """What the search index knows of a dataset."""
        if self.plain:
            return dataset
        resources = [resource for resource in dataset.get("resources") or [] if resource]
        index = {
            **dataset,
            "capacity": "private" if dataset.get("private") is True else "public",
            "res_url": [resource.get("url") for resource in resources],
            "res_format": [resource.get("format") for resource in resources],
        }
        return {name: index[name] for name in fields if index.get(name) not in (None, [])}

    def file(self, request: Request) -> Response:
        name = unquote(request.path.partition("/files/")[2])
        if name not in self.files:
            return Response("gone", 404)
        response = Response(self.files[name], content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)

    def add(self, id_: str, **facts: Any) -> None:
        facts.pop("url", None)
        stated = {name: facts.pop(name) for name in ("title", "notes") if name in facts}
        self.files[f"{id_}.csv"] = b"name,height\r\nOak,20\r\n"
        self.changes += 1
        self.datasets.append({
            "id": id_, "name": f"dataset-{len(self.datasets)}", "title": f"Dataset {id_}", "notes": "Data",
            "state": "active", "private": False, "type": "dataset", "metadata_modified": self._now(),
            "extras": [{"key": key, "value": value} for key, value in facts.items()],
            "resources": [{"id": f"r-{len(self.datasets)}", "name": "Trees", "format": "CSV", "state": "active",
                           "url": self.server.url_for("/files/") + quote(f"{id_}.csv", safe="")}],
            **stated,
        })  # fmt: skip

    def _now(self) -> str:
        return f"2026-03-01T08:00:00.{self.changes:06}"

    def dataset(self, id_: str) -> Any:
        return next(dataset for dataset in self.datasets if dataset["id"] == id_)

    def change(self, id_: str, **facts: Any) -> None:
        self.changes += 1
        self.dataset(id_).update(facts, metadata_modified=self._now())

    def change_file(self, id_: str) -> None:
        self.files[f"{id_}.csv"] += b"Ash,25\r\n"

    def remove(self, id_: str) -> None:
        self.datasets.remove(self.dataset(id_))

    def repeat(self, id_: str) -> None:
        self.datasets.append(self.dataset(id_))

    def break_off(self) -> None:
        self.broken_page = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response('{"success": true, "result": {"count": 1, "results": {"id": "x"}}}')

    def blank(self) -> None:
        names = ("title", "name", "notes", "state", "private", "organization", "extras", "tags", "groups", "url")
        empty = dict.fromkeys(names)
        self.datasets += [
            {"id": "a", **empty, "resources": None},
            {"id": "b", **empty, "metadata_modified": "2026-03-01T08:00:00", "resources": [{}, {"url": None}]},
            {"id": "c", **empty, "extras": [None, {}, {"key": None}], "tags": [None, {"name": None}], "groups": [{}],
             "organization": {"title": None}, "resources": [None, {"url": "mailto:x", "id": None}]},
            {"id": None, **empty},
        ]  # fmt: skip

    @staticmethod
    def answer(result: Any, status: int = 200) -> Response:
        """The envelope of the action API."""
        member = "result" if status == 200 else "error"
        body = json.dumps({"help": "…", "success": status == 200, member: result})
        return Response(body, status, content_type="application/json;charset=utf-8")
