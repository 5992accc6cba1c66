"""A result as Frictionless's report, with what is ours under a key of its own. No value from the file is in it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..core.explain import explain
from ..core.model import CheckResult, Json

OURS = "digitalcity"
IN_REPORT = ("report", "faults", "rejected")


def as_report(result: CheckResult, place: str) -> Json:
    """The shape of ``frictionless validate --json``.

    Where Frictionless did not come to a verdict, the reason stands among the errors of the whole report.

    Args:
        place: name or address of the file, for people.
    """
    report: Json = {**(result.report or _without_verdict(result))}
    several = len(report["tasks"]) > 1 or "members" in result.detected
    report["tasks"] = [{**task, "place": f"{place}/{task['place']}" if several else place} for task in report["tasks"]]
    facts: dict[str, Any] = asdict(result)
    ours = {key: value for key, value in facts.items() if key not in IN_REPORT}
    if not result.report:
        ours["faults"] = facts["faults"]
    return {**report, OURS: ours}


def _without_verdict(result: CheckResult) -> Json:
    said = explain(result.reason)
    note = "; ".join(fault.detail for fault in result.faults if fault.detail)
    error = {
        "type": "source-error",  # Frictionless reads back its own types only; the reason is under our key
        "title": said.title,
        "description": said.mend,
        "message": said.meaning,
        "tags": [],
        "note": note,
    }
    seconds = result.stats.get("seconds", 0)
    return {
        "valid": False,
        "stats": {"tasks": 0, "errors": 1, "warnings": 0, "seconds": seconds},
        "warnings": [],
        "errors": [error],
        "tasks": [],
    }
