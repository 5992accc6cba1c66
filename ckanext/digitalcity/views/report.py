"""A validation report: how the file was read, what is wrong with it, and how to mend it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, jsonify

from ckanext.digitalcity import config
from ckanext.digitalcity.core.explain import explain

from .ask import ask

report = Blueprint("digitalcity_report", __name__, url_prefix="/digitalcity/report")

COLUMNS = ("rule", "row", "field", "position", "detail")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@report.route("/<id>")
def read(id: str) -> str:  # noqa: A002
    """The report page."""
    found = ask("digitalcity_report_show", id=id)
    result = found["result"]
    shown = list(groups(result["faults"], config.rows_shown()))
    findings = [{**finding, "about": explain(finding["rule"])} for finding in result["findings"]]
    why = explain(result["reason"]) if result["outcome"] in ("error", "held") else None
    return str(
        tk.render(
            "digitalcity/report.html",
            {"report": found, "result": result, "groups": shown, "findings": findings, "why": why},
        )
    )


@report.route("/<id>.csv")
def as_csv(id: str) -> Response:  # noqa: A002
    """All faults as a table that opens safely in a spreadsheet."""
    faults = ask("digitalcity_report_show", id=id)["result"]["faults"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(fault.get(column)) for column in COLUMNS] for fault in faults)
    response = Response(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="report-{id}.csv"'
    return response


@report.route("/<id>.json")
def as_json(id: str) -> Response:  # noqa: A002
    """The report in the shape of Frictionless's own, without any value from the file."""
    return jsonify(ask("digitalcity_report_show", id=id)["result"]["report"])


def groups(faults: list[dict[str, Any]], most: int) -> Iterator[dict[str, Any]]:
    """Faults by rule, the commonest first; each rule shows its fair part of the rows.

    Args:
        most: rows that all groups may show together.
    """
    counts = Counter(fault["rule"] for fault in faults)
    each = max(most // max(len(counts), 1), 1)
    for rule, count in counts.most_common():
        rows = [fault for fault in faults if fault["rule"] == rule]
        yield {"rule": rule, "about": explain(rule), "count": count, "rows": rows[:each]}


def harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
