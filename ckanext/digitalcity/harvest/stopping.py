"""Signals that ask to stop: what is in hand is finished first, and nothing else is begun."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def until_stopped() -> Iterator[threading.Event]:
    """An event that SIGTERM sets. The signal takes its usual course when the block is left, with nothing in hand."""
    try:
        with hearing(signal.SIGTERM) as asked:
            yield asked
    finally:
        if asked.is_set():
            signal.raise_signal(signal.SIGTERM)


@contextmanager
def hearing(*numbers: signal.Signals) -> Iterator[threading.Event]:
    """An event that these signals set, for as long as the block lasts: whoever is in it decides what they mean."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked  # Python hears signals in its main thread alone
        return
    before = [(number, signal.signal(number, lambda *_: asked.set())) for number in numbers]
    try:
        yield asked
    finally:
        for number, handler in before:
            signal.signal(number, handler or signal.SIG_DFL)
