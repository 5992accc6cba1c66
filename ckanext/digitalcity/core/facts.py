"""What the child knows of one file so far."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from .check import Request
from .checks import Told, told
from .model import Fault, Finding, Json

NOTHING_TOLD = told([])


@dataclass(slots=True)
class Facts:
    """Filled in step by step, and then made into a CheckResult."""

    request: Request
    started: float = field(default_factory=time.monotonic)
    detected: Json = field(default_factory=dict)
    stats: Json = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    findings: tuple[Finding, ...] = ()
    report: Json = field(default_factory=dict)
    origin: str = ""
    newest: str | None = None
    inferred: Json = field(default_factory=dict)
    rejected: tuple[int, ...] = ()
    beyond: Told = NOTHING_TOLD
    method: Json = field(default_factory=dict)  # what has seen the whole file, nothing else
