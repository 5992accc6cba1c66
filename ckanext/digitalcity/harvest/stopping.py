"""SIGTERM: a worker that is asked to stop finishes what it has in hand and begins no other record."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def until_stopped() -> Iterator[threading.Event]:
    """An event that SIGTERM sets. The signal takes its usual course when the block is left, with nothing in hand."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked  # Python hears signals in its main thread alone
        return
    before = signal.signal(signal.SIGTERM, lambda *_: asked.set())
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
        if asked.is_set():
            signal.raise_signal(signal.SIGTERM)
