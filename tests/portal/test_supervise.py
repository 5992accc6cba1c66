"""The supervisor, with small programs of ours in place of the services."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.program import Program
from ckanext.digitalcity.portal.settings import Settings
from ckanext.digitalcity.portal.supervise import Supervisor, stop_strays, strays, wait_until, write_configuration

DEAF = "trap '' TERM; echo listening; sleep 300 & wait; sleep 300 & wait; sleep 300"


@pytest.fixture
def supervise(folders: Folders, known: Settings) -> Iterator[Callable[..., Supervisor]]:
    """Starts a supervisor of shell programs: ``supervise(name="script")``."""
    running: list[tuple[Supervisor, list[str]]] = []

    def start(**scripts: str) -> Supervisor:
        programs = [
            Program(name, ["/bin/sh", "-c", script], folders.root, stop_seconds=1, steady_seconds=1)
            for name, script in scripts.items()
        ]
        write_configuration(folders, known, programs, pause=1)
        supervisor = Supervisor(folders, known)
        supervisor.launch()
        running.append((supervisor, list(scripts)))
        for name in scripts:
            supervisor.begin(name)
        return supervisor

    yield start
    for supervisor, names in running:
        supervisor.shut_down(names)


def _state(supervisor: Supervisor, name: str) -> str:
    return next(state.state for state in supervisor.states() if state.name == name)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # a zombie only waits for this test to end
    except psutil.NoSuchProcess:
        return False


def test_a_killed_child_runs_again_and_its_end_is_told(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(baker="sleep 300")
    wait_until(lambda: _state(supervisor, "baker") == "RUNNING", 10, "the baker")
    first = supervisor.states()[0]
    assert (first.restarts, first.last_exit) == (0, "")
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: supervisor.states()[0].pid not in (0, first.pid), 10, "the baker's return")
    again = supervisor.states()[0]
    assert again.restarts == 1
    assert again.last_exit.startswith("terminated by SIGKILL; not expected at 20")


def test_a_child_that_was_given_up_is_quoted_and_comes_back_by_itself_once_it_can(
    supervise: Callable[..., Supervisor], folders: Folders
) -> None:
    supervisor = supervise(baker=f"test -e {folders.root}/flour && exec sleep 300; echo out of flour 100%; exit 4")
    with pytest.raises(PortalError, match="baker ended by itself: out of flour 100%"):
        supervisor.wait_for("baker", lambda: False, 30)
    given_up = supervisor.states()[0].restarts
    wait_until(lambda: supervisor.states()[0].restarts > given_up, 20, "another try")
    wait_until(lambda: _state(supervisor, "baker") == "FATAL", 20, "the end of that try")
    (folders.root / "flour").touch()
    wait_until(lambda: _state(supervisor, "baker") == "RUNNING", 20, "the baker's return")


def test_a_child_that_is_never_ready_is_not_waited_for_for_ever(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(baker="echo kneading; sleep 300")
    with pytest.raises(PortalError, match="baker was not ready after 1 seconds: kneading"):
        supervisor.wait_for("baker", lambda: False, 1)


def test_a_child_that_does_not_hear_is_killed_with_its_own_children(
    supervise: Callable[..., Supervisor], folders: Folders, known: Settings
) -> None:
    supervisor = supervise(deaf=DEAF)
    wait_until(lambda: "listening" in supervisor.last_line("deaf"), 10, "the deaf child")
    family = [process.pid for process in strays(folders, known)]
    assert len(family) >= 3  # supervisor, shell, sleep
    supervisor.shut_down(["deaf"])
    assert not [pid for pid in family if _lives(pid)]


def test_children_that_outlived_their_supervisor_are_found_and_stopped(
    supervise: Callable[..., Supervisor], folders: Folders, known: Settings
) -> None:
    supervisor = supervise(baker="sleep 300")
    wait_until(lambda: _state(supervisor, "baker") == "RUNNING", 10, "the baker")
    baker = supervisor.states()[0].pid
    os.kill(int((folders.supervisor / "supervisord.pid").read_text()), signal.SIGKILL)
    wait_until(lambda: not supervisor.is_running(), 10, "the supervisor's end")
    assert _lives(baker)
    assert stop_strays(folders, known) >= 1
    assert not _lives(baker)
    assert stop_strays(folders, known) == 0


def test_processes_of_others_are_not_ours(folders: Folders, known: Settings) -> None:
    other = psutil.Popen(["sleep", "300"], env={"DIGITALCITY_PORTAL": "of another data folder"})
    try:
        assert other.pid not in [process.pid for process in strays(folders, known)]
    finally:
        other.kill()
        other.wait()


def test_the_supervisors_password_is_private(supervise: Callable[..., Supervisor], folders: Folders) -> None:
    supervisor = supervise(baker="sleep 300")
    assert (folders.supervisor / "supervisord.conf").stat().st_mode & 0o077 == 0
    right = supervisor.settings.passwords["supervisor"]
    supervisor.settings.passwords["supervisor"] = "guess"
    assert not supervisor.is_running()
    supervisor.settings.passwords["supervisor"] = right
    assert supervisor.is_running()


def test_logs_do_not_grow_for_ever(supervise: Callable[..., Supervisor], folders: Folders) -> None:
    line = "x" * 999
    supervise(chatty=f"i=0; while [ $i -lt 14000 ]; do echo {line}; i=$((i+1)); done; sleep 300")
    until = time.monotonic() + 30
    while not (folders.logs / "chatty.log.2").exists() and time.monotonic() < until:
        time.sleep(0.2)
    kept = sorted(path.name for path in Path(folders.logs).glob("chatty*"))
    assert kept == ["chatty.log", "chatty.log.1", "chatty.log.2"]
    assert sum((folders.logs / name).stat().st_size for name in kept) < 17_000_000
