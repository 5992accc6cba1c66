"""Machines for workers: network namespaces with names of their own, joined to this one by a cable each."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import psutil
import pytest
from processes import CKAN, kill

NET = f"198.18.{os.getpid() % 256}"  # of the block that RFC 2544 keeps for tests: nobody else is reached by it
HERE = f"{NET}.1"
ADDRESS = re.compile(r"(?<=[/@])127\.0\.0\.1:(\d+)")
SERVICES = ("CKAN_SQLALCHEMY_URL", "CKAN_SOLR_URL", "CKAN_REDIS_URL")


class Host:
    """One machine. What it reaches of this one is what is relayed to it."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.address = name, f"{NET}.{1 + number}"
        self._space, self._cable = f"digitalcity-{os.getpid()}-{name}", f"dc{os.getpid()}-{number}"
        self._started: list[psutil.Popen] = []

    def plug(self) -> None:
        """Makes it, and joins it.

        Raises:
            subprocess.CalledProcessError: this machine does not let us.
        """
        ip("netns", "add", self._space)
        ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self._space)
        ip("address", "add", HERE, "peer", self.address, "dev", self._cable)
        ip("link", "set", self._cable, "up")
        ip("-netns", self._space, "address", "add", self.address, "peer", HERE, "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-netns", self._space, "link", "set", device, "up")

    def start(self, ini: Path, *words: str) -> psutil.Popen:
        """Starts a ``ckan`` command on it."""
        named = 'echo "$0" > /proc/sys/kernel/hostname && exec "$@"'
        command = ["ip", "netns", "exec", self._space, "unshare", "--uts", "sh", "-c", named, self.name]
        there = {name: ADDRESS.sub(rf"{HERE}:\1", os.environ[name]) for name in SERVICES}
        with (ini.parent / f"{self.name}.log").open("ab") as log:
            process = psutil.Popen(
                [*command, str(CKAN), "-c", str(ini), *words],
                env=os.environ | there, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._started.append(process)
        return process

    def lose(self) -> None:
        """Nothing more is heard of it: first its cable is cut, then its power."""
        ip("link", "set", self._cable, "down")
        self.stop()

    def stop(self) -> None:
        """Its processes are killed from outside; no word of that reaches anybody it was connected to."""
        for process in self._started:
            kill(process)

    def unplug(self) -> None:
        """There is nothing left of it."""
        self.stop()
        subprocess.run(["ip", "netns", "delete", self._space], check=False, capture_output=True)
        subprocess.run(["ip", "link", "delete", self._cable], check=False, capture_output=True)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


class Relay:
    """Whoever connects to a port of ``HERE`` talks to the same port of the loopback address."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._server = socket.create_server((HERE, port))
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self.port))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while some := one.recv(1 << 16):
            other.sendall(some)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


@pytest.fixture
def two_hosts() -> Iterator[tuple[Host, Host]]:
    """Two machines, which reach the services of this test."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "unshare"))):
        pytest.skip("only root may make network namespaces, with the programs ip and unshare")
    hosts = Host("north", 1), Host("south", 2)
    with ExitStack() as plugged:
        try:
            for host in hosts:
                plugged.callback(host.unplug)
                host.plug()
        except subprocess.CalledProcessError as refused:
            pytest.skip(f"this machine does not let us make network namespaces: {refused.stderr.strip()}")
        for name in SERVICES:
            port = ADDRESS.search(os.environ[name])
            assert port, "the services run on this machine"
            plugged.enter_context(Relay(int(port[1])))
        yield hosts
