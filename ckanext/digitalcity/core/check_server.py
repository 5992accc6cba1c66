"""The process behind ``Checker``: imports everything once, then forks a limited child for each request line.

One JSON request a line on stdin, one JSON result a line on stdout. It ends when stdin closes or its parent dies,
and takes a running child with it.
"""

from __future__ import annotations

import gc
import json
import os
import select
from typing import BinaryIO

from . import sandbox
from .check import Limits, Request, failed
from .check_child import PULSE, Child
from .examine import examine, rehearse
from .model import CheckResult
from .reasons import Unchecked


def main() -> None:
    """Serves until there is nobody left to serve."""
    answers = os.fdopen(os.dup(1), "wb")
    # a library that prints must not write into our answers
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    parent = os.getppid()
    gc.freeze()  # the children share our pages: the collector must not touch, and so copy, them
    requests, server, rehearsed = os.fdopen(0, "rb", buffering=0), Server(parent), False
    while line := _next_line(requests, parent):
        order = json.loads(line)
        request, limits = Request(**order["request"]), Limits(**order["limits"])
        answers.write(server.answer(request, limits, of_one_source=order["of_one_source"]) + b"\n")
        answers.flush()
        if not rehearsed and server.is_idle:  # nobody waits for it, neither the first file nor the same child's next
            rehearse()
            gc.collect()
            gc.freeze()
            rehearsed = True


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


class Server:
    """Has requests answered by children, whose number of files and limits it minds."""

    def __init__(self, parent: int) -> None:
        self._parent = parent
        self._child: Child | None = None

    def answer(self, request: Request, limits: Limits, *, of_one_source: bool) -> bytes:
        """The result as a line of JSON.

        What a child that has checked other files of the source says of the data counts. If a check could not finish, a
        child of its own tries again, for what came before may have been the reason.
        """
        child = self._child
        if child and child.fits(request, limits):
            answer = child.check(request)
            if child.sound:
                return answer
        if child:
            child.end()
        self._child = child = Child(judge, limits, self._parent)
        answer = child.check(request)
        if not (of_one_source and child.sound):
            child.end()
        return answer

    @property
    def is_idle(self) -> bool:
        """Whether no child is there for the next file."""
        return self._child is None or not self._child.goes_on


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
