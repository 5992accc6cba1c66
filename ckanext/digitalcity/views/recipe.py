"""Recipes: a new source, or a change to one, as the YAML text that a data officer keeps."""

from __future__ import annotations

from importlib.resources import files

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.digitalcity.helpers import digitalcity_is_editor

from .ask import ask
from .csrf import own_token

recipe = Blueprint("digitalcity_recipe", __name__, url_prefix="/digitalcity/recipe")


@recipe.route("/", methods=["GET", "POST"])
@own_token
def new() -> str | Response | tuple[str, int]:
    """A new source."""
    if not digitalcity_is_editor():
        tk.abort(403, tk._("Only editors of an organization may add a source."))
    return _save(None) if tk.request.method == "POST" else _page(None, "", {})


@recipe.route("/<id>", methods=["GET", "POST"])
@own_token
def edit(id: str) -> str | Response | tuple[str, int]:  # noqa: A002
    """The recipe of a source."""
    text = ask("digitalcity_source_recipe", id=id)["recipe"]
    return _save(id) if tk.request.method == "POST" else _page(id, text, {})


def _save(name: str | None) -> str | Response | tuple[str, int]:
    text = tk.request.form.get("recipe", "")
    try:
        saved = ask("digitalcity_source_save", recipe=text)
    except tk.ValidationError as wrong:
        return _page(name, text, {"recipe": "\n".join(wrong.error_dict.get("recipe", []))}), 400
    tk.h.flash_success(tk._("The recipe is saved."))
    response: Response = tk.redirect_to("digitalcity_source.read", id=saved["name"])
    return response


def _page(name: str | None, text: str, errors: dict[str, str]) -> str:
    shown = {"name": name, "recipe": text, "errors": errors, "examples": _examples()}
    return str(tk.render("digitalcity/recipe.html", shown))


def _examples() -> dict[str, str]:
    """The shipped example recipes: name -> YAML text."""
    folder = files("ckanext.digitalcity.harvesters") / "recipes"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in sorted(found, key=lambda entry: entry.name)
    }
