"""Every reason why a whole file did not pass its check, in one list: the types see to it that there is no other."""

from __future__ import annotations

from typing import Literal

from .errors import Skippable

Reason = Literal[
    "invalid",
    "personal-data",
    "cannot-check",
    "several-sheets",
    "several-layers",
    "no-rows",
    "one-column",
    "repeated-header",
    "nul-characters",
    "empty",
    "format-mismatch",
    "html-page",
    "lfs-pointer",
    "unreadable",
    "encrypted",
    "bomb",
    "too-large",
    "giant-cell",
    "mixed-encoding",
    "wrong-encoding",
    "no-header",
    "no-sheet",
    "no-layer",
    "no-contents",
    "computed-layer",
    "other-members",
    "package-invalid",
    "unsuitable-archive",
    "broken-geometry",
    "ambiguous-columns",
    "schema-invalid",
    "time-limit",
    "memory-limit",
    "report-too-large",
    "too-deep",
    "forbidden",
    "crash",
]
MaybeReason = Reason | Literal[""]


class Unchecked(Skippable):
    """A file that cannot be checked, or not to its end. It is never passed."""

    reason: Reason

    def __init__(self, message: str, hint: str = "", *, reason: Reason) -> None:
        super().__init__(message, hint, reason)
