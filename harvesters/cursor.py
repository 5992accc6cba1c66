"""How far a Thing's observations have been read: the opaque position that travels with a published record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """What is public of one Datastream.

    Attributes:
        newest: newest phenomenonTime, time zone aware.
        months: those that have a file, as ``2026-03``.
        read: when they were read, by our clock, time zone aware; None if it is not known.
    """

    newest: datetime
    months: tuple[str, ...]
    read: datetime | None = None

    def starts(self) -> list[datetime]:
        """The first moment of each month, in UTC."""
        return [datetime.fromisoformat(f"{month}-01T00:00:00Z") for month in self.months]


def write_cursor(seen: Mapping[str, Seen]) -> str | None:
    """Positions by Datastream as text; None if there are none."""
    facts = {
        id_: {"newest": s.newest.isoformat(), "months": s.months, **({"read": s.read.isoformat()} if s.read else {})}
        for id_, s in sorted(seen.items())
    }
    return json.dumps(facts) if facts else None


def read_cursor(text: str | None) -> dict[str, Seen]:
    """What ``write_cursor`` wrote; nothing if it is not that, so that all is read again."""
    try:
        facts = json.loads(text or "{}")
        found = {id_: _seen(stated) for id_, stated in facts.items()}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return {}
    return found


def _seen(stated: Any) -> Seen:
    newest, read = (stated.get(name) and datetime.fromisoformat(stated[name]) for name in ("newest", "read"))
    seen = Seen(newest.astimezone(UTC), tuple(stated["months"]), read.astimezone(UTC) if read else None)
    seen.starts()  # fails where a month is none
    return seen
