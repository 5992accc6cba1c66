"""Real worker processes that share a test's portal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
CKAN = Path(sys.executable).with_name("ckan")
WORKER = ("jobs", "worker")
RUN = ("digitalcity", "harvest", "run", "council", "--json")
Start = Callable[..., psutil.Popen]


@pytest.fixture
def ini(portal: Any, tmp_path: Path) -> Path:
    """A configuration for child processes that share this test's portal."""
    prefix = "ckan.files.storage.digitalcity_stage"
    lines = ["[app:main]", f"use = config:{ROOT / 'test.ini'}"]
    lines += [f"{prefix}.{key} = {portal[f'{prefix}.{key}']}" for key in ("type", "path", "initialize")]
    path = tmp_path / "worker.ini"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def start(ini: Path) -> Iterator[Start]:
    """Starts a ``ckan`` command in a session of its own; all are killed with the test."""
    started: list[psutil.Popen] = []

    def run(*words: str) -> psutil.Popen:
        command = [str(CKAN), "-c", str(ini), *words]
        with (ini.parent / "workers.log").open("ab") as log:
            process = psutil.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        started.append(process)
        return process

    yield run
    for process in started:
        kill(process)


def kill(process: psutil.Popen) -> None:
    """SIGKILL for the leader of a session and all that it started, also what it was about to start."""
    while left := list(_alive(process)):
        for one in left:
            one.kill()
        psutil.wait_procs(left, timeout=5)
    process.wait()


def _alive(leader: psutil.Popen) -> Iterator[psutil.Process]:
    if psutil.pid_exists(leader.pid) and not leader.is_running():
        return  # it ended long ago, and its number is another's by now
    for one in psutil.process_iter():
        try:
            if os.getsid(one.pid) == leader.pid and one.status() != psutil.STATUS_ZOMBIE:
                yield one
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
