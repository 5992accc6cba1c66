"""Recipes: a new source, or a change to one, as the YAML text that a data officer keeps."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.yaml_text import MOST, read_mapping
from ckanext.digitalcity.helpers import digitalcity_is_editor

from .ask import ask
from .csrf import own_token
from .preview import begin
from .source_editors import as_form, as_recipe, recipe_of
from .source_fault import refused
from .version import flash_saved

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
    name, text = recipe_of(id)
    return _answer(name) if tk.request.method == "POST" else as_recipe(name, text)


def _answer(name: str | None) -> str | Response | tuple[str, int]:
    reason = tk.request.form.get("reason", "")
    text = tk.request.form.get("recipe", "").replace("\r\n", "\n")
    do = tk.request.form.get("do")
    try:
        if do == "load":
            return as_recipe(name, _file(), reason=reason)
        values = read_mapping(text, "recipe")[0]
        if do == "form":
            return as_form(name, text, reason=reason)
        if name and values.get("name") != name:
            message = tk._("The name of a source cannot be changed. It is “{name}”.").format(name=name)
            return as_recipe(name, text, {"recipe": message}, reason), 400
        if do == "preview":
            return begin(text, "preview")
        saved = ask("digitalcity_source_save", recipe=text, reason=reason)
    except RecipeError as broken:
        return as_recipe(name, text, {"file" if do == "load" else "recipe": str(broken)}, reason), 400
    except tk.ValidationError as wrong:
        return as_recipe(name, text, {"recipe": refused(wrong)}, reason), 400
    flash_saved(saved)
    response: Response = tk.redirect_to("digitalcity_source.read", id=saved["name"])
    return response


def _file() -> str:
    """The text of the file that was sent.

    Raises:
        RecipeError: it is missing, too large or no text.
    """
    sent = tk.request.files.get("file")
    body = sent.read(4 * MOST + 1) if sent else b""
    if not body:
        raise RecipeError(tk._("Choose a file first."))
    try:
        text = body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        text = ""
    if not text or len(text) > MOST:
        raise RecipeError(tk._("This file is no recipe: it must be text in UTF-8 that fits on a page."))
    return text
