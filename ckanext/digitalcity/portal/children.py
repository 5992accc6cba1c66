"""Runs helpers of the launcher so that none outlives it. Standard library only."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from ckanext.digitalcity.portal.errors import Interrupted, PortalError
from ckanext.digitalcity.portal.folders import lock_handles
from ckanext.digitalcity.portal.steps import ASKED

FULL = ("No space left on device", "Disk quota exceeded")


def run_logged(
    command: Sequence[str | Path],
    log: Path,
    env: Mapping[str, str],
    *,
    stdin: str = "",
    cwd: Path | None = None,
    **options: Any,
) -> int:
    """Run a command to its end with everything it says added to ``log``; returns its exit code.

    It gets a process group of its own, which is killed if we are interrupted meanwhile.
    """
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        out.flush()
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            pass_fds=lock_handles(),  # should we be killed, nobody else begins before it has ended
            **options,
        )
        try:
            process.communicate(stdin.encode())
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    return process.returncode


def why(log: Path) -> str:
    """The last thing that was said in a log, for a message; a full disk wins over everything."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    for line in lines[-30:]:
        if any(words in line for words in FULL):
            raise disk_full(log.parent)
    return lines[-1][:300] if lines else "no reason was given"


def disk_full(path: Path) -> PortalError:
    """The error for a disk without room."""
    return PortalError(f"The disk that holds {path} is full.", "Free some space, then run the same command again.")


@contextmanager
def expected_faults(path: Path) -> Iterator[None]:
    """Turn what can be expected to go wrong on a machine into one sentence; make SIGTERM end us like Ctrl-C."""
    ASKED.clear()

    def stop(number: int, frame: FrameType | None) -> None:
        ASKED.set()
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup asks for exactly that
            signal.signal(number, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("Stopped, as you asked.", "Run the same command again to go on.") from None
    except PermissionError as error:
        raise PortalError(
            f"Not allowed: {error.filename or error}.", "Use the same user that first ran './portal up'."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(path) from error
        if error.errno == errno.EROFS:
            hint = "Give another folder with --data."
            raise PortalError(f"The disk that holds {path} is read-only.", hint) from error
        raise
