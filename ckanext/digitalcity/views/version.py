"""The versions of a recipe: who changed what when and why, back to an older one, and approval by a second person."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from ckanext.digitalcity.core.line_difference import compare

from .ask import ask, may, page_number, pager, part
from .csrf import own_token
from .source_fault import refused

version = Blueprint("digitalcity_version", __name__, url_prefix="/digitalcity/source")


@version.route("/<id>/versions")
def index(id: str) -> str:  # noqa: A002
    """All versions of a source's recipe."""
    page = page_number()
    found = ask("digitalcity_version_list", id=id, **part(page))
    source = ask("digitalcity_source_show", id=id)
    shown = {"source": source, "versions": found["results"], "pager": pager(page, found["count"])}
    return str(tk.render("digitalcity/version_list.html", shown))


@version.route("/<id>/versions/<int:number>")
def read(id: str, number: int) -> str:  # noqa: A002
    """One version, beside the one before it."""
    found = ask("digitalcity_version_show", id=id, number=number)
    source = ask("digitalcity_source_show", id=id)
    shown = {
        "source": source,
        "version": found,
        "lines": compare(found["before"], found["recipe"]),
        "decidable": found["state"] == "proposed" and may("digitalcity_version_decide", id=id, number=number),
    }
    return str(tk.render("digitalcity/version.html", shown))


@version.route("/<id>/versions/<int:number>/use", methods=["POST"])
@own_token
def use(id: str, number: int) -> Response:  # noqa: A002
    """Goes back to an older version, which becomes the newest."""
    found = ask("digitalcity_version_show", id=id, number=number)
    reason = tk.request.form.get("reason", "").strip() or tk._("Back to version {num}").format(num=number)
    try:
        saved = ask("digitalcity_source_save", recipe=found["recipe"], reason=reason)
    except tk.ValidationError as wrong:
        tk.h.flash_error(refused(wrong))
    else:
        flash_saved(saved)
    return _to("digitalcity_version.index", id=id)


@version.route("/<id>/versions/<int:number>/decide", methods=["POST"])
@own_token
def decide(id: str, number: int) -> Response:  # noqa: A002
    """Approves or refuses what somebody else proposed."""
    approve = tk.request.form.get("do") == "approve"
    try:
        ask("digitalcity_version_decide", id=id, number=number, approve=approve)
    except tk.ValidationError as wrong:
        tk.h.flash_error(refused(wrong))
    else:
        tk.h.flash_success(tk._("The recipe is in force now.") if approve else tk._("The proposal is refused."))
    return _to("digitalcity_version.read", id=id, number=number)


@version.route("/<id>/recipe.yaml")
def export(id: str) -> Response:  # noqa: A002
    """The recipe as a file."""
    name = str(ask("digitalcity_source_show", id=id)["name"])
    response = make_response(ask("digitalcity_source_recipe", id=id)["recipe"])
    response.headers["Content-Type"] = "application/yaml; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return response


def flash_saved(saved: dict[str, object]) -> None:
    """Says whether what was saved is in force, or waits for a second person."""
    if saved.get("proposed"):
        tk.h.flash_notice(tk._("The change waits until another editor of the organisation approves it."))
    else:
        tk.h.flash_success(tk._("The source is saved."))


def _to(endpoint: str, **values: object) -> Response:
    response: Response = tk.redirect_to(endpoint, **values)
    return response
