"""The process behind ``Checker``: imports everything once, then forks a limited child for each request line.

One JSON request a line on stdin, one JSON result a line on stdout. It ends when stdin closes or its parent dies,
and takes a running child with it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import time
from typing import BinaryIO

from . import sandbox
from .check import Limits, Request, as_json, failed
from .examine import examine, rehearse, warm_up
from .model import CheckResult, Json
from .reasons import MaybeReason, Unchecked

MOST_ANSWER = 64_000_000
PULSE = 1.0  # seconds between looks at whether our parent still lives


def main() -> None:
    """Serves until there is nobody left to serve."""
    answers = os.fdopen(os.dup(1), "wb")
    # a library that prints must not write into our answers
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    parent = os.getppid()
    warm_up()
    _share()
    requests, rehearsed = os.fdopen(0, "rb", buffering=0), False
    while line := _next_line(requests, parent):
        order = json.loads(line)
        request, limits = Request(**order["request"]), Limits(**order["limits"])
        answers.write(_serve(request, limits, parent) + b"\n")
        answers.flush()
        if not rehearsed:  # who checks one file need not wait for it
            rehearse()
            _share()
            rehearsed = True


def _share() -> None:
    """The children share our pages: the collector must not touch, and so copy, them."""
    gc.collect()
    gc.freeze()


def _next_line(requests: BinaryIO, parent: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([requests], [], [], PULSE)
        if not ready:
            if os.getppid() != parent:
                return b""
            continue
        piece = os.read(requests.fileno(), 1 << 20)
        if not piece:
            return b""
        line += piece
    return line


def _serve(request: Request, limits: Limits, parent: int) -> bytes:
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inlet)
        _child(request, limits, outlet)
    os.close(outlet)
    answer, reason = _listen(inlet, limits.seconds, parent)
    os.close(inlet)
    if reason:
        sandbox.kill_group(child)
    _, status = os.waitpid(child, 0)
    # what the child may have started itself must not outlive it
    sandbox.kill_group(child)
    if os.getppid() != parent:
        os._exit(0)
    if not reason and os.WIFSIGNALED(status):
        killed_by = os.WTERMSIG(status)
        reason = "time-limit" if killed_by == signal.SIGXCPU else "crash"
        return _line(failed(request, reason, signal.Signals(killed_by).name))
    if not reason and os.waitstatus_to_exitcode(status) != 0:
        reason = "crash"
    return _line(failed(request, reason)) if reason else answer


def _listen(inlet: int, seconds: float, parent: int) -> tuple[bytes, MaybeReason]:
    """Reads what the child says until it stops; the second value names what went wrong."""
    deadline, pieces, size = time.monotonic() + seconds, list[bytes](), 0
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([inlet], [], [], min(left, PULSE))
        if not ready:
            if os.getppid() != parent:
                return b"", "crash"
            continue
        piece = os.read(inlet, 1 << 20)
        if not piece:
            return b"".join(pieces), ""
        pieces.append(piece)
        size += len(piece)
        if size > MOST_ANSWER:
            return b"", "report-too-large"
    return b"", "time-limit"


def _child(request: Request, limits: Limits, outlet: int) -> None:
    """Runs the check under its limits and never returns."""
    code = 70
    try:
        sandbox.enter(limits)
        answer = _line(judge(request, limits))
        with os.fdopen(outlet, "wb") as pipe:
            pipe.write(answer)
        code = 0
    finally:
        os._exit(code)


def judge(request: Request, limits: Limits) -> CheckResult:
    """The one place where an exception becomes a result; none becomes a pass, none brings its message along."""
    try:
        return examine(request, limits)
    except Unchecked as known:
        return failed(request, known.reason)
    except MemoryError:
        return failed(request, "memory-limit")
    except RecursionError:
        return failed(request, "too-deep")
    except sandbox.Forbidden:
        return failed(request, "forbidden")
    except UnicodeError:
        return failed(request, "wrong-encoding")
    except OSError:
        return failed(request, "unreadable")
    except BaseException as unknown:  # noqa: BLE001 - a parser's message may quote a cell: only its class goes on
        return failed(request, "crash", type(unknown).__name__)


def _line(result: CheckResult) -> bytes:
    return json.dumps(_clean(as_json(result))).encode()


def _clean(value: Json) -> Json:
    """The same without NUL characters, which PostgreSQL's jsonb cannot hold."""
    text = json.dumps(value)
    cleaned: Json = json.loads(text.replace("\\u0000", "")) if "\\u0000" in text else value
    return cleaned
