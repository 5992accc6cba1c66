"""One forked child of the check server: under its limits it checks a file, or one small file after another."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from . import sandbox
from .check import Limits, Request, as_json, failed
from .model import CheckResult, Json, Outcome
from .reasons import MaybeReason

MOST_ANSWER = 64_000_000
MOST_FILES, SMALL = 64, 1 << 20  # what one child may check: files, and bytes of each
PULSE = 1.0  # seconds between looks at whether our parent still lives

Judge = Callable[[Request, Limits], CheckResult]


class Child:
    """A fork of this process that answers requests until it is ended.

    Attributes:
        sound: it may go on: its last file was small, and it has said what that is; nothing went wrong.

    Args:
        judge: what the child does with a request.
        parent: pid of the server's own parent. If that is gone, nobody waits for an answer.
    """

    def __init__(self, judge: Judge, limits: Limits, parent: int) -> None:
        self.sound, self._files = True, 0
        self._limits, self._parent = limits, parent
        theirs, ours = os.pipe()
        self._inlet, outlet = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(ours)  # or it would wait for orders from itself
            os.close(self._inlet)
            _live(judge, limits, theirs, outlet)
        with contextlib.suppress(OSError):  # it does so itself, but may have to be killed before
            os.setpgid(self._pid, self._pid)
        os.close(theirs)
        os.close(outlet)
        self._orders = os.fdopen(ours, "wb")

    def fits(self, request: Request, limits: Limits) -> bool:
        """Whether it may check one more file, after what it has checked before."""
        return self.goes_on and _is_small(request) and limits == self._limits

    @property
    def goes_on(self) -> bool:
        """Whether it may check another file at all."""
        return self.sound and self._files < MOST_FILES

    def check(self, request: Request) -> bytes:
        """The result of one request as a line, whatever happens to the child."""
        self._files, self.sound = self._files + 1, False
        with contextlib.suppress(BrokenPipeError):  # if it has ended, how is seen below
            self._orders.write(json.dumps(asdict(request)).encode() + b"\n")
            self._orders.flush()
        answer, reason = self._listen()
        if answer:
            self.sound = answer.startswith(b"+") and _is_small(request)
            return answer[1:]
        status = self.end(kill=bool(reason))
        if not reason and os.WIFSIGNALED(status):
            killed_by = os.WTERMSIG(status)
            reason = "time-limit" if killed_by == signal.SIGXCPU else "crash"
            return line(failed(request, reason, signal.Signals(killed_by).name))
        return line(failed(request, reason or "crash"))

    def end(self, *, kill: bool = True) -> int:
        """Ends the child and whatever it has started: its wait status. Ends the server, too, if nobody waits for it."""
        self.sound = False
        if not self._pid:
            return 0
        if kill:
            sandbox.kill_group(self._pid)
        _, status = os.waitpid(self._pid, 0)
        sandbox.kill_group(self._pid)  # what it may have started itself must not outlive it
        self._pid = 0
        os.close(self._inlet)
        with contextlib.suppress(BrokenPipeError):
            self._orders.close()
        if os.getppid() != self._parent:
            os._exit(0)
        return status

    def _listen(self) -> tuple[bytes, MaybeReason]:
        """What the child says, without the line's end; neither that nor a reason if it has ended by itself."""
        deadline, pieces, size = time.monotonic() + self._limits.seconds, list[bytes](), 0
        while (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self._inlet], [], [], min(left, PULSE))
            if not ready:
                if os.getppid() != self._parent:
                    return b"", "crash"
                continue
            piece = os.read(self._inlet, 1 << 20)
            if not piece:
                return b"", ""
            pieces.append(piece)
            size += len(piece)
            if piece.endswith(b"\n"):
                return b"".join(pieces)[:-1], ""
            if size > MOST_ANSWER:
                return b"", "report-too-large"
        return b"", "time-limit"


def _live(judge: Judge, limits: Limits, orders: int, outlet: int) -> None:
    """The child: it checks under its limits, one request a line, and never returns."""
    code = 70
    try:
        os.closerange(3, min(orders, outlet))  # the server's own pipes are none of its business
        sandbox.enter(limits)
        with os.fdopen(orders, "rb") as requests, os.fdopen(outlet, "wb") as pipe:
            for order in requests:
                sandbox.allow_time(limits.seconds)
                result = judge(Request(**json.loads(order)), limits)
                pipe.write((b"-" if result.outcome is Outcome.ERROR else b"+") + line(result) + b"\n")
                pipe.flush()
        code = 0
    finally:
        os._exit(code)


def _is_small(request: Request) -> bool:
    path = Path(request.path)
    return path.is_file() and path.stat().st_size <= SMALL


def line(result: CheckResult) -> bytes:
    """A result as JSON, without line breaks."""
    return json.dumps(_clean(as_json(result))).encode()


def _clean(value: Json) -> Json:
    """The same without NUL characters, which PostgreSQL's jsonb cannot hold."""
    text = json.dumps(value)
    cleaned: Json = json.loads(text.replace("\\u0000", "")) if "\\u0000" in text else value
    return cleaned
