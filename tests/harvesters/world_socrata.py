"""A portal that answers as Socrata's catalogue, views and SODA export do."""

from __future__ import annotations

import builtins
import csv
import io
import json
import re
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World

VIEW = re.compile(r"/api/views/(.+)\.json", re.DOTALL)
ROWS = re.compile(r"/resource/(.+)\.(csv|json)", re.DOTALL)
COLUMNS = ("name", "height", "planted", "alive", "place")


class Portal(World):
    """Three datasets a page at most; each has one row."""

    kind = "socrata"
    path = ""

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.listed: builtins.list[dict[str, Any]] = []
        self.views: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, builtins.list[builtins.list[str]]] = {}
        self.page_size = 3
        self.total: int | None = None
        self.broken_page = self.round = False
        self.changes = 1

    def is_file(self, request: Request) -> bool:
        return request.path.startswith("/resource/") or "/files/" in request.path

    def list(self, request: Request) -> Response:
        if request.path == "/api/catalog/v1":
            assert request.args["domains"] == request.args["search_context"] == "localhost"
            return self._page(int(request.args["offset"]), int(request.args["limit"]))
        found = VIEW.fullmatch(request.path)
        view = self.views.get(found[1]) if found else None
        return self._json(view) if view else self._json({"code": "not_found", "error": True}, 404)

    def _page(self, offset: int, limit: int) -> Response:
        if offset + limit > 10_000:
            return self._json({"error": "offset and limit are too large"}, 400)
        if offset and self.broken_page:
            return Response("out of order", 500)
        begin = 0 if self.round else offset
        page = self.listed[begin : begin + min(limit, self.page_size)]
        total = len(self.listed) if self.total is None else self.total
        return self._json({"results": page, "resultSetSize": total, "timings": {"serviceMillis": 3}, "warnings": []})

    def file(self, request: Request) -> Response:
        if "/files/" in request.path:
            return Response(b"%PDF-1.4", content_type="application/pdf")
        found = ROWS.fullmatch(request.path)
        if not found or found[1] not in self.rows:
            return Response("gone", 404)
        rows = self.rows[found[1]]
        if found[2] == "json":
            assert request.args["$select"] == "count(*) as rows"
            return self._json([{"rows": str(len(rows))}])
        assert request.args["$order"] == ":id"
        wanted = [name.strip("`") for name in request.args["$select"].split(",")]
        begin = int(request.args.get("$offset", 0))
        text = io.StringIO(newline="")
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(wanted)
        writer.writerows(
            [row[COLUMNS.index(n)] for n in wanted] for row in rows[begin : begin + int(request.args["$limit"])]
        )
        return Response(text.getvalue().encode(), content_type="text/csv; charset=utf-8")

    def add(self, id_: str, **facts: Any) -> None:
        name = facts.get("title", f"Dataset {id_}")
        self.listed.append(
            {
                "resource": {"id": id_, "name": name, "type": "dataset", **self._times()},
                "classification": {"categories": [], "tags": [], "domain_category": "Trees"},
                "metadata": {"domain": "localhost"},
                "permalink": f"https://localhost/d/{id_}",
            }
        )
        types = ("text", "number", "calendar_date", "checkbox", "point")
        columns: Any = [
            {"id": number, "name": column.title(), "fieldName": column, "dataTypeName": type_, "position": number}
            for number, (column, type_) in enumerate(zip(COLUMNS, types, strict=True))
        ]
        columns.append({"fieldName": ":@computed_region_x", "dataTypeName": "number", "name": "Wards"})
        view = {"id": id_, "name": name, "description": "Data", "viewType": "tabular", "columns": columns}
        self.views[id_] = {**view, **_ours(facts)}
        self.rows[id_] = [["Oak", "20.5", "2020-01-31T00:00:00.000", "true", "POINT (-3.2 51.5)"]]

    def _times(self, *names: str) -> dict[str, str]:
        self.changes += 1
        stamp = f"2026-03-{self.changes % 28 + 1:02}T08:00:00.000Z"
        return dict.fromkeys(names or ("data_updated_at", "metadata_updated_at", "updatedAt"), stamp)

    def result(self, id_: str) -> dict[str, Any]:
        return next(result for result in self.listed if result["resource"]["id"] == id_)

    def change(self, id_: str, **facts: Any) -> None:
        self.result(id_)["resource"].update(self._times("metadata_updated_at"))
        self.views[id_].update(_ours(facts))

    def change_file(self, id_: str) -> None:
        self.rows[id_].append(["Ash", "25", "2021-01-31T00:00:00.000", "false", ""])
        self.result(id_)["resource"].update(self._times("data_updated_at"))

    def remove(self, id_: str) -> None:
        self.listed.remove(self.result(id_))

    def repeat(self, id_: str) -> None:
        self.listed.append(self.result(id_))

    def break_off(self) -> None:
        self.broken_page = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response('{"resultSetSize": 1, "results": {"resource": "x"}}')

    def blank(self) -> None:
        self.listed += [{"resource": {"id": "a", "name": None, "type": None}}, {"resource": {"id": "b"}}]
        self.listed += [{"resource": {"id": "c"}, "classification": {"domain_category": None}}, {}, {"resource": None}]
        empty = {"name": None, "description": None, "tags": None, "license": None, "rowsUpdatedAt": None}
        self.views["a"] = {"id": "a", **empty, "columns": None}
        self.views["b"] = {"id": "b", **empty, "columns": [None, {}, {"fieldName": None}]}
        self.views["c"] = {"id": "c", **empty, "columns": [], "viewType": "href", "blobId": None, "tags": [None, 7]}

    @staticmethod
    def _json(value: Any, status: int = 200) -> Response:
        return Response(json.dumps(value), status, content_type="application/json; charset=utf-8")


def _ours(facts: dict[str, Any]) -> dict[str, Any]:
    return {{"title": "name", "notes": "description"}.get(key, key): value for key, value in facts.items()}
