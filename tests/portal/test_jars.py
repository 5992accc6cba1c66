"""Solr's jars, from a real (loopback) Maven repository."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from ckanext.digitalcity.portal import jars
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.jars import Jar

PLACE = "org/example/soup/1.0/soup-1.0.jar"
BYTES = b"a jar of soup"
SOUP = Jar("org.example", "soup", "1.0", hashlib.sha256(BYTES).hexdigest())


def at(address: str, home: Path) -> None:
    """Names the repository in jgo's own settings."""
    (home / ".config" / "jgo.conf").write_text(f"[repositories]\ncentral = {address.rstrip('/')}\n")


@pytest.fixture
def fetch(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    """Fetches one jar the way the launcher does, with jgo's own settings naming the repository."""
    (tmp_path / ".config").mkdir()
    at(httpserver.url_for("/"), tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(jars, "locked", lambda: [SOUP])

    def run() -> list[Path]:
        jars.fetch(tmp_path / "jars", lambda done, of: None, Event())
        return jars.paths(tmp_path / "jars")

    return run


def test_the_lock_names_every_jar_once_with_its_checksum() -> None:
    locked = jars.locked()
    assert len({(jar.group, jar.artifact) for jar in locked}) == len(locked) > 100
    assert all(len(jar.sha256) == 64 for jar in locked)
    assert {"solr-core", "jetty-server", "lucene-core"} <= {jar.artifact for jar in locked}


def test_a_jar_is_brought_once(fetch: Callable[[], list[Path]], httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request(f"/{PLACE}").respond_with_data(BYTES)
    httpserver.expect_request(f"/{PLACE}.sha1").respond_with_data(status=404)
    (path,) = fetch()
    assert path.read_bytes() == BYTES
    assert fetch() == [path]


def test_a_half_downloaded_jar_is_brought_again(fetch: Callable[[], list[Path]], httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"/{PLACE}").respond_with_data(BYTES)
    httpserver.expect_request(f"/{PLACE}.sha1").respond_with_data(status=404)
    (path,) = fetch()
    path.write_bytes(BYTES[:4])
    fetch()
    assert path.read_bytes() == BYTES


def test_a_jar_that_is_not_the_locked_one_is_never_kept(
    fetch: Callable[[], list[Path]], httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request(f"/{PLACE}").respond_with_data(b"poison")
    httpserver.expect_request(f"/{PLACE}.sha1").respond_with_data(hashlib.sha1(b"poison").hexdigest())
    with pytest.raises(PortalError, match=r"soup 1\.0: the file is damaged"):
        fetch()
    assert not (tmp_path / "jars" / PLACE).exists()


def test_a_repository_that_recovers_is_tried_again(fetch: Callable[[], list[Path]], httpserver: HTTPServer) -> None:
    answers = [Response(status=503), Response(BYTES)]
    httpserver.expect_request(f"/{PLACE}").respond_with_handler(lambda request: answers.pop(0))
    httpserver.expect_request(f"/{PLACE}.sha1").respond_with_data(status=404)
    (path,) = fetch()
    assert path.read_bytes() == BYTES


def test_no_repository_is_one_sentence(fetch: Callable[[], list[Path]], tmp_path: Path) -> None:
    with HTTPServer(port=0) as gone:
        at(gone.url_for("/"), tmp_path)
    with pytest.raises(PortalError, match="Check the connection to the internet"):
        fetch()
