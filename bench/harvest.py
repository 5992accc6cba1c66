"""How fast a source is harvested: gathered, fetched, checked, screened, labelled and published.

    ./portal bench harvest [--json FILE] [--only WORD] [--backlog N]

A portal in a process of its own serves datasets with one small CSV each over real HTTP. Peer: the stock CKAN harvester
of ckanext-harvest, which reads metadata alone and neither fetches nor checks a file; it is installed into a temporary
folder from PyPI. Both run with CKAN's activities and views. The database is emptied before what writes.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ckan_portal import serve

Json = dict[str, Any]
ROOT = Path(__file__).parents[1]
STOCK = ["ckanext-harvest==1.6.3", "ckantoolkit==0.0.7", "six==1.17.0"]
DATASETS, LISTED, BACKLOG = 300, 100_000, 10_000
TIMES = 3  # each side is measured, in turn; its best counts, as the one that was least disturbed
SPAWN = multiprocessing.get_context("spawn")
SHARED = ("name", "title", "notes", "license_id", "private", "state", "type", "author", "maintainer", "version")
OF_A_RUN = ("digitalcity_run", "digitalcity_task", "digitalcity_source")  # what a run may write though nothing changed


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
    from ckan.plugins import toolkit as tk

    with ckan(ini):
        user = empty("activity", "harvest")
        source = {"name": "peer", "title": "Peer", "url": f"http://127.0.0.1:{port}/{DATASETS}", "source_type": "ckan",
                  "owner_org": "aberfal", "frequency": "MANUAL", "active": True}  # fmt: skip
        tk.get_action("harvest_source_create")({"user": user, "ignore_auth": True}, source)
        from ckanext.harvest.utils import run_test_harvester

        began = time.perf_counter()
        run_test_harvester("peer", None)
        seconds = time.perf_counter() - began
        found = {"seconds": seconds, "datasets": published()}
        print(f"stock: {seconds:.1f} s", flush=True)
        return found


def published() -> Json:
    """What is public, by title, as far as two harvesters can agree: no ids, dates, addresses of copies, own extras."""
    from ckan import model
    from ckan.plugins import toolkit as tk

    found: Json = {}
    for (id_,) in model.Session.query(model.Package.id).filter_by(type="dataset", state="active").all():
        shown = tk.get_action("package_show")({"ignore_auth": True, "for_view": False}, {"id": id_})
        facts = {key: shown.get(key) for key in SHARED}
        facts["tags"] = sorted(tag["name"] for tag in shown["tags"])
        facts["organization"] = (shown["organization"] or {}).get("name")
        facts["resources"] = [{key: each.get(key) for key in ("name", "format")} for each in shown["resources"]]
        found[shown["title"]] = facts
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


def new(ini: str, port: int) -> Json:
    """A first run, and what is public after it."""
    found = ours(ini, port)
    with ckan(ini):
        return {**found, "datasets": published()}


def unchanged(ini: str, port: int) -> Json:
    """One more run of the same source, and which tables it wrote."""
    with ckan(ini):
        before = _prints()
    found = ours(ini, port)
    with ckan(ini):
        after = _prints()
    return {**found, "written": sorted(name for name in before if before[name] != after[name])}


def _prints() -> Json:
    """A fingerprint of every table."""
    import sqlalchemy as sa
    from ckan import model

    found: Json = {}
    for table in model.meta.metadata.sorted_tables:
        rows = f'select md5(string_agg(t::text, chr(10) order by t::text)) from "{table.name}" t'
        if table.name not in OF_A_RUN and sa.inspect(model.meta.engine).has_table(table.name):
            found[table.name] = model.Session.execute(sa.text(rows)).scalar()
    model.Session.rollback()
    return found


def backlog(ini: str, port: int, count: int, core: int | None) -> Json:
    """The same with invalid files: up to the checked stage."""
    _stay_on(core)
    return ours(ini, port, f"bad/{count}")


def _stay_on(core: int | None) -> None:
    """Keeps this process, and those that it starts, on one core."""
    if core is not None:
        os.sched_setaffinity(0, {core})


def help_out(ini: str, port: int, core: int | None) -> Json:
    """A second worker on whatever run there is, until it is finished."""
    _stay_on(core)
    from ckan import model

    from ckanext.digitalcity.harvest.worker import work
    from ckanext.digitalcity.model import Run

    with ckan(ini):
        end = time.monotonic() + 3600
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


def in_process(part: Callable[..., Json], ini: str, port: int, pipe: Any, *more: Any) -> None:
    """Measures in a fresh process and sends what was found, with its peak memory in MB."""
    found = part(ini, port, *more)
    pipe.send({**found, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)})


def child(part: Callable[..., Json], ini: str, port: int, *more: Any) -> Json:
    """What a part of the measurement finds in a process of its own."""
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=in_process, args=(part, ini, port, there, *more))
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


def against_stock(folder: Path, ini: str, port: int) -> list[Json]:
    """Ours against the stock harvester, both from nothing to public; then ours once more, with nothing new."""
    extra = folder / "stock"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(extra), *STOCK]
    subprocess.run(pip, check=True)
    sys.path.append(str(extra))  # a spawned process has the same path
    theirs = settings(folder, "stock", "ckan.plugins = activity text_view harvest ckan_harvester")
    peers, all_mine = [], []
    for _ in range(TIMES):
        peers.append(child(stock, theirs, port))
        child(clean, ini, port)
        all_mine.append(child(new, ini, port))
        print(f"ours: {all_mine[-1]['seconds']:.1f} s", flush=True)
    sys.path.remove(str(extra))
    again = child(unchanged, ini, port)
    peer, mine = (min(found, key=lambda one: one["seconds"]) for found in (peers, all_mine))
    if not len(peer["datasets"]) == len(mine["datasets"]) == mine["counts"].get("published") == DATASETS:
        raise SystemExit(f"not every dataset came through: {len(peer['datasets'])}, {mine['counts']}")
    if again["counts"].get("unchanged") != DATASETS:
        raise SystemExit(f"not every dataset was found unchanged: {again['counts']}")
    ratio = peer["seconds"] / mine["seconds"]
    other = _differences(peer["datasets"], mine["datasets"])
    rate = DATASETS / again["seconds"]
    return [
        case(f"{DATASETS} CKAN datasets with a CSV each", mine["seconds"], 5, ratio >= 5 and not other,
             peer="ckanext-harvest, no files", peer_s=round(peer["seconds"], 2), ratio=round(ratio, 2),
             peak_mb=mine["peak_mb"], other_fields=other, all_s=[round(one["seconds"], 2) for one in all_mine],
             all_peer_s=[round(one["seconds"], 2) for one in peers]),
        case("the same unchanged, datasets a second", again["seconds"], 300, rate >= 300 and not again["written"],
             peer="", ratio=round(rate), peak_mb=again["peak_mb"], written=again["written"]),
    ]  # fmt: skip


def _differences(theirs: Json, ours: Json) -> Json:
    """In how many datasets a field differs that both know."""
    found: Counter[str] = Counter()
    for title, facts in theirs.items():
        mine = ours.get(title, {})
        found.update(key for key, value in facts.items() if value and mine.get(key) and value != mine[key])
    return dict(found)


def two_workers(ini: str, port: int, count: int, cores: tuple[int | None, int | None]) -> Json:
    """A backlog that nothing is published of, with one worker and with two, which may have a core each."""
    child(clean, ini, port)
    one = child(backlog, ini, port, count, cores[0])
    child(clean, ini, port)
    second = SPAWN.Process(target=help_out, args=(ini, port, cores[1]), daemon=True)
    second.start()
    two = child(backlog, ini, port, count, cores[0])
    second.join()
    if not one["counts"].get("held") == two["counts"].get("held") == count:
        raise SystemExit(f"not every record was checked: {one}, {two}")
    ratio = one["seconds"] / two["seconds"]
    return case(
        f"backlog of {count:,}, two workers{' of a core each' if cores[0] is not None else ''}", two["seconds"], 1.6,
        ratio >= 1.6,
        peer="one worker", peer_s=round(one["seconds"], 2), ratio=round(ratio, 2), peak_mb=two["peak_mb"],
    )  # fmt: skip


def many_listed(ini: str, port: int) -> Json:
    """A portal of very many datasets, only listed, against a tenth of it."""
    child(clean, ini, port)
    listed = child(gathered, ini, port)
    each, small = listed[str(LISTED)], listed[str(LISTED // 10)]
    return case(
        f"{LISTED:,} records gathered", each * LISTED, 300, listed["peak_mb"] <= 300 and each <= 1.2 * small,
        peer=f"{LISTED // 10:,} records, for each record", peer_s=round(small * LISTED, 2),
        ratio=round(each / small, 2), peak_mb=listed["peak_mb"],
    )  # fmt: skip


def main() -> None:
    """Measures every case, prints a table, writes JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="", help="new, backlog or gathered")
    parser.add_argument("--backlog", type=int, default=BACKLOG, help="records for two workers")
    args = parser.parse_args()
    here, there = SPAWN.Pipe()
    service = SPAWN.Process(target=serve, args=(there,), daemon=True)
    service.start()
    port = here.recv()
    cases: list[Json] = []
    with tempfile.TemporaryDirectory(prefix="digitalcity-bench-") as name:
        folder = Path(name)
        stage = "ckan.files.storage.digitalcity_stage"
        kept = [f"{stage}.type = ckan:fs", f"{stage}.path = {folder / 'stage'}", f"{stage}.initialize = true"]
        ini = settings(folder, "ours", *kept, "ckanext.digitalcity.http.rate = 0")  # the portal is our own
        if args.only in ("", "new"):
            cases += against_stock(folder, ini, port)
        if args.only in ("", "backlog"):
            cases.append(two_workers(ini, port, args.backlog, (None, None)))
            first, *others = sorted(os.sched_getaffinity(0))
            if others:
                cases.append(two_workers(ini, port, args.backlog, (first, others[0])))
        if args.only in ("", "gathered"):
            cases.append(many_listed(ini, port))
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
