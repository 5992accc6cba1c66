"""How a run is shown on a terminal."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

WORDS = {
    "published": "published",
    "updated": "updated",
    "unchanged": "unchanged",
    "held": "held",
    "error": "errors",
    "missing": "no longer listed",
    "withdrawn": "withdrawn",
}


def as_table(result: dict[str, Any]) -> Table:
    """The records that had to be looked at, one a row."""
    table = Table("Record", "What happened" if not result["dry_run"] else "What would happen", "Why")
    for record in result["results"]:
        why = record["message"] or record["reason"].replace("-", " ")
        table.add_row(escape(record["title"]), record["change"], escape(why))
    return table


def summary(result: dict[str, Any]) -> str:
    """One line of numbers: published 7, updated 0, unchanged 3, held 4, errors 2."""
    counts = result["counts"]
    line = ", ".join(f"{word} {counts.get(change, 0)}" for change, word in WORDS.items() if _counts(change, counts))
    return f"{line}. {result['message']}".strip()


def _counts(change: str, counts: dict[str, int]) -> bool:
    return change not in ("missing", "withdrawn") or bool(counts.get(change))
