"""What goes wrong on a machine, said in one sentence; and helpers that never outlive the launcher."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from ckanext.digitalcity.portal.children import expected_faults, run_logged, why
from ckanext.digitalcity.portal.errors import Interrupted, PortalError
from ckanext.digitalcity.portal.steps import Steps

RUN_A_HELPER = """
import os, signal, sys
from pathlib import Path
from ckanext.digitalcity.portal.children import expected_faults, run_logged
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore Ctrl-C
with expected_faults(Path(".")):
    run_logged(["sh", "-c", "sleep 300 & echo $! > pids; sleep 300"], Path("log"), os.environ)
"""


def test_a_helpers_words_and_exit_code_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert run_logged(["sh", "-c", "cat; echo no flour; exit 3"], log, os.environ, stdin="salt\n") == 3
    assert why(log) == "no flour"
    assert "salt" in log.read_text()


def test_a_full_disk_is_recognised_in_what_a_helper_said(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("error: cannot write x: No space left on device (os error 28)\nAborting\n")
    with pytest.raises(PortalError, match=rf"disk that holds {tmp_path} is full"):
        why(log)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_sentence(tmp_path: Path, number: int) -> None:
    with pytest.raises(PortalError, match="is full"), expected_faults(tmp_path):
        raise OSError(number, os.strerror(number))


def test_a_file_of_another_user_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PortalError, match="same user that first ran"), expected_faults(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied", "settings.json")


def test_a_fault_that_nobody_expected_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), expected_faults(tmp_path):
        raise ZeroDivisionError


def test_ctrl_c_that_a_library_swallows_ends_us_after_the_step(tmp_path: Path) -> None:
    before, out = signal.signal(signal.SIGINT, signal.default_int_handler), io.StringIO()
    try:
        with pytest.raises(Interrupted), expected_faults(tmp_path):
            with Steps(out).step("Baking"), suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            raise AssertionError("it went on")
        with expected_faults(tmp_path), Steps(out).step("Baking again"):
            pass
    finally:
        signal.signal(signal.SIGINT, before)
    assert "Baking ... failed" in out.getvalue()
    assert "Baking again ... done" in out.getvalue()


def test_ctrl_c_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Interrupted, match="Stopped, as you asked"), expected_faults(tmp_path):
        raise KeyboardInterrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_takes_the_helper_and_its_children_along(tmp_path: Path, number: signal.Signals) -> None:
    launcher = subprocess.Popen([sys.executable, "-c", RUN_A_HELPER], cwd=tmp_path, stderr=subprocess.PIPE)
    pids = tmp_path / "pids"
    until = time.monotonic() + 20
    while not (pids.exists() and pids.read_text().strip()) and time.monotonic() < until:
        time.sleep(0.05)
    grandchild = psutil.Process(int(pids.read_text()))
    launcher.send_signal(number)
    _, said = launcher.communicate(timeout=20)
    assert launcher.returncode != 0
    assert b"Interrupted" in said
    psutil.wait_procs([grandchild], timeout=10)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE
