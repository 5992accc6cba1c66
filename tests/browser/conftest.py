"""A real portal behind a production server, with the demo city harvested, and Chromium to look at it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
OFFICER = "officer"
PASSWORD = "correct-horse-battery"
PATIENCE = 90  # seconds until the portal must answer

INI = """
[app:main]
use = config:{root}/test.ini
testing = false
ckan.site_url = {address}
ckan.storage_path = {folder}/storage
ckan.gravatar_default = disabled
ckan.display_timezone = Europe/London
ckan.files.storage.digitalcity_stage.type = ckan:fs
ckan.files.storage.digitalcity_stage.path = {folder}/stage
ckan.files.storage.digitalcity_stage.initialize = true
"""

# One process after the other would load CKAN six times.
PREPARE = """
from ckan.cli.cli import ckan
from ckan.plugins.toolkit import get_action

for command in {commands!r}:
    ckan(["-c", {ini!r}, *command], standalone_mode=False)
membership = {{"id": "aberfal-council", "username": {officer!r}, "role": "editor"}}
get_action("organization_member_create")({{"ignore_auth": True}}, membership)
"""

WSGI = """
from ckan.cli import load_config
from ckan.config.middleware import make_app

application = make_app(load_config({ini!r}))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def demo_port() -> Iterator[int]:
    """The demo city's web server, on its first day."""
    from ckanext.digitalcity.demo.serve import make_server

    with make_server(0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="session")
def portal_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the portal's settings and files are."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="session")
def work_off(city: str, portal_folder: Path) -> Callable[[], None]:
    """Has a worker of CKAN do everything that is in its queue."""
    command = [str(Path(sys.executable).with_name("ckan")), "jobs", "worker", "--burst"]
    env = {**os.environ, "CKAN_INI": str(portal_folder / "ckan.ini")}

    def work() -> None:
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    return work


@pytest.fixture(scope="session")
def city(portal_folder: Path, demo_port: int) -> Iterator[str]:
    """Address of a portal in which everything of the demo has been harvested; ``officer`` edits for the council."""
    if CHROMIUM is None:
        pytest.skip("the browser tests need Chromium (Debian: apt-get install chromium)")
    folder = portal_folder
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    ini = folder / "ckan.ini"
    ini.write_text(INI.format(root=ROOT, address=address, folder=folder), encoding="utf-8")
    (folder / "wsgi.py").write_text(WSGI.format(ini=str(ini)), encoding="utf-8")

    env = {**os.environ, "CKAN_INI": str(ini)}
    commands = [
        ["db", "clean", "--yes"],
        ["db", "upgrade"],
        ["search-index", "clear"],
        ["digitalcity", "demo", "load", "--port", str(demo_port)],
        ["user", "add", OFFICER, f"email={OFFICER}@aberfal.example", f"password={PASSWORD}"],
    ]
    prepare = PREPARE.format(commands=commands, ini=str(ini), officer=OFFICER)
    done = subprocess.run([sys.executable, "-c", prepare], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    server = subprocess.Popen(
        [str(Path(sys.executable).with_name("gunicorn")), "--bind", f"127.0.0.1:{port}", "--threads", "4", "wsgi"],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"{address}/api/3/action/status_show", server)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, "the portal ended by itself"
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=PATIENCE):
            return
        time.sleep(0.5)
    raise AssertionError(f"the portal did not answer within {PATIENCE} seconds")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(city: str, chromium: Browser) -> Iterator[Page]:
    """Somebody with an ordinary screen. Requests to other servers fail the test."""
    yield from _visitor(city, chromium)


@pytest.fixture
def phone(city: str, chromium: Browser) -> Iterator[Page]:
    """Somebody with the smallest screen that WCAG asks for; also what 400 % zoom leaves of a large one."""
    yield from _visitor(city, chromium, viewport={"width": 320, "height": 640})


@pytest.fixture
def plain(city: str, chromium: Browser) -> Iterator[Page]:
    """Somebody without JavaScript, on a phone."""
    yield from _visitor(city, chromium, viewport={"width": 320, "height": 640}, java_script_enabled=False)


def _visitor(city: str, chromium: Browser, **options: Any) -> Iterator[Page]:
    context = chromium.new_context(base_url=city, **options)
    strangers: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((city, "data:")):
            strangers.append(request.url)

    context.on("request", note)
    yield context.new_page()
    context.close()
    assert strangers == []


def log_in(page: Page) -> None:
    """Logs the council's editor in."""
    page.goto("/user/login")
    page.get_by_label("Username or Email").fill(OFFICER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Login").click()


def show(city: str, action: str, **data: str) -> dict[str, Any]:
    """What an action answers to the public."""
    query = urllib.parse.urlencode(data)
    with urllib.request.urlopen(f"{city}/api/3/action/{action}?{query}", timeout=PATIENCE) as answer:
        found: dict[str, Any] = json.load(answer)["result"]
    return found


@pytest.fixture(scope="session", autouse=True)
def addresses(city: str) -> dict[str, str]:
    """An address of every kind of page of ours, by name; found before a test changes what is there."""
    items = show(city, "digitalcity_item_list", id="aberfal-council", limit="100")["results"]
    by_title = {item["title"]: item for item in items}
    passed = next(item for item in items if item["outcome"] == "passed")
    failed = next(item for item in items if item["outcome"] == "failed")
    held = next(item for item in items if item["outcome"] == "held")
    error = next(item for item in items if item["outcome"] == "error" and item["reports"])
    label = show(city, "digitalcity_label_show", id=passed["dataset_id"])
    evidence = next(line["evidence"][0] for line in label["label"]["panels"][0]["lines"] if line["evidence"])
    run = show(city, "digitalcity_source_show", id="aberfal-council")["run"]["id"]
    resource = next(iter(label["files"]))
    assert len(by_title) == len(items)
    return {
        "home": "/",
        "dataset": f"/dataset/{passed['dataset_id']}",
        "resource": f"/dataset/{passed['dataset_id']}/resource/{resource}",
        "label": f"/dataset/{passed['dataset_id']}/label",
        "evidence": f"/digitalcity/evidence/{evidence}",
        "report of errors": f"/digitalcity/report/{failed['reports'][0]['id']}",
        "report of personal data": f"/digitalcity/report/{held['reports'][0]['id']}",
        "report of a file that could not be checked": f"/digitalcity/report/{error['reports'][0]['id']}",
        "item": f"/digitalcity/item/{failed['id']}",
        "sources": "/digitalcity/source/",
        "source": "/digitalcity/source/aberfal-council",
        "source, some of its records": "/digitalcity/source/aberfal-council?outcome=failed",
        "runs": "/digitalcity/source/aberfal-council/runs",
        "run": f"/digitalcity/run/{run}",
        "about labels": "/digitalcity/about/",
        "not found": "/digitalcity/report/none",
    }
