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
from ckanext.digitalcity.harvest.stage import StorageStage

from .ask import ask

report = Blueprint("digitalcity_report", __name__, url_prefix="/digitalcity/report")

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@report.route("/<id>")
def read(id: str) -> str:  # noqa: A002
    """The report page."""
    found = ask("digitalcity_report_show", id=id)
    result = found["result"]
    shown = list(groups(result["faults"], result["stats"].get("rules", {}), config.rows_shown()))
    beyond = list(groups(result.get("beyond", []), result["stats"].get("beyond", {}), config.rows_shown()))
    findings = [{**finding, "about": explain(finding["rule"])} for finding in result["findings"]]
    why = explain(result["reason"]) if result["outcome"] in ("error", "held") else None
    return str(
        tk.render(
            "digitalcity/report.html",
            {
                "report": found,
                "result": result,
                "groups": shown,
                "beyond": beyond,
                "findings": findings,
                "why": why,
            },
        )
    )


@report.route("/<id>.csv")
def as_csv(id: str) -> Response:  # noqa: A002
    """The listed faults, and where personal data is suspected, in the language of the page.

    A table that opens safely in a spreadsheet, without any value from the file.
    """
    result = ask("digitalcity_report_show", id=id)["result"]
    _ = tk._
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            _("Rule"),
            _("Row"),
            _("Column number"),
            _("Column"),
            _("What it means"),
            _("What was expected"),
            _("What to do"),
        ]
    )
    for fault in [*result["faults"], *result.get("beyond", [])]:
        said = explain(fault["rule"])
        cells = (
            fault["rule"],
            fault.get("row"),
            fault.get("position"),
            fault.get("field"),
            f"{_(said.title)}. {_(said.meaning)}",
            fault.get("detail"),
            _(said.mend),
        )
        writer.writerow([harmless(cell) for cell in cells])
    for finding in result["findings"]:
        said = explain(finding["rule"])
        many = tk.ungettext("{num} cell", "{num} cells", finding["count"]).format(num=finding["count"])
        about = (f"{_(said.title)}. {_(said.meaning)}", many, _(said.mend))
        for row in finding["rows"] or [None]:
            writer.writerow([harmless(cell) for cell in (finding["rule"], row, None, finding["field"], *about)])
    response = Response(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="report-{id}.csv"'
    return response


@report.route("/<id>/file")
def file(id: str) -> Response:  # noqa: A002
    """The table as it was fetched, where rows were left out of the published one."""
    facts = ask("digitalcity_report_file", id=id)
    with StorageStage(config.stage_storage(), config.file_limit()) as stage:
        response = Response(stage.stream(facts["sha256"]), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="fetched-{id}.csv"'
    return response


@report.route("/<id>.json")
def as_json(id: str) -> Response:  # noqa: A002
    """The report in the shape of Frictionless's own, without any value from the file."""
    return jsonify(ask("digitalcity_report_show", id=id)["result"]["report"])


def groups(faults: list[dict[str, Any]], totals: dict[str, int], most: int) -> Iterator[dict[str, Any]]:
    """Faults by rule, the commonest first; each rule shows its fair part of the rows.

    Args:
        totals: all faults by rule; ``faults`` may list fewer, and of a rule that came late none.
        most: rows that all groups may show together.
    """
    listed = Counter(fault["rule"] for fault in faults)
    counts = Counter({**listed, **{rule: max(total, listed[rule]) for rule, total in totals.items()}})
    each = max(most // max(len(counts), 1), 1)
    for rule, count in counts.most_common():
        rows = [fault for fault in faults if fault["rule"] == rule]
        yield {"rule": rule, "about": explain(rule), "count": count, "listed": len(rows), "rows": rows[:each]}


def harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
