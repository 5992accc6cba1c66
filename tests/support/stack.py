"""PostgreSQL, Valkey and Solr of a test's own, which it may stop, kill and starve without harm to other tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import ckan.lib.jobs
import ckan.lib.redis
import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.portal import postgres, settings, solr, valkey
from ckanext.digitalcity.portal.folders import open_root
from ckanext.digitalcity.portal.stack import SERVICES, Stack
from ckanext.digitalcity.portal.steps import Progress

import kept

SIZE = "300m"


class Servers:
    """The services of a portal in a folder of its own, run by its supervisor as those of every portal.

    Args:
        small: the folder is a disk of its own, of ``SIZE``.
    """

    def __init__(self, root: Path, *, small: bool) -> None:
        self.root, self.small = root, small
        folders = open_root(root)
        folders.venv.symlink_to(sys.prefix)
        folders.jars.symlink_to(Path(sys.prefix).parent / "jars")  # where `./portal test` has brought them
        self.settings = settings.load(folders)
        self.stack = Stack(folders, self.settings, site=False)
        self.has_tables = False
        self._ready = {
            "postgres": lambda: postgres.is_ready(self.settings),
            "valkey": lambda: valkey.is_ready(self.settings),
            "solr": lambda: solr.is_ready(self.settings),
        }

    def launch(self) -> None:
        """Starts them all."""
        self.stack.configure()
        self.stack.launch()
        self.stack.begin_search(Progress())
        self.stack.finish_search()

    def stop(self, name: str) -> None:
        """As an operator does: it ends in good order."""
        self.stack.supervisor.rpc.stopProcess(name)

    def start(self, name: str) -> None:
        """Starts it, unless its supervisor has, and waits until it answers."""
        self.stack.supervisor.start(name, self._ready[name])

    def kill(self, name: str) -> None:
        """SIGKILL. Its supervisor starts it again."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        while self.pid(name) == pid:
            time.sleep(0.05)

    def pid(self, name: str) -> int:
        """Its process, or 0."""
        return int(self.stack.supervisor.rpc.getProcessInfo(name)["pid"])

    def fill(self) -> Path:
        """Leaves no room at all on the disk that they share: the file that takes it."""
        ballast = self.root / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"\0" * (1 << 16)):
                pass
        assert shutil.disk_usage(self.root).free == 0
        return ballast

    def addresses(self) -> dict[str, str]:
        """What CKAN calls their addresses, in its configuration and in the environment."""
        return {
            "sqlalchemy.url": postgres.url(self.settings),
            "solr_url": solr.url_with_password(self.settings),
            "ckan.redis.url": valkey.url(self.settings, 1),
        }

    def shut_down(self) -> None:
        """Stops all that is left."""
        self.stack.supervisor.shut_down(SERVICES)


@pytest.fixture(scope="module")
def started() -> Iterator[Servers]:
    """Servers for the tests of one file, on a small disk of their own where this machine lets us make one."""
    above = Path(tempfile.mkdtemp(prefix="digitalcity-", dir="/var/tmp"))
    above.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "digitalcity-test", str(above)]
    small = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    servers = Servers(above / "data", small=small)
    try:
        servers.launch()
        yield servers
    finally:
        servers.shut_down()
        if small:
            subprocess.run(["umount", "--lazy", str(above)], check=True)
        shutil.rmtree(above)


@pytest.fixture
def servers(started: Servers, ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """The same, with this process and those that it starts connected to them and to no others."""
    for key, address in started.addresses().items():
        monkeypatch.setitem(ckan_config, key, address)
        variable = key.upper().replace(".", "_")
        monkeypatch.setenv(variable if variable.startswith("CKAN_") else f"CKAN_{variable}", address)
    monkeypatch.setattr(ckan.lib.redis, "_connection_pool", None)
    monkeypatch.setattr(ckan.lib.jobs, "_queues", {})
    shared = model.meta.engine
    for where, name in ((model.repo, "tables_created_and_initialised"), (kept, "_migrated")):
        monkeypatch.setattr(where, name, started.has_tables)
    model.init_model(sa.engine_from_config(ckan_config))
    yield started
    started.has_tables = kept._migrated
    model.Session.remove()
    model.meta.engine.dispose()
    model.init_model(shared)
