"""Runs: one run with what became of each record, and the button that starts one."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from .ask import ask, may, page_number, pager, part
from .csrf import own_token
from .source_fault import refused

run = Blueprint("digitalcity_run", __name__, url_prefix="/digitalcity")


@run.route("/run/<id>")
def read(id: str) -> str:  # noqa: A002
    """The run page."""
    page = page_number()
    found = ask("digitalcity_run_show", id=id, **part(page))
    source = ask("digitalcity_source_show", id=found["source_id"])
    return str(
        tk.render(
            "digitalcity/run.html",
            {
                "run": found,
                "source": source,
                "pager": pager(page, found["count"]),
                "withdrawals_held": withdrawals_held(found),
                "editable": may("digitalcity_run_start", id=source["id"]),
            },
        )
    )


@run.route("/run/<id>/progress")
def progress(id: str) -> Response:  # noqa: A002
    """The part of the run page that changes while the run works; tells HTMX to reload the page at the end."""
    found = ask("digitalcity_run_show", id=id, limit=1)
    response = make_response(tk.render("digitalcity/snippets/progress.html", {"run": found}))
    if found["finished"]:
        response.headers["HX-Refresh"] = "true"
    return response


@run.route("/source/<id>/run", methods=["POST"])
@own_token
def start(id: str) -> Response:  # noqa: A002
    """Starts a run, or shows the one that is under way."""
    allow = tk.request.form.get("allow_withdrawals") == "yes"
    try:
        started = ask("digitalcity_run_start", id=id, allow_withdrawals=allow)
    except tk.ValidationError as wrong:
        tk.h.flash_error(refused(wrong))
        refusal: Response = tk.redirect_to("digitalcity_source.read", id=id)
        return refusal
    response: Response = tk.redirect_to("digitalcity_run.read", id=started["id"])
    return response


def withdrawals_held(found: dict[str, Any]) -> bool:
    """Whether the run found so many records missing that it withdrew none of them."""
    counts = found["counts"]
    return bool(found["state"] == "finished" and found["message"] and counts.get("missing", 0))
