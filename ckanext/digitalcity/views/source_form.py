"""The form for people who do not write YAML: a new source of some kind, or a change to one."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.recipe_form import merge, slug
from ckanext.digitalcity.core.recipe_text import dump, rewritten
from ckanext.digitalcity.core.yaml_text import read_mapping
from ckanext.digitalcity.harvesters.registry import kinds
from ckanext.digitalcity.helpers import digitalcity_is_editor

from .ask import ask, context
from .csrf import own_token
from .preview import begin
from .source_editors import as_form, as_recipe, kind_shown, recipe_of
from .source_fault import faults, refused
from .version import flash_saved

source_form = Blueprint("digitalcity_form", __name__, url_prefix="/digitalcity/form")

MORE_ROWS = 5


@source_form.route("/")
def choose() -> str:
    """The kinds of source there are."""
    _editors_only()
    return str(tk.render("digitalcity/source_kinds.html", {"kinds": [kind_shown(name) for name in sorted(kinds())]}))


@source_form.route("/kind/<kind>", methods=["GET", "POST"])
@own_token
def new(kind: str) -> str | Response | tuple[str, int]:
    """A new source of a kind."""
    _editors_only()
    if kind not in kinds():
        tk.abort(404, tk._("There is no such kind of source."))
    text = dump({"kind": kind})
    return _answer(None, text) if tk.request.method == "POST" else as_form(None, text)


@source_form.route("/source/<id>", methods=["GET", "POST"])
@own_token
def edit(id: str) -> str | Response | tuple[str, int]:  # noqa: A002
    """A change to a source."""
    name, text = recipe_of(id)
    return _answer(name, text) if tk.request.method == "POST" else as_form(name, text)


def _editors_only() -> None:
    if not digitalcity_is_editor():
        tk.abort(403, tk._("Only editors of an organization may add a source."))


def _answer(name: str | None, text: str) -> str | Response | tuple[str, int]:
    """What follows from the form that was sent: saved, shown again with its faults, or shown as a recipe."""
    typed = {key: str(value) for key, value in tk.request.form.items()}
    base = typed.get("base", text).replace("\r\n", "\n")
    try:
        changed = _merged(name, base, typed)
    except RecipeError as broken:
        return as_form(name, text, typed=typed, errors={"form": str(broken)}), 400
    if typed.get("do") == "recipe":
        return as_recipe(name, changed, reason=typed.get("reason", ""))
    if typed.get("do") == "row":
        return as_form(name, changed, spare=MORE_ROWS, reason=typed.get("reason", ""))
    if typed.get("do") == "test":
        return _test(name, base, changed, typed)
    errors = faults(changed, typed) or ({} if name else _taken(changed))
    if not errors:
        try:
            if typed.get("do") == "preview":
                return begin(changed, "preview")
            saved = ask("digitalcity_source_save", recipe=changed, reason=typed.get("reason", ""))
        except tk.ValidationError as wrong:
            errors = {"organisation": refused(wrong)}
        else:
            flash_saved(saved)
            response: Response = tk.redirect_to("digitalcity_source.read", id=saved["name"])
            return response
    return as_form(name, base, typed=typed, errors=errors), 400


def _test(name: str | None, base: str, changed: str, typed: dict[str, str]) -> Response | tuple[str, int]:
    """Tries the address before the rest is filled in."""
    errors = faults(changed, typed)
    wrong = {field: said for field, said in errors.items() if field.startswith(("address", "field_", "option_"))}
    if not wrong:
        try:
            return begin(changed, "test")
        except tk.ValidationError as found:
            wrong = {"address": refused(found)}
    return as_form(name, base, typed=typed, errors=wrong), 400


def _merged(name: str | None, base: str, typed: dict[str, str]) -> str:
    """The recipe with what was typed.

    Raises:
        RecipeError: the recipe that came with the form is not readable.
    """
    before = read_mapping(base, "recipe")[0]
    kind = kinds().get(str(before.get("kind")))
    values = merge(before, typed, kind.fields if kind else (), kind.options if kind else ())
    values["name"] = name or values.get("name") or slug(str(values.get("title", "")))
    return rewritten(base, {key: value for key, value in values.items() if value != ""})


def _taken(text: str) -> dict[str, str]:
    """A new source must not change one that is there; one that was removed comes back."""
    name = str(read_mapping(text, "recipe")[0]["name"])
    try:
        found = tk.get_action("digitalcity_source_show")(context(), {"id": name})
    except tk.ObjectNotFound:
        return {}
    message = tk._("There is a source called “{name}” already. Choose another name.").format(name=name)
    return {} if found["deleted"] or not found["approved"] else {"name": message}
