"""Runs the children with supervisord: starts, watches, restarts, rotates logs, stops whole process groups."""

from __future__ import annotations

import re
import shlex
import subprocess
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Error as RpcError
from xmlrpc.client import Fault, ServerProxy

import psutil

from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.program import MARK, Program, environment
from ckanext.digitalcity.portal.settings import Settings
from ckanext.digitalcity.portal.users import service_user, write_private

STOPPED = {"STOPPED", "EXITED", "FATAL", "UNKNOWN"}
SPAWN_ERROR = 50  # supervisor.xmlrpc.Faults
PAUSE = 30  # seconds from one try to the next, for a child that did not start in several
HEADER = """\
[supervisord]
nodaemon=true
logfile={logs}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile={home}/supervisord.pid
directory={home}
childlogdir={logs}
umask=077
{as_user}
[inet_http_server]
port=127.0.0.1:{port}
username=portal
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[rpcinterface:revive]
supervisor.rpcinterface_factory=ckanext.digitalcity.portal.revive:interface
seconds={pause}
"""
CHILD = """
[program:{name}]
command={command}
directory={folder}
autostart=false
autorestart=true
startsecs={steady_seconds}
startretries=5
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
{as_user}"""


@dataclass(frozen=True)
class State:
    """How one child is doing.

    Attributes:
        state: supervisord's word for it, such as ``RUNNING``, ``BACKOFF`` or ``FATAL``.
        since: seconds in this state; 0 when not running.
        restarts: how often it ended by itself since the supervisor started.
        last_exit: why it ended last, in supervisord's words, or ``""``.
    """

    name: str
    state: str
    pid: int
    since: int
    restarts: int
    last_exit: str


def write_configuration(folders: Folders, settings: Settings, programs: Iterable[Program], pause: int = PAUSE) -> Path:
    """Write supervisord's configuration; every child is started by us, in order, never by itself."""
    for folder in (folders.logs, folders.supervisor):
        folder.mkdir(mode=0o700, exist_ok=True)
    text = HEADER.format(
        logs=_quote(folders.logs),
        home=_quote(folders.supervisor),
        port=settings.ports["supervisor"],
        password=_quote(settings.passwords["supervisor"]),
        pause=pause,
        as_user="user=root\n" if service_user() else "",
    )
    for program in programs:
        text += CHILD.format(
            name=program.name,
            command=_quote(shlex.join(program.command)),
            folder=_quote(program.folder),
            steady_seconds=program.steady_seconds,
            stop_signal=program.stop_signal,
            stop_seconds=program.stop_seconds,
            logs=_quote(folders.logs),
            as_user=f"user={service_user()}\n" if service_user() else "",
        )
    return write_private(folders.supervisor / "supervisord.conf", text, for_services=False)


def _quote(value: object) -> str:
    return str(value).replace("%", "%%")


class Supervisor:
    """The supervisord of one data folder, running or not."""

    def __init__(self, folders: Folders, settings: Settings) -> None:
        self.folders = folders
        self.settings = settings

    @property
    def rpc(self) -> Any:
        password = self.settings.passwords["supervisor"]
        return ServerProxy(f"http://portal:{password}@127.0.0.1:{self.settings.ports['supervisor']}/RPC2").supervisor

    def is_running(self) -> bool:
        """Whether it answers."""
        if "supervisor" not in self.settings.ports:
            return False
        try:
            return bool(self.rpc.getState()["statename"] == "RUNNING")
        except (OSError, RpcError, HTTPException):
            return False

    def launch(self) -> None:
        """Start supervisord itself, in a session of its own so that Ctrl-C in this terminal does not reach it."""
        python, conf = self.folders.python, self.folders.supervisor / "supervisord.conf"
        (self.folders.logs / "supervisord.log").unlink(missing_ok=True)
        process = subprocess.Popen(
            [python, "-W", "ignore", "-m", "supervisor.supervisord", "-c", conf],
            env=environment(self.folders, self.settings),
            cwd=self.folders.supervisor,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # into a file it would end where the disk is full: it tells of its log there
            start_new_session=True,
        )
        wait_until(lambda: self.is_running() or process.poll() is not None, 20, "the supervisor")
        if process.poll() is not None:
            raise PortalError(f"The supervisor ended at once: {self.last_line('supervisord')}", "Run this again.")

    def begin(self, name: str) -> None:
        """Start one child without waiting for it."""
        if self.rpc.getProcessInfo(name)["statename"] in STOPPED:
            try:
                self.rpc.startProcess(name, False)
            except Fault as fault:
                if fault.faultCode != SPAWN_ERROR:  # it ended at once: whoever waits for it says what it said
                    raise

    def start(self, name: str, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Start one child and wait until it does its work."""
        self.begin(name)
        self.wait_for(name, ready, seconds)

    def wait_for(self, name: str, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until a child that was started does its work.

        Raises:
            PortalError: it gave up, or is not ready in time; the message ends with its last line of log.
        """
        until = time.monotonic() + seconds
        while not ready():
            state = self.rpc.getProcessInfo(name)["statename"]
            if state in STOPPED or time.monotonic() > until:
                words = "ended by itself" if state in STOPPED else f"was not ready after {seconds:.0f} seconds"
                raise PortalError(f"{name} {words}: {self.last_line(name)}", f"Its log: ./portal logs {name}")
            time.sleep(0.1)

    def last_line(self, name: str) -> str:
        """The last thing a child said."""
        path = self.folders.logs / f"{name}.log"
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.exists() else []
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "it said nothing")

    def states(self) -> list[State]:
        """How every child is doing, in the order of the configuration."""
        exits = self._exits()
        return [
            State(
                name=info["name"],
                state=info["statename"],
                pid=info["pid"],
                since=info["now"] - info["start"] if info["statename"] == "RUNNING" else 0,
                restarts=len(exits.get(info["name"], [])),
                last_exit=(exits.get(info["name"]) or [""])[-1],
            )
            for info in self.rpc.getAllProcessInfo()
        ]

    def _exits(self) -> dict[str, list[str]]:
        """Ends that nobody asked for, read from supervisord's log, which starts anew with each supervisor."""
        found: dict[str, list[str]] = {}
        path = self.folders.logs / "supervisord.log"
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        for line in text.splitlines():
            if match := re.match(r"(\S+ [\d:]+)\S* \w+ exited: (\S+) \((.*)\)$", line):
                found.setdefault(match[2], []).append(f"{match[3]} at {match[1]}")
        return found

    def shut_down(self, *waves: Collection[str]) -> None:
        """Stop the children wave by wave, then supervisord, then whatever is left of this portal.

        Args:
            waves: names of children; those of one wave are stopped together.
        """
        if self.is_running():
            try:
                for names in waves:
                    self._stop(names)
                self.rpc.shutdown()
            except (OSError, RpcError, HTTPException):
                pass  # it ended under our hands: the strays are dealt with below
            with suppress(PortalError):  # one that does not end by itself is a stray too
                wait_until(lambda: not self.is_running(), 30, "the supervisor to end")
        stop_strays(self.folders, self.settings)

    def _stop(self, names: Collection[str]) -> None:
        def left() -> list[str]:
            return [state.name for state in self.states() if state.name in names and state.state not in STOPPED]

        for name in left():
            self.rpc.stopProcess(name, False)
        wait_until(lambda: not left(), 120, "all parts to end")


def strays(folders: Folders, settings: Settings) -> Iterator[psutil.Process]:
    """Every living process of this portal, also after its supervisor was killed.

    They are known by the secret mark in their environment. PostgreSQL writes over its own environment, so its
    server is known by its program file and its working folder.
    """
    mark, pgdata = settings.passwords["mark"], str(folders.postgres)
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark or (
                process.name() == "postgres" and process.cwd() == pgdata and process.exe().startswith(str(folders.venv))
            ):
                yield process
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess, OSError):
            continue


def stop_strays(folders: Folders, settings: Settings) -> int:
    """End what :func:`strays` finds: politely first, then for good. Returns how many there were."""
    number = 0
    for _ in range(5):  # again, for one may have started another meanwhile
        found = list(strays(folders, settings))
        if not found:
            break
        number += len(found)
        _stop_all(found)
    return number


def _stop_all(found: Sequence[psutil.Process]) -> None:
    for process in found:
        try:
            is_postgres = process.name() == "postgres"
            process.send_signal(2 if is_postgres else 15)
        except psutil.NoSuchProcess:
            continue
    _, left = psutil.wait_procs(found, timeout=15)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=5)


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Ask again and again until it is true.

    Raises:
        PortalError: still not true after so many seconds.
    """
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise PortalError(f"Waited {seconds:.0f} seconds for {what} in vain.", "Run the same command again.")
        time.sleep(0.1)
