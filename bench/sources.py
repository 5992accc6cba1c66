"""How fast a source is read, from the page that a server sends to the CSV that the gate has checked.

    python bench/sources.py [--quick] [--json FILE]

A real HTTP server in a process of its own sends pages as FROST does. Peer: the same pages only received and parsed by
Python's own ``json``, which is the least that any reader in Python does with them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import urlopen

Json = dict[str, Any]
START = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=1)
PAGE = 1_000  # observations, the most that FROST gives at a time unless told otherwise


class Service(BaseHTTPRequestHandler):
    """One Thing with one Datastream, whose observations are rendered beforehand, each as long as the other."""

    protocol_version = "HTTP/1.1"
    observations = b""
    width = 0

    def do_GET(self) -> None:
        """Things, Datastreams of a Thing, and Observations by $filter, $orderby, $top and $skip."""
        url = urlsplit(self.path)
        if url.path.endswith("/Observations"):
            body = self._page({key: values[0] for key, values in parse_qs(url.query).items()})
        else:
            body = json.dumps({"value": [self._thing()]} if url.path.endswith("/Things") else self._thing()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Says nothing."""

    def _base(self) -> str:
        return f"http://{self.headers['Host']}/v1.1"

    def _thing(self) -> Json:
        end = START + STEP * (len(self.observations) // self.width - 1)
        stream = {
            "@iot.id": 1,
            "name": "Nitrogen dioxide",
            "unitOfMeasurement": {"symbol": "ug/m3"},
            "phenomenonTime": f"{START.isoformat()}/{end.isoformat()}",
            "ObservedProperty": {"name": "NO2"},
        }
        return {"@iot.id": 1, "name": "Harbour", "Locations": [], "Datastreams": [stream]}

    def _page(self, query: dict[str, str]) -> bytes:
        count = len(self.observations) // self.width
        if query["$orderby"].endswith("desc"):
            first, top = count - 1, 1
        else:
            since = query.get("$filter", "").rpartition(" ge ")[2]
            moment = datetime.fromisoformat(since) if since else START
            first = max(0, -((START - moment) // STEP)) + int(query.get("$skip", "0"))
            top = int(query.get("$top", PAGE))
        body = b'{"value":[' + self.observations[first * self.width : (first + top) * self.width].rstrip(b",") + b"]"
        if first + top < count and "$top" not in query:
            skip = int(query.get("$skip", "0")) + top
            follow = "&".join(f"{k}={quote(v)}" for k, v in {**query, "$skip": str(skip)}.items())
            body += f',"@iot.nextLink":"{self._base()}/Datastreams(1)/Observations?{follow}"'.encode()
        return body + b"}"


def serve(count: int, pipe: Any) -> None:
    """Runs the service until its process is ended."""
    rows = []
    for number in range(count):
        moment = (START + STEP * number).isoformat().replace("+00:00", "Z")
        link = f"http://sensors.example.org/v1.1/Observations({number:09})"
        observation = {
            "@iot.selfLink": link,
            "@iot.id": f"{number:09}",
            "phenomenonTime": moment,
            "resultTime": moment,
            "result": 10 + number % 89 + 0.25,
            "Datastream@iot.navigationLink": f"{link}/Datastream",
            "FeatureOfInterest@iot.navigationLink": f"{link}/FeatureOfInterest",
        }
        rows.append(json.dumps(observation).encode() + b",")
    Service.width = len(rows[0])
    Service.observations = b"".join(rows)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    pipe.send(server.server_port)
    server.serve_forever()


def ours(port: int, folder: Path) -> Json:
    """Gathers, fetches, stages and checks the Thing, as a worker does."""
    from ckanext.digitalcity.core.check import Checker, Request
    from ckanext.digitalcity.core.model import Recipe
    from ckanext.digitalcity.core.shipped import shipped
    from ckanext.digitalcity.core.stage import receive
    from ckanext.digitalcity.harvesters.http import Http
    from ckanext.digitalcity.harvesters.sensorthings import SensorThings

    address = f"127.0.0.1:{port}"
    recipe = Recipe(name="b", title="B", kind="sensorthings", address=f"http://{address}/v1.1", organisation="o")
    source = SensorThings(recipe, Http(allowed=[address]))
    schema, name = shipped("sensor-observations"), "sensor-observations"
    with Checker() as checker:
        began = time.perf_counter()
        record = source.fetch(next(iter(source.gather())), None)
        staged = [receive(file.read(), folder, 1 << 40) for file in record.files]
        read = time.perf_counter() - began
        asked = [Request(str(file.path), file.sha256, f"{file.sha256}.csv", "CSV", schema, name) for file in staged]
        results = [checker.check(request) for request in asked]
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "read": read, "rows": sum(result.stats["rows"] for result in results),
            "errors": sum(result.errors for result in results)}  # fmt: skip


def peer(port: int, folder: Path) -> Json:
    """Receives and parses the same pages, and keeps nothing."""
    url = f"http://127.0.0.1:{port}/v1.1/Datastreams(1)/Observations?$orderby=phenomenonTime%20asc"
    began, rows = time.perf_counter(), 0
    while url:
        with urlopen(url) as answer:
            page = json.load(answer)
        rows += len(page["value"])
        url = page.get("@iot.nextLink", "")
    return {"seconds": time.perf_counter() - began, "rows": rows}


def measure(part: Any, port: int, pipe: Any) -> None:
    """One measurement in this process, with its peak memory."""
    with tempfile.TemporaryDirectory() as name:
        facts = part(port, Path(name))
    pipe.send({**facts, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)})


def child(part: Any, port: int) -> Json:
    """A measurement in a fresh process."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=measure, args=(part, port, there))
    process.start()
    facts: Json = here.recv()
    process.join()
    return facts


def main() -> None:
    """Measures every case, prints a table, writes JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true", help="a tenth of the observations")
    args = parser.parse_args()
    count = 100_000 if args.quick else 1_000_000
    here, there = multiprocessing.Pipe()
    service = multiprocessing.get_context("spawn").Process(target=serve, args=(count, there), daemon=True)
    service.start()
    port = here.recv()
    mine, theirs = [child(ours, port), child(ours, port)], child(peer, port)
    service.terminate()
    best = min(mine, key=lambda run: run["seconds"])
    if (best["rows"], best["errors"], theirs["rows"]) != (count, 0, count):
        raise SystemExit(f"not every observation came through: {best}, {theirs}")
    rate = count / best["seconds"]
    cases = [
        {
            "name": f"SensorThings, {count:,} observations a second",
            "ours_s": round(best["seconds"], 2),
            "peer": "receive and parse only",
            "peer_s": round(theirs["seconds"], 2),
            "ratio": round(best["seconds"] / theirs["seconds"], 2),
            "target": 20_000,
            "met": rate >= 20_000,
            "peak_mb": best["peak_mb"],
            "per_second": round(rate),
            "read_s": round(best["read"], 2),
        }
    ]
    for case in cases:
        print(
            "{name:45} ours {ours_s} s ({per_second}/s, {peak_mb} MB)  {peer} {peer_s} s  ratio {ratio}  "
            "target {target}/s  met {met}".format(**case)
        )
    if args.json:
        args.json.write_text(json.dumps(cases, indent=2) + "\n")


if __name__ == "__main__":
    main()
