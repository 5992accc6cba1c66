"""Shows what is being done, how far it is and how long it has taken. Standard library only."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

ASKED = (
    threading.Event()
)  # somebody wants us to stop. What the signal raised may have been lost in a callback of Python's
STARTED = "DIGITALCITY_STARTED"  # the first process hands its start time to the one it becomes


class Progress:
    """How far one step is: what :attr:`look` returns, is shown behind its name."""

    def __init__(self) -> None:
        self.look: Callable[[], str] = lambda: ""

    def count(self, done: int, of: int) -> None:
        """Show it as ``3 of 7``."""
        self.say(f"{done} of {of}")

    def say(self, note: str) -> None:
        """Show this until something else is to be shown."""
        self.look = lambda: note

    def __str__(self) -> str:
        note = self.look()
        return f" ({note})" if note else ""


class Steps:
    """Prints one line a step. On a terminal the line lives while the step runs."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.started = float(os.environ.get(STARTED) or time.monotonic())
        self.live = self.out.isatty()

    @property
    def elapsed(self) -> float:
        """Seconds since the command was typed."""
        return time.monotonic() - self.started

    @contextmanager
    def step(self, name: str, progress: Progress | None = None) -> Iterator[Progress]:
        """Show a step from its beginning to its end, also when it fails; ``progress`` if it began before.

        Raises:
            KeyboardInterrupt: we were asked to stop meanwhile.
        """
        progress, began, over = progress or Progress(), time.monotonic(), threading.Event()
        ticker = threading.Thread(target=self._tick, args=(name, progress, began, over), daemon=True)
        if self.live:
            ticker.start()
        else:
            self._write(f"  {name} ... ")
        word = "failed"
        try:
            yield progress
            if ASKED.is_set():
                raise KeyboardInterrupt
            word = "done"
        finally:
            over.set()
            if self.live:
                ticker.join()
            seconds = time.monotonic() - began
            head = f"\r\033[K  {name}{progress} " if self.live else ""
            self._write(f"{head}{word} in {seconds:.1f} s  [{self.elapsed:.0f} s]\n")

    def say(self, text: str = "") -> None:
        """Print a line of its own."""
        self._write(f"{text}\n")

    def _tick(self, name: str, progress: Progress, began: float, over: threading.Event) -> None:
        while not over.is_set():
            self._write(f"\r\033[K  {name}{progress} ... {time.monotonic() - began:.0f} s")
            over.wait(0.5)

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
