"""What the checking child may not do: use more than its limits, write files, reach the network, start programs."""

from __future__ import annotations

import csv
import ctypes
import math
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .check import Limits

PR_SET_PDEATHSIG = 1  # prctl(2)
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # unshare(2)
REFUSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "pty.", "ctypes.")


class Forbidden(PermissionError):
    """The code that reads a file tried something that reading a file does not need."""


def leave_network() -> None:
    """Puts this process, and all that it will start, into an empty network of its own, before it has any thread.

    Once for the server: the kernel takes longer to clear such a network away than a small file to check. Where it does
    not let us, the audit hook of ``enter`` still refuses sockets.
    """
    if sys.platform == "linux":
        # Root takes no user namespace: in one it could no longer read other users' files.
        ctypes.CDLL(None).unshare(CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWUSER | CLONE_NEWNET)


def enter(limits: Limits) -> None:
    """Puts this process under its limits, for good."""
    server = os.getppid()
    os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # a traceback on stderr could quote a cell
        os.dup2(silence, stream)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:  # it died before we asked to be told
            os._exit(70)
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.unpacked),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    csv.field_size_limit(limits.cell)
    sys.addaudithook(_refuse)


def allow_time(seconds: float) -> None:
    """Ends this process (SIGXCPU) when it has used so much more processor time than until now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _refuse(event: str, _: object) -> None:
    if event.startswith(REFUSED):
        raise Forbidden(event)


def kill_group(leader: int) -> None:
    """Ends a child and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
