"""How fast a source is read, from the page that a server sends to the CSV that the gate has checked.

    python bench/sources.py [--quick] [--json FILE] [--only WORD]

A real HTTP server in a process of its own sends pages as FROST does. Peer: the same pages only received and parsed by
Python's own ``json``, which is the least that any reader in Python does with them. Then how much memory a data.json of
50 MB takes, and a list of 100,000 records of each kind that can have one, against a tenth of it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import urlopen

import _records

Json = dict[str, Any]
START = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=1)
PAGE = 1_000  # observations, the most that FROST gives at a time unless told otherwise


class Service(BaseHTTPRequestHandler):
    """One Thing with one Datastream, whose observations are rendered beforehand, each as long as the other."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer goes out in one piece, as real servers send it
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


class Kept:
    """Copies of what was read before, as a worker has them: a folder whose files are named by their SHA-256."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.known = folder, dict[str, Any]()

    def find(self, name: str) -> Any:
        from ckanext.digitalcity.harvesters.copies import Copy

        header, sha256 = self.known.get(name, ({}, ""))
        place = self.folder / (sha256 or "none")
        return Copy(header, sha256, lambda: iter([place.read_bytes()])) if place.exists() else None

    def keep(self, name: str, header: Any, sha256: str) -> None:
        self.known[name] = header, sha256

    def forget(self, name: str) -> None:
        del self.known[name]


def stopped(port: int, folder: Path) -> Json:
    """Reads the Thing to its half, and then, as another process would, as a whole: the time of the second."""
    from ckanext.digitalcity.core.model import Recipe
    from ckanext.digitalcity.core.stage import receive
    from ckanext.digitalcity.harvesters.http import Http
    from ckanext.digitalcity.harvesters.sensorthings import SensorThings

    address, kept = f"127.0.0.1:{port}", Kept(folder)
    recipe = Recipe(name="b", title="B", kind="sensorthings", address=f"http://{address}/v1.1", organisation="o")

    def read(share: float) -> float:
        source = SensorThings(recipe, Http(allowed=[address], copies=kept))
        began = time.perf_counter()
        files = source.fetch(next(iter(source.gather())), None).files
        for file in files[: int(len(files) * share)]:
            receive(file.read(), folder, 1 << 40)
        return time.perf_counter() - began

    read(0.5)
    return {"seconds": read(1)}


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


def whole_document(port: int, folder: Path) -> Json:
    """Receives a data.json and parses it in one go."""
    began = time.perf_counter()
    with urlopen(f"http://127.0.0.1:{port}/data.json") as answer:
        rows = len(json.load(answer)["dataset"])
    return {"seconds": time.perf_counter() - began, "rows": rows}


def listed(port: int, folder: Path, kind: str) -> Json:
    """Lists all records of a source."""
    import ckanext.digitalcity.harvesters.registry  # noqa: F401 - how long that takes does not count

    began, used = time.perf_counter(), time.process_time()
    rows = _records.gather(kind, port)
    return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used, "rows": rows}


def observations(count: int) -> list[Json]:
    """A million observations from their pages to checked CSV files; and what is left to do after a stop half way."""
    with server(serve, count) as port:
        mine, theirs, rest = [child(ours, port), child(ours, port)], child(peer, port), child(stopped, port)
    best = min(mine, key=lambda run: run["seconds"])
    if (best["rows"], best["errors"], theirs["rows"]) != (count, 0, count):
        raise SystemExit(f"not every observation came through: {best}, {theirs}")
    rate = count / best["seconds"]
    name = f"SensorThings, {count:,} observations a second"
    speed = case(name, best, "receive and parse only", theirs, 20_000, rate >= 20_000) | {
        "per_second": round(rate),
        "read_s": round(best["read"], 2),
    }
    share = rest["seconds"] / best["read"]
    name = "SensorThings, the rest after a stop half way, share of the whole"
    return [speed, case(name, rest, "reading the whole", {"seconds": best["read"]}, 0.7, share <= 0.7)]


def document(count: int) -> list[Json]:
    """A data.json of 50 MB, entry by entry, against json.load of it."""
    with server(_records.serve, "data-json", count) as port:
        mine, theirs = child(partial(listed, kind="data-json"), port), child(whole_document, port)
    if (mine["rows"], theirs["rows"]) != (count, count):
        raise SystemExit(f"not every entry came through: {mine}, {theirs}")
    name = f"data.json of {count * 525 / 1e6:.0f} MB, megabytes of memory"
    return [case(name, mine, f"json.load ({theirs['peak_mb']} MB)", theirs, 150, mine["peak_mb"] <= 150)]


def records(kind: str, count: int) -> list[Json]:
    """A list of many records against a tenth of it: memory, and time for each."""
    with server(_records.serve, kind, count) as port:
        mine = child(partial(listed, kind=kind), port)
    with server(_records.serve, kind, count // 10) as port:
        theirs = child(partial(listed, kind=kind), port)
    if (mine["rows"], theirs["rows"]) != (count, count // 10):
        raise SystemExit(f"not every record came through: {kind}, {mine}, {theirs}")
    name = f"{kind}, {count:,} records, megabytes of memory"
    found = case(name, mine, f"a tenth of them ({theirs['peak_mb']} MB)", theirs, 300, mine["peak_mb"] <= 300)
    return [found | {"ratio": round(mine["cpu"] / theirs["cpu"] / 10, 2)}]  # of the CPU time for one record


def case(name: str, mine: Json, peer: str, theirs: Json, target: float, met: bool) -> Json:
    """One measurement as it is written down."""
    return {
        "name": name,
        "ours_s": round(mine["seconds"], 2),
        "peer": peer,
        "peer_s": round(theirs["seconds"], 2),
        "ratio": round(mine["seconds"] / theirs["seconds"], 2),
        "target": target,
        "met": met,
        "peak_mb": mine["peak_mb"],
    }


@contextmanager
def server(run: Any, *args: Any) -> Iterator[int]:
    """A server in a process of its own; its port."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=run, args=(*args, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()


def main() -> None:
    """Measures every case, prints a table, writes JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--only", default="", help="observations, document, or a kind of source")
    args = parser.parse_args()
    part = 10 if args.quick else 1
    every = {
        "observations": partial(observations, 1_000_000 // part),
        "document": partial(document, 95_240 // part),
        **{kind: partial(records, kind, 100_000 // part) for kind in _records.MANY},
    }
    cases = []
    for name, measured in every.items():
        for found in measured() if args.only in ("", name) else ():
            cases.append(found)
            print(
                "{name:55} ours {ours_s} s, {peak_mb} MB  {peer} {peer_s} s  ratio {ratio}  target {target}  "
                "met {met}".format(**found),
                found.get("per_second", ""),
                flush=True,
            )
    if args.json:
        args.json.write_text(json.dumps(cases, indent=2) + "\n")


if __name__ == "__main__":
    main()
