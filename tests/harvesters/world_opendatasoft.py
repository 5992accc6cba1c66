"""A portal that answers as Opendatasoft's Explore API 2.1 does."""

from __future__ import annotations

import builtins
import json
import re
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World

DATASET = re.compile(r"/api/explore/v2\.1/catalog/datasets/(.+?)(/exports/csv)?", re.DOTALL)
STEP = "2026-03-{:02}T08:00:00+00:00"


class Portal(World):
    """Three datasets a page at most, and the catalogue's export; each dataset has one record."""

    kind = "opendatasoft"
    path = ""

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.datasets: builtins.list[dict[str, Any]] = []
        self.rows: dict[str, str] = {}
        self.page_size = 3
        self.total: int | None = None
        self.broken_page = self.round = False
        self.changes = 1

    def is_file(self, request: Request) -> bool:
        return request.path.endswith("/exports/csv")

    def list(self, request: Request) -> Response:
        if request.path == "/api/explore/v2.1/catalog/exports/json":
            return self._json(self.datasets)
        if request.path == "/api/explore/v2.1/catalog/datasets":
            return self._page(int(request.args["offset"]), int(request.args["limit"]))
        found = DATASET.fullmatch(request.path)
        dataset = next((d for d in self.datasets if found and d["dataset_id"] == found[1]), None)
        return self._json(dataset) if dataset else self._json({"error_code": "NotFound"}, 404)

    def _page(self, offset: int, limit: int) -> Response:
        if offset + limit > 10_000:
            return self._json({"error_code": "InvalidRESTParameterError"}, 400)
        if offset and self.broken_page:
            return Response("out of order", 500)
        begin = 0 if self.round else offset
        page = self.datasets[begin : begin + min(limit, self.page_size)]
        return self._json({"total_count": len(self.datasets) if self.total is None else self.total, "results": page})

    def file(self, request: Request) -> Response:
        found = DATASET.fullmatch(request.path)
        if not found or found[1] not in self.rows:
            return Response("gone", 404)
        assert request.args.to_dict() == {"delimiter": ";", "use_labels": "false"}
        return Response(b"\xef\xbb\xbf" + self.rows[found[1]].encode(), content_type="text/csv; charset=utf-8")

    def add(self, id_: str, **facts: Any) -> None:
        self.datasets.append(
            {
                "dataset_id": id_,
                "dataset_uid": f"da_{len(self.datasets)}",
                "has_records": True,
                "data_visible": True,
                "attachments": [{"id": "a", "url": "odsfile://a.pdf"}],
                "alternative_exports": [{"id": "b", "url": "odsfile://b.zip"}],
                "fields": [
                    {"name": "name", "label": "Name", "type": "text", "description": None, "annotations": {}},
                    {"name": "height", "label": "Height", "type": "int", "annotations": {"unit": "m"}},
                ],
                "metas": {
                    "default": {"title": f"Dataset {id_}", "description": "Data", **self._times(), **_ours(facts)}
                },
            }
        )
        self.rows[id_] = "name;height\r\nOak;20\r\n"

    def _times(self, *names: str) -> dict[str, str]:
        self.changes += 1
        return {name: STEP.format(self.changes % 28 + 1) for name in names or ("data_processed", "metadata_processed")}

    def dataset(self, id_: str) -> dict[str, Any]:
        return next(dataset for dataset in self.datasets if dataset["dataset_id"] == id_)

    def change(self, id_: str, **facts: Any) -> None:
        self.dataset(id_)["metas"]["default"].update(_ours(facts) | self._times("metadata_processed"))

    def change_file(self, id_: str) -> None:
        self.rows[id_] += "Ash;25\r\n"
        self.dataset(id_)["metas"]["default"].update(self._times("data_processed"))

    def remove(self, id_: str) -> None:
        self.datasets.remove(self.dataset(id_))

    def repeat(self, id_: str) -> None:
        self.datasets.append(self.dataset(id_))

    def break_off(self) -> None:
        self.broken_page = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response('{"total_count": 1, "results": {"dataset_id": "x"}}')

    def blank(self) -> None:
        empty = {"has_records": None, "attachments": None, "fields": None}
        self.datasets += [
            {"dataset_id": "a", **empty, "metas": None},
            {"dataset_id": "b", **empty, "metas": {"default": None}},
            {"dataset_id": "c", **empty, "has_records": True, "fields": [None, {}, {"name": None}],
             "metas": {"default": {"title": None, "keyword": None, "theme": [None], "license": {}, "publisher": []}}},
            {"dataset_id": None, "metas": []},
        ]  # fmt: skip
        self.rows["c"] = ""

    @staticmethod
    def _json(value: Any, status: int = 200) -> Response:
        return Response(json.dumps(value), status, content_type="application/json; charset=utf-8")


def _ours(facts: dict[str, Any]) -> dict[str, Any]:
    return {{"notes": "description"}.get(key, key): value for key, value in facts.items()}
