"""``./portal up``: from whatever state the data folder is in to a running portal."""

from __future__ import annotations

import argparse
import secrets
import time
from pathlib import Path

import psycopg2

from ckanext.digitalcity.portal import ckan_app, postgres, settings, solr
from ckanext.digitalcity.portal.children import run_logged, why
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders, unlock
from ckanext.digitalcity.portal.marks import Mark
from ckanext.digitalcity.portal.program import environment
from ckanext.digitalcity.portal.settings import Settings
from ckanext.digitalcity.portal.stack import Stack, choose_external
from ckanext.digitalcity.portal.steps import ASKED, Progress, Steps
from ckanext.digitalcity.portal.supervise import stop_strays
from ckanext.digitalcity.portal.users import run_as


def up(args: argparse.Namespace, folders: Folders, steps: Steps) -> int:
    """Start the portal, or what is missing of it."""
    known = settings.load(folders)
    choose_external(known, vars(args))
    if args.demo is not None:
        known.demo = args.demo
    stack = Stack(folders, known)
    changed = not Mark(folders, "running").is_made_of(_fingerprint(folders, known, args.port))
    if stack.supervisor.is_running() and not changed:
        _mend(stack, steps)
    else:
        _start(stack, args, steps)
    if known.demo and not Mark(folders, "demo").is_made_of("loaded"):
        _load_demo(folders, known, steps)
    _farewell(folders, known, steps)
    return _stay(stack, steps) if args.foreground else 0


def _fingerprint(folders: Folders, known: Settings, port: int | None = None) -> str:
    """What the running processes were started from: if it is another now, they are started anew."""
    project = (folders.marks / "project").read_text(encoding="utf-8")
    return f"{project} {port or known.ports.get('site')} {known.demo} {sorted(known.external.items())}"


def _mend(stack: Stack, steps: Steps) -> None:
    """The portal runs: only bring back children that are not running."""
    down = [state.name for state in stack.supervisor.states() if state.state not in ("RUNNING", "STARTING")]
    for name in down:
        with steps.step(f"Starting {name} again"):
            stack.supervisor.begin(name)
    with steps.step("Checking that it answers"):
        stack.wait_for_site()


def _start(stack: Stack, args: argparse.Namespace, steps: Steps) -> None:
    folders, known = stack.folders, stack.settings
    moves = args.port not in (None, known.ports.get("site"))
    if moves:  # found out before anything is stopped
        settings.site_port(known, args.port)
    if stack.supervisor.is_running():
        with steps.step("Stopping the running portal, because something has changed"):
            stack.stop()
    elif number := stop_strays(folders, known):
        steps.say(f"  Stopped {number} processes that an earlier crash had left behind")
    if not moves:
        settings.site_port(known, None)
    searching = Progress()
    try:
        with steps.step("Starting the database and the queue"):
            stack.configure()
            settings.save(folders, known)
            stack.launch()
        stack.begin_search(searching)
        _prepare(folders, known, steps)
        with steps.step("Starting the search engine", searching):
            stack.finish_search()
        _index(folders, known, steps)
        with steps.step("Starting the portal"):
            stack.start_site()
        Mark(folders, "running").made_of(_fingerprint(folders, known))
    except BaseException:
        stack.stop()
        raise


def _prepare(folders: Folders, known: Settings, steps: Steps) -> None:
    """Migrate and make the administrator; nothing to do if the same project did it on the same database."""
    mark = Mark(folders, "prepared")
    wanted = f"{(folders.marks / 'project').read_text(encoding='utf-8')} {known.external.get('postgres', 'own')}"
    if mark.is_made_of(wanted):
        return
    password, log = secrets.token_urlsafe(12), folders.root / "prepare.log"
    answer = folders.tmp / "administrator"
    answer.unlink(missing_ok=True)
    command = [str(folders.python), "-P", "-W", "ignore", "-m", "ckanext.digitalcity.portal.prepare", str(answer)]
    with steps.step("Bringing the database up to date"):
        if run_logged(command, log, environment(folders, known), stdin=password, cwd=folders.run, **run_as()):
            raise PortalError(f"The database could not be brought up to date: {why(log)}", f"Details: {log}")
    if name := answer.read_text(encoding="utf-8"):
        steps.say(f"\n  Administrator: {name}   Password: {password}")
        steps.say("  Write it down: it is shown only now and kept nowhere.\n")
    mark.made_of(wanted)


def _index(folders: Folders, known: Settings, steps: Steps) -> None:
    """Build the search index again if it is empty though the database is not."""
    address = known.external.get("solr") or solr.url_with_password(known)
    if solr.count(address) or not _datasets(known.external.get("postgres") or postgres.url(known)):
        return
    with steps.step("Building the search index again"):
        _ckan(
            folders,
            known,
            ["search-index", "rebuild"],
            "The search index could not be built",
            folders.root / "prepare.log",
        )


def _datasets(url: str) -> int:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM package WHERE state = 'active'")
            row = cursor.fetchone()
            return int(row[0]) if row else 0
    finally:
        connection.close()


def _load_demo(folders: Folders, known: Settings, steps: Steps) -> None:
    log = folders.root / "demo.log"
    log.unlink(missing_ok=True)

    def sources() -> list[str]:
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return [line for line in text.splitlines() if ": published " in line]

    with steps.step("Harvesting the demo city") as progress:
        progress.look = lambda: f"{len(sources())} sources"
        command = ["digitalcity", "demo", "load", "--port", str(known.ports["demo"])]
        _ckan(folders, known, command, "The portal runs, but the demo city could not be loaded", log)
    for line in sources():
        steps.say(f"    {line}")
    Mark(folders, "demo").made_of("loaded")


def _ckan(folders: Folders, known: Settings, words: list[str], failed: str, log: Path) -> None:
    command = [str(folders.venv / "bin" / "ckan"), "-c", str(folders.ini), *words]
    if run_logged(command, log, environment(folders, known), cwd=folders.run, **run_as()):
        raise PortalError(f"{failed}: {why(log)}", f"Details: {log}. Run './portal up' to try again.")


def _farewell(folders: Folders, known: Settings, steps: Steps) -> None:
    site = ckan_app.site_url(known)
    steps.say(f"\nThe portal is running, {steps.elapsed:.0f} seconds after you asked.\n")
    steps.say(f"  Open it           {site}")
    steps.say(f"  Log in            {site}/user/login  (forgotten? ./portal ckan user setpass admin)")
    steps.say(f"  Its data          {folders.root}")
    if known.demo:
        steps.say(f"  The demo's files  http://127.0.0.1:{known.ports['demo']}/  (a made-up council's web server)")
    steps.say("\nNext: look at a dataset's Trust and Privacy panel, then log in and open the inbox of held files.")
    steps.say("./portal status shows how it is, ./portal logs what it says, ./portal down stops it.")


def _stay(stack: Stack, steps: Steps) -> int:
    unlock()
    steps.say("\nCtrl-C stops the portal.")
    try:
        while stack.supervisor.is_running():
            time.sleep(1)
        steps.say("The portal has been stopped from elsewhere.")
        return 0
    except KeyboardInterrupt:
        ASKED.clear()
        with steps.step("Stopping"):
            stack.stop()
        return 0
