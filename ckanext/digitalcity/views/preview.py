"""Previews: how far one is, what it found, and the buttons that make it real."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from ckanext.digitalcity.core.recipe_text import rewritten
from ckanext.digitalcity.core.shipped import shipped
from ckanext.digitalcity.core.yaml_text import read_mapping
from ckanext.digitalcity.words_source import WOULD_BE

from .ask import ask, page_number, pager, part
from .csrf import own_token
from .source_editors import as_form
from .source_fault import refused
from .version import flash_saved

preview = Blueprint("digitalcity_preview", __name__, url_prefix="/digitalcity/preview")


@preview.route("/<id>")
def read(id: str) -> str:  # noqa: A002
    """The page of a preview."""
    page = page_number()
    found = ask("digitalcity_preview_show", id=id, **part(page))
    proposals = [proposal for file in _files(found) for proposal in file.get("proposals", [])]
    for proposal in proposals:
        proposal["title"] = shipped(proposal["schema"]).get("title", proposal["schema"])
    found["counts"] = {code: found["counts"][code] for code in WOULD_BE if code in found["counts"]}
    shown = {
        "preview": found,
        "pager": pager(page, found["count"]),
        "changed": _changed(found),
        "proposals": proposals,
    }
    return str(tk.render(f"digitalcity/preview_{found['purpose']}.html", shown))


@preview.route("/<id>/progress")
def progress(id: str) -> Response:  # noqa: A002
    """The part of the page that changes while a worker is at it; tells HTMX to reload the page at the end."""
    found = ask("digitalcity_preview_show", id=id, limit=1)
    response = make_response(tk.render("digitalcity/snippets/preview_progress.html", {"preview": found}))
    if found["finished"]:
        response.headers["HX-Refresh"] = "true"
    return response


@preview.route("/source/<id>", methods=["POST"])
@own_token
def start(id: str) -> Response:  # noqa: A002
    """A preview of a source as it is saved."""
    return _begin_or_back(ask("digitalcity_source_recipe", id=id)["recipe"], "digitalcity_source.read", id=id)


@preview.route("/source/<id>/versions/<int:number>", methods=["POST"])
@own_token
def proposal(id: str, number: int) -> Response:  # noqa: A002
    """A preview of a version, for whoever must approve it or wonders whether to go back to it."""
    found = ask("digitalcity_version_show", id=id, number=number)
    return _begin_or_back(found["recipe"], "digitalcity_version.read", id=id, number=number)


@preview.route("/<id>/stop", methods=["POST"])
@own_token
def stop(id: str) -> Response:  # noqa: A002
    """Ends a preview before its time."""
    ask("digitalcity_preview_stop", id=id)
    return _to("digitalcity_preview.read", id=id)


@preview.route("/<id>/form")
def form(id: str) -> str:  # noqa: A002
    """The form of the recipe that was tried; ``schemas=yes`` fills in the schemas that were proposed."""
    found = ask("digitalcity_preview_show", id=id, limit=100)
    text = found["recipe"]
    if tk.request.args.get("schemas") == "yes":
        text = _with_schemas(text, found)
    return as_form(found["source"]["name"] if found["source"] else None, text)


@preview.route("/<id>/use", methods=["POST"])
@own_token
def use(id: str) -> Response:  # noqa: A002
    """Saves the recipe that was tried, and runs it if that is wanted."""
    found = ask("digitalcity_preview_show", id=id, limit=1)
    try:
        saved = ask("digitalcity_source_save", recipe=found["recipe"], reason=tk.request.form.get("reason", ""))
        if tk.request.form.get("do") == "run" and not saved["proposed"]:
            return _to("digitalcity_run.read", id=ask("digitalcity_run_start", id=saved["id"])["id"])
    except tk.ValidationError as wrong:
        tk.h.flash_error(refused(wrong))
        return _to("digitalcity_preview.read", id=id)
    flash_saved(saved)
    return _to("digitalcity_source.read", id=saved["name"])


def begin(text: str, purpose: str) -> Response:
    """Asks for a preview or a test and leads to its page.

    Raises:
        ckan.logic.ValidationError: the recipe is wrong.
    """
    return _to("digitalcity_preview.read", id=ask("digitalcity_preview_start", recipe=text, purpose=purpose)["id"])


def _begin_or_back(text: str, endpoint: str, **values: object) -> Response:
    try:
        return begin(text, "preview")
    except tk.ValidationError as wrong:
        tk.h.flash_error(refused(wrong))
        return _to(endpoint, **values)


def _to(endpoint: str, **values: object) -> Response:
    response: Response = tk.redirect_to(endpoint, **values)
    return response


def _changed(found: dict[str, Any]) -> bool:
    """Whether somebody saved another recipe of the source since."""
    source = found["source"]
    return bool(source and not found["current"] and source["modified"] > found["created"])


def _files(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [file for record in found["results"] for file in record["files"]]


def _with_schemas(text: str, found: dict[str, Any]) -> str:
    """The recipe with the best proposal for each file that was looked at; what it says already stays."""
    values = read_mapping(text, "recipe")[0]
    best = {file["key"]: file["proposals"][0]["schema"] for file in _files(found) if file.get("proposals")}
    schemas = {**best, **(values.get("schemas") or {})}
    return rewritten(text, {**values, **({"schemas": schemas} if schemas else {})})
