"""Solr's jars, fetched by jgo from Maven repositories by the coordinates in ``solr.lock``.

The lock names every jar with its SHA-256, so nothing has to be resolved on the user's machine: that alone
took most of a minute. ``python -m ckanext.digitalcity.portal.jars`` resolves anew and prints a new lock.
"""

from __future__ import annotations

import errno
import hashlib
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import Event

import jgo
import requests
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import Artifact, MavenContext

from ckanext.digitalcity.portal.errors import PortalError

# The last three steer jgo's version mediation, which differs from Maven's here (see docs/adr).
WANTED = (
    "org.apache.solr:solr-core:9.10.1",
    "org.eclipse.jetty:jetty-webapp:10.0.26",
    "org.eclipse.jetty:jetty-server:10.0.26",
    "jakarta.inject:jakarta.inject-api:2.0.1",
    "jakarta.annotation:jakarta.annotation-api:2.1.1",
)
UNUSED_GROUPS = ("io.netty",)  # SolrCloud's TLS to ZooKeeper, with native code for five systems: 9 MB
PARALLEL = 8
TRIES = 3


@dataclass(frozen=True)
class Jar:
    """One line of the lock: Maven coordinate and SHA-256 of the file."""

    group: str
    artifact: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version} {self.sha256}"


def locked() -> list[Jar]:
    """The jars of ``solr.lock``, in class path order."""
    text = files("ckanext.digitalcity.portal").joinpath("solr.lock").read_text(encoding="utf-8")
    lines = [line.replace(":", " ").split() for line in text.splitlines() if line and not line.startswith("#")]
    return [Jar(*words) for words in lines]


def paths(folder: Path) -> list[Path]:
    """Where :func:`fetch` puts the jars, in class path order."""
    maven = MavenContext(repo_cache=folder)
    return [Path(_artifact(maven, jar).cached_path) for jar in locked()]


def fetch(folder: Path, tell: Callable[[int, int], None], cancelled: Event) -> None:
    """Bring every locked jar into ``folder``, a local Maven repository.

    Args:
        folder: where they are kept; jars that are there already are only checked.
        tell: called with (number done, number of all) as they arrive.
        cancelled: when set, no further download begins.

    Raises:
        PortalError: no network, or a file is not the one that was locked.
    """
    repositories = {"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories
    maven = MavenContext(repo_cache=folder, remote_repos=repositories, timeout=30)
    wanted = locked()
    with ThreadPoolExecutor(PARALLEL) as pool:
        for done, _ in enumerate(pool.map(lambda jar: _fetch_one(maven, jar, cancelled), wanted), start=1):
            tell(done, len(wanted))


def _artifact(maven: MavenContext, jar: Jar) -> Artifact:
    return maven.project(jar.group, jar.artifact).at_version(jar.version).artifact()


def _fetch_one(maven: MavenContext, jar: Jar, cancelled: Event) -> None:
    artifact = _artifact(maven, jar)
    kept = Path(artifact.cached_path)
    reason = ""
    for _ in range(TRIES):
        if cancelled.is_set():
            return
        try:
            path = Path(artifact.resolve())
        except (requests.RequestException, RuntimeError, OSError) as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise
            reason = type(error).__name__
            kept.unlink(missing_ok=True)
            continue
        if hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256:
            return
        reason = "the file is damaged"  # also what an interrupted download leaves behind
        kept.unlink(missing_ok=True)
    raise PortalError(
        f"A part of Solr could not be downloaded ({jar.artifact} {jar.version}: {reason}).",
        "Check the connection to the internet and its proxy settings, then run the same command again.",
    )


def resolve() -> list[Jar]:
    """Resolve :data:`WANTED` with all it needs; downloads every jar to learn its SHA-256."""
    found = []
    for artifact in jgo.resolve("+".join(WANTED)):
        if artifact.groupId not in UNUSED_GROUPS and not artifact.classifier:
            digest = hashlib.sha256(Path(artifact.resolve()).read_bytes()).hexdigest()
            found.append(Jar(artifact.groupId, artifact.artifactId, artifact.version, digest))
    return found


if __name__ == "__main__":
    sys.stdout.write("# Every jar of Solr, made by: python -m ckanext.digitalcity.portal.jars\n")
    sys.stdout.writelines(f"{jar}\n" for jar in resolve())
