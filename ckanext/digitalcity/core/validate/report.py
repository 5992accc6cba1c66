"""Frictionless's report without any value from inside the file: an allow-list, so that what is new stays out."""

from __future__ import annotations

import re
from collections.abc import Callable

from frictionless import Error, Report

from ..model import Fault, Json

# Notes that quote only the schema or a row number, by error type. Every other note is left out.
NOTES = {
    "type-error": re.compile(r'(array item )?type is "[^"]*"|expected item type is "[^"]*"'),
    "constraint-error": re.compile(r'(array item )?constraint "\w+" is ".*"', re.S),
    "unique-error": re.compile(r"the same as in the row at position \d+"),
    "primary-key": re.compile(
        r'the same as in the row at position \d+|cells composing the primary keys are all "None"'
    ),
    "duplicate-label": re.compile(r'at position "[\d, ]+"'),
    "field-count": re.compile(r'expected is "\d+" and actual is "\d+"'),
    "row-count": re.compile(r'expected is "\d+" and actual is "\d+"'),
}
LONGEST = 200

# Where Frictionless quotes the file. It reads a report back only if these are there, so they stay, without the values.
BLANK: Json = {"cells": [], "cell": "", "labels": [], "label": ""}


def note_of(error: Error) -> str:
    """What the rule expected, if that can be said without the value that was found."""
    known = NOTES.get(error.type)
    note = str(error.note).replace("/default", "")
    if not known or not known.fullmatch(note):
        return ""
    return note if len(note) <= LONGEST else note[: LONGEST - 1] + "…"


def fault_of(error: Error, shown: Callable[[int], str]) -> Fault:
    """An error in the shape every report shows.

    Args:
        shown: name to show for a column by its position: never a header that is really data.
    """
    position = getattr(error, "field_number", None)
    header = getattr(error, "row_numbers", None) or [None]
    # a column that is not in the file has its name from the schema
    name = getattr(error, "field_name", None) if error.type == "missing-label" else None
    return Fault(
        rule=error.type,
        row=getattr(error, "row_number", header[0]),
        field=name or (shown(position) if position else None),
        position=position,
        detail=note_of(error),
    )


def report_of(report: Report, faults: list[Fault], total: int, labels: list[str], sha256: str) -> Json:
    """The report's descriptor, each part chosen by name and each message written anew."""
    task = report.tasks[0]
    stats = {key: task.stats[key] for key in ("fields", "rows", "bytes", "seconds") if key in task.stats}
    warnings = [] if total == len(faults) else [f"reached error limit: {len(faults)}"]
    counted = {"errors": total, "warnings": len(warnings)}
    return {
        "valid": total == 0,
        "stats": {"tasks": 1, **counted, "seconds": report.stats["seconds"]},
        "warnings": [],
        "errors": [],
        "tasks": [
            {
                "name": "table",
                "type": "table",
                "valid": total == 0,
                "place": sha256,
                "labels": labels,
                "stats": {**stats, "sha256": sha256, **counted},
                "warnings": warnings,
                "errors": [_entry(e, f) for e, f in zip(task.errors, faults, strict=True)],
            }
        ],
    }


def _entry(error: Error, fault: Fault) -> Json:
    where = [f"row {fault.row}"] if fault.row else []
    where += [f'column "{fault.field}"'] if fault.field else []
    message = f"{error.title}: {', '.join(where)}" if where else error.title
    facts = {"rowNumber": fault.row, "fieldName": fault.field, "fieldNumber": fault.position}
    own = {key: blank for key, blank in BLANK.items() if hasattr(error, key)}
    if hasattr(error, "field_name"):
        own["fieldName"] = ""  # unless we know what to call it
    if hasattr(error, "row_numbers"):
        own["rowNumbers"] = list(error.row_numbers)
    return {
        "type": error.type,
        "title": error.title,
        "description": error.description,
        "message": f"{message}: {fault.detail}" if fault.detail else message,
        "tags": list(error.tags),
        "note": fault.detail,
        **own,
        **{key: value for key, value in facts.items() if value is not None},
    }
