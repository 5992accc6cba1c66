"""The whole launcher, from an empty folder to a portal that answers, and everything that can be done to it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from bs4 import BeautifulSoup

from ckanext.digitalcity.portal import settings
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.supervise import stop_strays, strays, wait_until

CHECKOUT = Path(__file__).parents[2]
PARTS = {"postgres", "valkey", "solr", "ckan", "worker", "scheduler"}
pytestmark = pytest.mark.slow


def _alone() -> dict[str, str]:
    """This environment without the services that the other tests use: ``up`` would use them too."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CKAN_")}


class Portal:
    """A portal in a data folder of its own, driven through its command line."""

    def __init__(self, root: Path) -> None:
        self.folders = Folders(root)
        self.first_words = ""

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command to its end; returns what it said."""
        done = subprocess.run(
            self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_alone()
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command that Ctrl-C reaches, even if whoever runs these tests ignores Ctrl-C."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_alone()
            )
        finally:
            signal.signal(signal.SIGINT, before)

    def command(self, *words: str) -> list[str]:
        """The command as a list of words."""
        return [str(CHECKOUT / "portal"), "--data", str(self.folders.root), *words]

    def status(self) -> dict[str, Any]:
        """What ``status --json`` says, with its exit code."""
        done = subprocess.run(self.command("status", "--json"), stdout=subprocess.PIPE, text=True, env=_alone())
        return {**json.loads(done.stdout), "code": done.returncode}

    def wait_until_all_run(self) -> dict[str, dict[str, Any]]:
        """Every part by name, once all of them run."""
        parts: dict[str, dict[str, Any]] = {}

        def all_run() -> bool:
            parts.update({part["name"]: part for part in self.status()["parts"]})
            return all(part["state"] == "RUNNING" for part in parts.values())

        wait_until(all_run, 90, "all parts to run")
        return parts

    def answers(self) -> bool:
        """Whether it shows its datasets."""
        try:
            return requests.get(f"{self.status()['address']}/dataset", timeout=60).status_code == 200
        except requests.ConnectionError:
            return False

    def processes(self) -> list[psutil.Process]:
        """Everything alive that belongs to it."""
        return list(strays(self.folders, settings.load(self.folders)))


@pytest.fixture(scope="module")
def installed() -> Iterator[Portal]:
    """A portal that was started once, from nothing."""
    above = Path(tempfile.mkdtemp(prefix="digitalcity-", dir="/var/tmp"))
    above.chmod(0o755)
    portal = Portal(above / "data")
    port = settings.free_port()
    portal.first_words = portal.run("up", "--no-demo", "--port", str(port))
    yield portal
    stop_strays(portal.folders, settings.load(portal.folders))
    shutil.rmtree(above)


@pytest.fixture
def portal(installed: Portal) -> Portal:
    """A running portal."""
    installed.run("up")
    return installed


def _logs_in(site: str, name: str, password: str) -> bool:
    """Log in the way a person does; whether the page that follows offers to log out again."""
    session = requests.Session()
    page = BeautifulSoup(session.get(f"{site}/user/login").text, "html.parser")
    token = page.select_one("input[name=_csrf_token]")
    form = {"login": name, "password": password, "_csrf_token": token["value"] if token else ""}
    answer = session.post(f"{site}/user/login", data=form, headers={"Referer": f"{site}/user/login"})
    return BeautifulSoup(answer.text, "html.parser").select_one("form[action*=logout]") is not None


def _resumed_quickly(began: float) -> bool:
    """Under 20 seconds, as promised, unless this machine has more to do than it has processors."""
    return time.monotonic() - began < 20 or os.getloadavg()[0] > (os.cpu_count() or 1)


def test_the_password_that_was_shown_once_logs_in_and_is_kept_nowhere(portal: Portal) -> None:
    found = re.search(r"Administrator: (\S+)   Password: (\S+)", portal.first_words)
    assert found
    site = portal.status()["address"]
    assert _logs_in(site, found[1], found[2])
    assert not _logs_in(site, found[1], found[2] + "x")
    assert "Password:" not in portal.run("up")
    kept = [
        portal.folders.settings,
        portal.folders.ini,
        *portal.folders.root.glob("*.log"),
        *portal.folders.logs.iterdir(),
    ]
    assert not [path for path in kept if found[2] in path.read_text(errors="replace")]


def test_up_on_a_running_portal_is_quick_and_restarts_nothing(portal: Portal) -> None:
    before = {name: part["pid"] for name, part in portal.wait_until_all_run().items()}
    began = time.monotonic()
    portal.run("up")
    assert _resumed_quickly(began)
    assert {name: part["pid"] for name, part in portal.wait_until_all_run().items()} == before
    assert set(before) == PARTS


def test_all_parts_listen_on_this_machine_only_and_keep_their_secrets(portal: Portal) -> None:
    listening = {
        connection.laddr.ip
        for process in portal.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    secrets = settings.load(portal.folders).passwords
    for process in portal.processes():
        line = " ".join(process.cmdline())
        assert not [name for name, secret in secrets.items() if secret in line]
    for path in (portal.folders.settings, portal.folders.ini, portal.folders.supervisor / "supervisord.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_service_runs_as_root(portal: Portal) -> None:
    owners = {process.username() for process in portal.processes() if "supervisord" not in " ".join(process.cmdline())}
    assert "root" not in owners


def test_it_needs_less_than_1500_megabytes(portal: Portal) -> None:
    portal.wait_until_all_run()
    assert 200 < portal.status()["memory_mb"] < 1500


def test_ckan_and_the_database_can_be_used_in_place(portal: Portal) -> None:
    assert "name=admin" in portal.run("ckan", "user", "list")
    assert "digitalcity_source" in portal.run("psql", "-c", r"\dt digitalcity_*")
    assert "There is no log called 'nosuch'" in portal.run("logs", "nosuch", code=1)
    assert "ready to accept connections" in portal.run("logs", "postgres")


def test_the_database_can_be_opened_on_a_machine_without_psql(portal: Portal) -> None:
    words = [sys.executable, *portal.command("psql", "-Atc", "select 6 * 7")]
    done = subprocess.run(words, capture_output=True, text=True, env={**_alone(), "PATH": "/nowhere"})
    assert (done.stdout, done.returncode) == ("42\n", 0), done.stderr


@pytest.mark.parametrize("name", ["postgres", "valkey", "solr", "ckan", "worker", "scheduler"])
def test_a_part_that_crashes_comes_back_and_the_crash_is_shown(portal: Portal, name: str) -> None:
    before = portal.wait_until_all_run()[name]
    os.kill(before["pid"], signal.SIGKILL)
    wait_until(lambda: portal.wait_until_all_run()[name]["pid"] != before["pid"], 60, f"{name} to come back")
    after = portal.wait_until_all_run()[name]
    assert after["restarts"] > before["restarts"]
    # what a killed PostgreSQL leaves may still hold its memory when it is started again: that start has ended since
    log = (portal.folders.logs / "supervisord.log").read_text()
    crash, *others = re.findall(rf"exited: {name} \((.*)\)", log)[before["restarts"] :]
    assert "SIGKILL" in crash
    assert after["last_exit"].startswith((crash, *others)[-1])
    wait_until(portal.answers, 60, "the portal to answer again")


def test_nothing_is_lost_when_everything_is_killed_at_once(portal: Portal) -> None:
    portal.run("ckan", "user", "add", "bob", "email=bob@example.org", "password=correct-horse")
    portal.wait_until_all_run()
    for process in portal.processes():
        with suppress(psutil.NoSuchProcess):  # a connection to the database may have ended by itself
            process.kill()
    psutil.wait_procs(portal.processes(), timeout=10)
    assert (portal.status()["running"], portal.status()["code"]) == (False, 3)
    began = time.monotonic()
    portal.run("up")
    assert _resumed_quickly(began)
    assert "bob" in portal.run("ckan", "user", "list")
    assert portal.answers()


def test_another_port_restarts_the_running_portal_there(portal: Portal) -> None:
    before, port = portal.status()["address"], settings.free_port()
    said = portal.run("up", "--port", str(port))
    assert "Stopping the running portal, because something has changed" in said
    assert portal.status()["address"] == f"http://127.0.0.1:{port}" != before
    portal.wait_until_all_run()
    assert portal.answers()


def test_up_puts_aside_what_a_killed_supervisor_left_behind(portal: Portal) -> None:
    portal.wait_until_all_run()
    os.kill(int((portal.folders.supervisor / "supervisord.pid").read_text()), signal.SIGKILL)
    time.sleep(1)
    left = portal.processes()
    assert left
    assert "that an earlier crash had left behind" in portal.run("up")
    assert not [process for process in left if process.is_running()]


def test_an_empty_search_index_is_built_again_from_the_database(portal: Portal) -> None:
    key = re.search(r"\n\s*(\S{40,})\s*$", portal.run("ckan", "user", "token", "add", "admin", "test", "-q"))
    found = key[1] if key else portal.run("ckan", "user", "token", "add", "admin", "t2", "-q").strip()
    site, headers = portal.status()["address"], {"Authorization": found}
    for action, facts in (
        ("organization_create", {"name": "aberfal"}),
        ("package_create", {"name": "toilets", "owner_org": "aberfal"}),
    ):
        assert requests.post(f"{site}/api/3/action/{action}", json=facts, headers=headers).json()["success"]
    portal.run("down")
    shutil.rmtree(portal.folders.solr)
    assert "Building the search index again" in portal.run("up")
    assert requests.get(f"{site}/api/3/action/package_search").json()["result"]["count"] == 1


def test_ctrl_c_while_starting_stops_every_child(portal: Portal) -> None:
    portal.run("down")
    for words in ("Starting the database", "Starting the search engine", "Starting the portal"):
        starting = portal.begin("up")
        said = b""
        assert starting.stdout
        while words.encode() not in said and (byte := starting.stdout.read(1)):
            said += byte
        starting.send_signal(signal.SIGINT)
        rest = starting.stdout.read().decode()
        assert starting.wait(60) == 1, rest
        assert "Stopped, as you asked." in rest
        assert portal.processes() == []
        starting.stdout.close()


def test_in_the_foreground_it_stays_until_ctrl_c(portal: Portal) -> None:
    portal.run("down")
    attached = portal.begin("up", "--foreground")
    assert attached.stdout
    said = b""
    while b"Ctrl-C stops the portal." not in said and (line := attached.stdout.readline()):
        said += line
    assert portal.status()["running"]
    attached.send_signal(signal.SIGINT)
    attached.stdout.read()
    assert attached.wait(60) == 0
    assert portal.processes() == []
    attached.stdout.close()


def test_down_leaves_no_process_and_says_that_nothing_is_lost(portal: Portal) -> None:
    assert portal.processes()
    assert "nothing is lost" in portal.run("down")
    assert portal.processes() == []
    assert "The portal is not running." in portal.run("ckan", "user", "list", code=1)


def test_reset_asks_and_then_forgets_everything_but_the_software(portal: Portal) -> None:
    asked = subprocess.run(portal.command("reset"), input="no\n", capture_output=True, text=True, env=_alone())
    assert asked.returncode == 1
    assert portal.folders.postgres.exists()
    portal.run("reset", "--yes")
    assert not portal.folders.postgres.exists()
    assert not portal.folders.settings.exists()
    assert portal.folders.python.exists()
    again = portal.run("up", "--no-demo")
    assert "Administrator: admin" in again
    assert "Installing the packages" not in again
    assert "bob" not in portal.run("ckan", "user", "list")


def test_down_after_reset_has_nothing_to_stop_and_says_so_calmly(portal: Portal) -> None:
    portal.run("reset", "--yes")
    assert "It is stopped" in portal.run("down")
    assert portal.status()["code"] == 3
