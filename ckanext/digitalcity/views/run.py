"""Runs: one run with what became of its records, and the buttons that start and stop one."""

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
    change = tk.request.args.get("change", "")
    found = ask("digitalcity_run_show", id=id, change=change, **part(page))
    source = ask("digitalcity_source_show", id=found["source_id"])
    return str(
        tk.render(
            "digitalcity/run.html",
            {
                "run": found,
                "source": source,
                "change": change,
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


@run.route("/run/<id>/abort", methods=["POST"])
@own_token
def abort(id: str) -> Response:  # noqa: A002
    """Stops a run, and shows what it had done by then."""
    try:
        ask("digitalcity_run_abort", id=id)
    except tk.ValidationError:
        tk.h.flash_notice(tk._("This run has ended already."))
    else:
        tk.h.flash_success(tk._("The run is stopped. What it had finished stays as it is."))
    response: Response = tk.redirect_to("digitalcity_run.read", id=id)
    return response


def withdrawals_held(found: dict[str, Any]) -> bool:
    """Whether the run found so many records missing that it withdrew none of them."""
    counts = found["counts"]
    return bool(found["state"] == "finished" and found["message"] and counts.get("missing", 0))
