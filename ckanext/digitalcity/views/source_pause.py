"""Pausing the schedule of a source with a reason, and taking it up again."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from .ask import ask, may
from .csrf import own_token
from .source_fault import refused

source_pause = Blueprint("digitalcity_source_pause", __name__, url_prefix="/digitalcity/source")


@source_pause.route("/<id>/pause", methods=["GET", "POST"])
@own_token
def pause(id: str) -> str | Response | tuple[str, int]:  # noqa: A002
    """Asks why, and pauses the schedule."""
    found = ask("digitalcity_source_show", id=id)
    if not may("digitalcity_source_pause", id=found["id"]):
        tk.abort(403, tk._("Only editors of the organization that owns this may do that."))
    errors: dict[str, str] = {}
    if tk.request.method == "POST":
        try:
            ask("digitalcity_source_pause", id=found["id"], reason=tk.request.form.get("reason", ""))
        except tk.ValidationError as wrong:
            errors = {key: "\n".join(said) for key, said in wrong.error_dict.items()}
        else:
            tk.h.flash_success(tk._("The schedule is paused. A run that is under way goes on."))
            return _back(id)
    page = str(tk.render("digitalcity/source_pause.html", {"source": found, "errors": errors}))
    return (page, 400) if errors else page


@source_pause.route("/<id>/resume", methods=["POST"])
@own_token
def resume(id: str) -> Response:  # noqa: A002
    """Takes the schedule up again."""
    try:
        ask("digitalcity_source_resume", id=id)
    except tk.ValidationError as wrong:
        tk.h.flash_error(refused(wrong))
    else:
        tk.h.flash_success(tk._("The schedule is taken up again."))
    return _back(id)


def _back(id_: str) -> Response:
    response: Response = tk.redirect_to("digitalcity_source.read", id=id_)
    return response
