"""Sources: the list, and one source with its health, its records and its runs."""

from __future__ import annotations

from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.digitalcity.model import UPLOAD

from .ask import ask, may, page_number, pager, part

source = Blueprint("digitalcity_source", __name__, url_prefix="/digitalcity/source")

RUNS_SHOWN = 10


@source.route("/")
def index() -> str:
    """The sources that are asked for, those first that need somebody."""
    page = page_number()
    asked = {name: tk.request.args.get(name, "").strip() for name in ("q", "organization", "health")}
    found = ask("digitalcity_source_list", **asked, **part(page))
    return str(
        tk.render(
            "digitalcity/source_list.html",
            {
                "sources": found["results"],
                "numbers": found["numbers"],
                "asked": asked,
                "query": "".join(f"{urlencode({name: value})}&" for name, value in asked.items() if value),
                "pager": pager(page, found["count"]),
            },
        )
    )


@source.route("/<id>")
def read(id: str) -> str:  # noqa: A002
    """One source, by name or id."""
    found = ask("digitalcity_source_show", id=id)
    page = page_number()
    outcome = tk.request.args.get("outcome", "")
    items = ask("digitalcity_item_list", id=found["id"], outcome=outcome, **part(page))
    runs = ask("digitalcity_run_list", id=found["id"], limit=RUNS_SHOWN)
    editable = found["kind"] != UPLOAD and not found["deleted"] and may("digitalcity_run_start", id=found["id"])
    return str(
        tk.render(
            "digitalcity/source.html",
            {
                "source": found,
                "items": items["results"],
                "outcome": outcome,
                "numbers": items["numbers"],
                "pager": pager(page, items["count"]),
                "runs": runs,
                "editable": editable,
                "proposed": ask("digitalcity_version_list", id=found["id"], limit=1)["proposed"] if editable else None,
            },
        )
    )


@source.route("/<id>/runs")
def runs(id: str) -> str:  # noqa: A002
    """The whole history of a source's runs."""
    found = ask("digitalcity_source_show", id=id)
    page = page_number()
    history = ask("digitalcity_run_list", id=found["id"], **part(page))
    return str(
        tk.render(
            "digitalcity/run_list.html",
            {"source": found, "runs": history["results"], "pager": pager(page, history["count"])},
        )
    )
