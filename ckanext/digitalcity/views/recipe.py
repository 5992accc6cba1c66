"""Recipes: a new source, or a change to one, as the YAML text that a data officer keeps."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.yaml_text import read_mapping
from ckanext.digitalcity.helpers import digitalcity_is_editor

from .ask import ask
from .csrf import own_token
from .preview import begin
from .source_editors import as_form, as_recipe
from .source_fault import refused

recipe = Blueprint("digitalcity_recipe", __name__, url_prefix="/digitalcity/recipe")


@recipe.route("/", methods=["GET", "POST"])
@own_token
def new() -> str | Response | tuple[str, int]:
    """A new source."""
    if not digitalcity_is_editor():
        tk.abort(403, tk._("Only editors of an organization may add a source."))
    return _answer(None) if tk.request.method == "POST" else as_recipe(None, "")


@recipe.route("/<id>", methods=["GET", "POST"])
@own_token
def edit(id: str) -> str | Response | tuple[str, int]:  # noqa: A002
    """The recipe of a source."""
    text = ask("digitalcity_source_recipe", id=id)["recipe"]
    name = str(ask("digitalcity_source_show", id=id)["name"])
    return _answer(name) if tk.request.method == "POST" else as_recipe(name, text)


def _answer(name: str | None) -> str | Response | tuple[str, int]:
    text = tk.request.form.get("recipe", "").replace("\r\n", "\n")
    try:
        values = read_mapping(text, "recipe")[0]
        if tk.request.form.get("do") == "form":
            return as_form(name, text)
        if name and values.get("name") != name:
            message = tk._("The name of a source cannot be changed. It is “{name}”.").format(name=name)
            return as_recipe(name, text, {"recipe": message}), 400
        if tk.request.form.get("do") == "preview":
            return begin(text, "preview")
        saved = ask("digitalcity_source_save", recipe=text)
    except RecipeError as broken:
        return as_recipe(name, text, {"recipe": str(broken)}), 400
    except tk.ValidationError as wrong:
        return as_recipe(name, text, {"recipe": refused(wrong)}), 400
    tk.h.flash_success(tk._("The recipe is saved."))
    response: Response = tk.redirect_to("digitalcity_source.read", id=saved["name"])
    return response
