"""Removing a source: a page that says what happens, and the button that does it."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from .ask import ask, may
from .csrf import own_token

source_delete = Blueprint("digitalcity_source_delete", __name__, url_prefix="/digitalcity/source")


@source_delete.route("/<id>/delete", methods=["GET", "POST"])
@own_token
def confirm(id: str) -> str | Response | tuple[str, int]:  # noqa: A002
    """Asks first; nothing is lost that could not be brought back."""
    found = ask("digitalcity_source_show", id=id)
    if not may("digitalcity_source_delete", id=found["id"]):
        tk.abort(403, tk._("Only editors of the organization that owns this may do that."))
    errors: dict[str, str] = {}
    if tk.request.method == "POST":
        try:
            ask("digitalcity_source_delete", id=found["id"])
        except tk.ValidationError as wrong:
            errors = {"delete": "\n".join(message for said in wrong.error_dict.values() for message in said)}
        else:
            tk.h.flash_success(tk._("The source is removed. Its datasets are still public."))
            response: Response = tk.redirect_to("digitalcity_source.index")
            return response
    page = str(tk.render("digitalcity/source_delete.html", {"source": found, "errors": errors}))
    return (page, 400) if errors else page
