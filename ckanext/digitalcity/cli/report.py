"""How a run is shown on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
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

LONGEST = 60  # characters of a value in a table


def as_table(result: dict[str, Any]) -> Table:
    """The records that had to be looked at, one a row."""
    dry = result["dry_run"]
    table = Table("Record", *(("What would happen", "Why", "What would differ") if dry else ("What happened", "Why")))
    for record in result["results"]:
        why = record["message"] or record["reason"].replace("-", " ")
        row = [record["title"], record["change"], why, *(["\n".join(_differences(record))] if dry else [])]
        table.add_row(*map(escape, row))
    return table


def _differences(record: dict[str, Any]) -> Iterator[str]:
    """The fields and files of a preview, each in a line."""
    for value in record["fields"]:
        now, then = (_short(value[key] or "nothing") for key in ("now", "then"))
        yield f"{value['part']}: {now} → {then}" if value["now"] else f"{value['part']}: {then}"
    for file in record["files"]:
        if file["change"] != "same" or file.get("errors"):
            errors = f", errors {file['errors']}" if file.get("errors") else ""
            yield f"{file['change']} file {file['name']}{errors}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def summary(result: dict[str, Any]) -> str:
    """One line of numbers: published 7, updated 0, unchanged 3, held 4, errors 2."""
    counts = result["counts"]
    line = ", ".join(f"{word} {counts.get(change, 0)}" for change, word in WORDS.items() if _counts(change, counts))
    return f"{line}. {result['message']}".strip()


def _counts(change: str, counts: dict[str, int]) -> bool:
    return change not in ("missing", "withdrawn") or bool(counts.get(change))
