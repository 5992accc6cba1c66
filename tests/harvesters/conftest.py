"""Servers on loopback, and a door to them that gives up at once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from faultserver import Answer, FaultServer
from pytest_httpserver import HTTPServer
from reading import Reader
from sftp_server import PASSWORD, Drop
from worlds import WORLDS, Things, World

from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.harvesters.http import Http, HttpLimits
from ckanext.digitalcity.harvesters.registry import make
from ckanext.digitalcity.harvesters.sensorthings import SensorThings
from ckanext.digitalcity.harvesters.sftp import Sftp

for file in Path(__file__).parent.glob("world_*.py"):
    import_module(file.stem)  # which puts it into worlds.WORLDS

LOOPBACK = ("127.0.0.0/8", "::1/128")


@pytest.fixture
def door() -> Callable[..., Http]:
    """Makes an Http that may read loopback and tries everything once, with other limits where a test says so."""

    def make(allowed: tuple[str, ...] = LOOPBACK, secrets: Any = None, **limits: Any) -> Http:
        limits = {"retries": 0, "connect": 2.0, "read": 2.0, **limits}
        return Http(allowed=allowed, limits=HttpLimits(**limits), secrets=secrets or {})

    return make


@pytest.fixture
def faulty() -> Iterator[Callable[..., FaultServer]]:
    """Starts servers that misbehave as told."""
    with ExitStack() as stack:

        def start(answer: Answer, certificate: tuple[str, str] | None = None) -> FaultServer:
            return stack.enter_context(FaultServer(answer, certificate))

        yield start


@pytest.fixture
def things(httpserver: HTTPServer) -> Things:
    """A SensorThings service with one Thing, one Datastream and two Observations."""
    world = Things(httpserver)
    world.add("t")
    return world


@pytest.fixture
def source(things: Things, door: Callable[..., Http]) -> SensorThings:
    """The source that reads it."""
    return SensorThings(things.recipe(), door())


@pytest.fixture(params=sorted(WORLDS))
def world(request: pytest.FixtureRequest, httpserver: HTTPServer) -> Iterator[World]:
    """A small world of each kind of source in turn."""
    kind = WORLDS[request.param]
    if reason := kind.cannot.get(request.function.__name__):
        pytest.skip(reason)
    with closing(kind(httpserver)) as made:
        yield made


@pytest.fixture
def reader(world: World, door: Callable[..., Http]) -> Reader:
    """Reads it."""
    return Reader(make(world.recipe(), door(secrets=world.secrets)))


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[Drop]:
    """An SFTP server with an empty folder."""
    with Drop(tmp_path) as found:
        yield found


@pytest.fixture
def drop_folder(drop: Drop) -> Callable[..., Sftp]:
    """Makes a source for the folder, with a login, the right key, and what a test wants otherwise."""

    def make(
        secret: str = PASSWORD, path: str = "/", allowed: tuple[str, ...] = LOOPBACK, limits: Any = None, **options: Any
    ) -> Sftp:
        server = f"sftp://127.0.0.1:{drop.port}"
        carried = base64.b64encode(f"council:{secret}".encode()).decode()
        http = Http(
            allowed=allowed,
            limits=HttpLimits(retries=0, connect=2.0, read=5.0, **(limits or {})),
            secrets={server: {"Authorization": f"Basic {carried}"}} if secret else {},
        )
        options = {"host_key": drop.fingerprint, **options}
        return Sftp(Recipe("drop", "Drop", "sftp", server + path, "aberfal", description="All", options=options), http)

    return make
