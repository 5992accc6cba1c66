"""How fast a source is harvested: gathered, fetched, checked, screened, labelled and published.

    ./portal bench harvest [--json FILE]

A portal in a process of its own serves datasets with one small CSV each over real HTTP. Peer: the stock CKAN harvester
of ckanext-harvest, which reads metadata alone and neither fetches nor checks a file; it is installed into a temporary
folder from PyPI. The database is emptied before each measurement that writes.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
ROOT = Path(__file__).parents[1]
STOCK = ["ckanext-harvest==1.6.3", "ckantoolkit==0.0.7", "six==1.17.0"]
DATASETS, LISTED, BACKLOG = 300, 100_000, 120
SPAWN = multiprocessing.get_context("spawn")
CHANGED = "2024-01-01T00:00:00"


class Portal(BaseHTTPRequestHandler):
    """``/N/…`` is a portal of N datasets; ``/bad/N/…`` one whose files are invalid, so that nothing is published."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """package_search by start and rows, package_show, and files."""
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
            found = [self._dataset(base, number) for number in range(start, min(start + rows, count))]
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


@contextmanager
def ckan(ini: str) -> Iterator[None]:
    """CKAN in this process."""
    from ckan.cli import load_config
    from ckan.config.middleware import make_app

    with make_app(load_config(ini))._wsgi_app.test_request_context():
        yield


def empty(*plugins: str) -> str:
    """An empty database with these plugins' tables, an empty index, and one organisation: the site user's name."""
    from ckan import model
    from ckan.cli.db import _run_migrations
    from ckan.lib import search
    from ckan.plugins import toolkit as tk

    model.repo.rebuild_db()
    search.clear_all()
    model.Session.remove()  # migrations wait for whoever has a transaction open
    for plugin in plugins:
        _run_migrations(plugin, None, True)
    user: str = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    tk.get_action("organization_create")({"user": user, "ignore_auth": True}, {"name": "aberfal", "title": "Aberfal"})
    model.Session.remove()
    return user


def clean(ini: str, port: int) -> Json:
    """Empties all, with our tables up to date."""
    with ckan(ini):
        empty("activity", "digitalcity")
    return {}


def stock(ini: str, port: int) -> Json:
    """The stock harvester on the same datasets: its gather, fetch and import without queues between them."""
    from ckan import model
    from ckan.plugins import toolkit as tk

    with ckan(ini):
        user = empty("harvest")
        source = {"name": "peer", "title": "Peer", "url": f"http://127.0.0.1:{port}/{DATASETS}", "source_type": "ckan",
                  "owner_org": "aberfal", "frequency": "MANUAL", "active": True}  # fmt: skip
        tk.get_action("harvest_source_create")({"user": user, "ignore_auth": True}, source)
        from ckanext.harvest.utils import run_test_harvester

        began = time.perf_counter()
        run_test_harvester("peer", None)
        seconds = time.perf_counter() - began
        count = model.Session.query(model.Package).filter_by(type="dataset", state="active").count()
        found = {"seconds": seconds, "done": count}
        print(f"stock: {found}", flush=True)
        return found


def _open(address: str, name: str) -> str:
    """Saves a source and opens a run of it: its id."""
    from ckan.plugins import toolkit as tk

    from ckanext.digitalcity.harvest import ledger
    from ckanext.digitalcity.logic.action.source import find

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    recipe = json.dumps({"name": name, "title": name, "kind": "ckan", "address": address, "organisation": "aberfal"})
    tk.get_action("digitalcity_source_save")({"user": user, "ignore_auth": True}, {"recipe": recipe})
    return str(ledger.open_run(find(name), "bench").id)


def ours(ini: str, port: int, path: str = str(DATASETS)) -> Json:
    """One run of this worker, and who helps, over a portal."""
    from ckan import model

    from ckanext.digitalcity.harvest.worker import work
    from ckanext.digitalcity.model import Run

    with ckan(ini):
        run_id = _open(f"http://127.0.0.1:{port}/{path}", "bench")
        began = time.perf_counter()
        while not model.Session.get(Run, run_id).finished:
            work(run_id)
            model.Session.rollback()
        seconds = time.perf_counter() - began
        counts = dict(model.Session.get(Run, run_id).counts)
        return {"seconds": seconds, "counts": counts}


def backlog(ini: str, port: int) -> Json:
    """The same with invalid files: up to the checked stage."""
    return ours(ini, port, f"bad/{BACKLOG}")


def help_out(ini: str, port: int) -> Json:
    """A second worker on whatever run there is, until it is finished."""
    from ckan import model

    from ckanext.digitalcity.harvest.worker import work
    from ckanext.digitalcity.model import Run

    with ckan(ini):
        end = time.monotonic() + 600
        seen = False
        while time.monotonic() < end:
            run = model.Session.query(Run).filter(Run.finished.is_(None), Run.state == "working").first()
            seen = seen or run is not None
            if seen and run is None:
                break
            if run is None or not work(run.id):
                time.sleep(0.02)
            model.Session.rollback()
    return {}


def gathered(ini: str, port: int) -> Json:
    """Lists a large portal, as a run's gather does: how long the first tenth and the whole took for each record."""
    from ckanext.digitalcity.core import recipe as recipes
    from ckanext.digitalcity.harvest import ledger
    from ckanext.digitalcity.harvest.gathering import gather
    from ckanext.digitalcity.harvesters.http import Http
    from ckanext.digitalcity.harvesters.registry import make
    from ckanext.digitalcity.logic.action.source import find
    from ckanext.digitalcity.model import Run, Source, Task

    found: Json = {}
    with ckan(ini):
        from ckan import model

        for count in (LISTED // 10, LISTED):
            run_id = _open(f"http://127.0.0.1:{port}/{count}", f"listed-{count}")
            fence = ledger.claim(run_id)
            run = model.Session.get(Run, run_id)
            name = model.Session.get(Source, run.source_id).name
            kind = make(recipes.read(find(name).recipe), Http(allowed=("127.0.0.0/8",), user_agent="bench"))
            began = time.perf_counter()
            gather(run, fence, kind, 20.0, lambda: None)
            found[str(count)] = (time.perf_counter() - began) / count
            assert model.Session.query(Task).filter_by(run_id=run_id).count() == count
            ledger.abort(run_id, "measured")
            model.Session.remove()
    return found


def in_process(part: Callable[..., Json], ini: str, port: int, pipe: Any) -> None:
    """Measures in a fresh process and sends what was found, with its peak memory in MB."""
    found = part(ini, port)
    pipe.send({**found, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)})


def child(part: Callable[..., Json], ini: str, port: int) -> Json:
    """What a part of the measurement finds in a process of its own."""
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=in_process, args=(part, ini, port, there))
    process.start()
    there.close()
    try:
        found: Json = here.recv()
    except EOFError:
        raise SystemExit(f"{part.__name__} could not be measured; its error is above") from None
    process.join()
    return found


def settings(folder: Path, name: str, *lines: str) -> str:
    """A configuration on the tests' services."""
    path = folder / f"{name}.ini"
    path.write_text("\n".join(["[app:main]", f"use = config:{ROOT / 'test.ini'}", *lines]) + "\n")
    return str(path)


def case(name: str, ours_s: float, target: float, met: bool, **more: Any) -> Json:
    """One line of the result."""
    return {"name": name, "ours_s": round(ours_s, 2), "peer": "", "peer_s": None, "ratio": None,
            "target": target, "met": met, "peak_mb": None, **more}  # fmt: skip


def against_stock(folder: Path, ini: str, port: int) -> Json:
    """Ours against the stock harvester, both from nothing to public."""
    extra = folder / "stock"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(extra), *STOCK]
    subprocess.run(pip, check=True)
    sys.path.append(str(extra))  # a spawned process has the same path
    peer = child(stock, settings(folder, "stock", "ckan.plugins = harvest ckan_harvester"), port)
    sys.path.remove(str(extra))
    child(clean, ini, port)
    mine = child(ours, ini, port)
    if (peer["done"], mine["counts"].get("published")) != (DATASETS, DATASETS):
        raise SystemExit(f"not every dataset came through: {peer}, {mine}")
    ratio = peer["seconds"] / mine["seconds"]
    return case(
        f"{DATASETS} CKAN datasets with a CSV each", mine["seconds"], 5, ratio >= 5, peer="ckanext-harvest, no files",
        peer_s=round(peer["seconds"], 2), ratio=round(ratio, 2), peak_mb=mine["peak_mb"],
    )  # fmt: skip


def two_workers(ini: str, port: int) -> Json:
    """A backlog that nothing is published of, with one worker and with two."""
    child(clean, ini, port)
    one = child(backlog, ini, port)
    child(clean, ini, port)
    second = SPAWN.Process(target=help_out, args=(ini, port), daemon=True)
    second.start()
    two = child(backlog, ini, port)
    second.join()
    if not one["counts"].get("held") == two["counts"].get("held") == BACKLOG:
        raise SystemExit(f"not every record was checked: {one}, {two}")
    ratio = one["seconds"] / two["seconds"]
    return case(
        f"backlog of {BACKLOG}, two workers, to the checked stage", two["seconds"], 1.6, ratio >= 1.6,
        peer="one worker", peer_s=round(one["seconds"], 2), ratio=round(ratio, 2), peak_mb=two["peak_mb"],
    )  # fmt: skip


def main() -> None:
    """Measures every case, prints a table, writes JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    here, there = SPAWN.Pipe()
    service = SPAWN.Process(target=serve, args=(there,), daemon=True)
    service.start()
    port = here.recv()
    cases = []
    with tempfile.TemporaryDirectory(prefix="digitalcity-bench-") as name:
        folder = Path(name)
        stage = "ckan.files.storage.digitalcity_stage"
        kept = [f"{stage}.type = ckan:fs", f"{stage}.path = {folder / 'stage'}", f"{stage}.initialize = true"]
        ini = settings(folder, "ours", *kept)
        cases.append(against_stock(folder, ini, port))
        cases.append(two_workers(ini, port))
        child(clean, ini, port)
        listed = child(gathered, ini, port)
        each, small = listed[str(LISTED)], listed[str(LISTED // 10)]
        cases.append(
            case(f"{LISTED:,} records gathered", each * LISTED, 300, listed["peak_mb"] <= 300 and each <= 1.2 * small,
                 peer=f"{LISTED // 10:,} records, for each record", peer_s=round(small * LISTED, 2),
                 ratio=round(each / small, 2), peak_mb=listed["peak_mb"])
        )  # fmt: skip
    service.terminate()
    for one in cases:
        print(
            "{name:55} ours {ours_s} s ({peak_mb} MB)  {peer} {peer_s} s  ratio {ratio}  target {target}  "
            "met {met}".format(**one)
        )
    if args.json:
        args.json.write_text(json.dumps(cases, indent=2) + "\n")


if __name__ == "__main__":
    main()
