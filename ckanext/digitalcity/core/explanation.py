"""What an explanation is: plain words for one fault, in English message ids for gettext."""

from __future__ import annotations

from dataclasses import dataclass


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's extractors look for
    """Marks a message for translation by whoever shows it."""
    return message


@dataclass(frozen=True, slots=True)
class Explanation:
    """English message ids: a title, what it means, and how to mend it."""

    title: str
    meaning: str
    mend: str
