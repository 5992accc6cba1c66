"""A portal to harvest, as far as the benchmark asks it: served over real HTTP from a process of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
CHANGED = "2024-01-01T00:00:00"


class Portal(BaseHTTPRequestHandler):
    """``/N/…`` is a portal of N datasets; ``/bad/N/…`` one whose files are invalid, so that nothing is published."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as the servers that councils have do

    def do_GET(self) -> None:
        """package_search by start and rows or by ids, package_show, and files."""
        url = urlsplit(self.path)
        base, _, rest = url.path.partition("/api/3/action/")
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if not rest:
            number = int(url.path.rpartition("/")[2].removesuffix(".csv"))
            last = "31/02/2021,extra" if "/bad/" in url.path else "2021-06-01"
            body = "name,postcode,opened\n" + f"Stop {number},ZZ1 1AA,2020-01-31\n" * 20 + f"Last,ZZ1 1AB,{last}\n"
            return self._answer(body.encode(), "text/csv")
        count = int(base.rpartition("/")[2])
        if rest == "package_show":
            result: Any = self._dataset(base, int(query["id"][-12:], 16))
        else:
            start, rows = int(query.get("start", 0)), int(query.get("rows", 10))
            numbers: Sequence[int] = range(count)
            if query.get("fq", "").startswith("id:("):
                numbers = [int(id_[-12:], 16) for id_ in query["fq"][4:-1].split(" OR ")]
            found = [self._dataset(base, number) for number in numbers[start : start + rows]]
            if "fl" in query:
                found = [{"id": d["id"], "title": d["title"], "metadata_modified": CHANGED} for d in found]
            result = {"count": count, "results": found}
        return self._answer(json.dumps({"success": True, "result": result}).encode(), "application/json")

    def _dataset(self, base: str, number: int) -> Json:
        id_, host = f"00000000-0000-4000-8000-{number:012x}", self.headers["Host"]
        file = {"id": f"{id_[:-13]}-1{id_[-11:]}", "name": "Stops", "format": "CSV",
                "url": f"http://{host}{base}/files/{number}.csv", "state": "active"}  # fmt: skip
        return {
            "id": id_, "name": f"stops-{number}", "title": f"Stops {number}", "notes": "Where they are.",
            "type": "dataset", "state": "active", "private": False, "metadata_modified": CHANGED,
            "license_id": "uk-ogl", "tags": [{"name": "transport"}], "extras": [], "groups": [], "resources": [file],
        }  # fmt: skip

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - its name is the library's

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


def serve(pipe: Any) -> None:
    """The portal, in a process of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    pipe.send(server.server_address[1])
    server.serve_forever()
