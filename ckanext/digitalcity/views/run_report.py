"""The report of a run as a table and as JSON: every record that had to be looked at, however many there are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, stream_with_context

from ckanext.digitalcity import words

from .ask import ask
from .report import harmless

run_report = Blueprint("digitalcity_run_report", __name__, url_prefix="/digitalcity/run")

AT_ONCE = 1000
Records = Iterator[list[dict[str, Any]]]


@run_report.route("/<id>.csv")
def as_csv(id: str) -> Response:  # noqa: A002
    """One row a record, in the language of the page; opens safely in a spreadsheet."""
    return _sent(id, _csv, "text/csv; charset=utf-8", "csv")


@run_report.route("/<id>.json")
def as_json(id: str) -> Response:  # noqa: A002
    """The run as ``digitalcity_run_show`` gives it, with all its records."""
    return _sent(id, _json, "application/json", "json")


def _sent(id_: str, write: Callable[[dict[str, Any], Records], Iterator[str]], kind: str, ending: str) -> Response:
    change = tk.request.args.get("change", "")
    run = ask("digitalcity_run_show", id=id_, change=change, limit=1)
    response = Response(stream_with_context(write(run, _records(run["id"], change))), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="run-{run["id"]}.{ending}"'
    return response


def _records(id_: str, change: str) -> Records:
    after = -1
    while part := ask("digitalcity_run_records", id=id_, change=change, after=after, limit=AT_ONCE)["results"]:
        yield part
        after = part[-1]["position"]


def _csv(run: dict[str, Any], parts: Records) -> Iterator[str]:
    _ = tk._
    yield "\ufeff" + _rows(
        [
            [
                _("Record"),
                _("Id at the source"),
                _("What happened"),
                _("Why"),
                _("Details"),
                _("When (UTC)"),
                _("Dataset"),
            ]
        ]
    )
    for part in parts:
        yield _rows(
            [
                record["title"],
                record["remote_id"],
                _(words.word("change", record["change"]).text),
                _(words.word("reason", record["reason"]).text) if record["reason"] else "",
                record["message"],
                record["finished"] or "",
                tk.url_for("dataset.read", id=record["dataset_id"], qualified=True) if record["dataset_id"] else "",
            ]
            for record in part
        )


def _rows(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _json(run: dict[str, Any], parts: Records) -> Iterator[str]:
    head = {key: value for key, value in run.items() if key != "results"}
    yield json.dumps(head)[:-1] + ', "results": ['
    for number, part in enumerate(parts):
        yield (", " if number else "") + ", ".join(json.dumps(record) for record in part)
    yield "]}"
