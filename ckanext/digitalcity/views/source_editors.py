"""The two ways in which a source is shown to be changed: as a form and as a recipe. They say the same thing."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.digitalcity import words
from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.recipe_form import SPARE, fill, rows
from ckanext.digitalcity.core.yaml_text import read_mapping
from ckanext.digitalcity.harvesters.registry import kinds

from .ask import ask, context


def as_recipe(name: str | None, text: str, errors: dict[str, str] | None = None, reason: str = "") -> str:
    """The text editor.

    Args:
        name: of the source; None for a new one.
        reason: why it is changed, as far as it was typed.
    """
    shown = {"name": name, "recipe": text, "errors": errors or {}, "reason": reason, "examples": examples()}
    return str(tk.render("digitalcity/recipe.html", shown))


def as_form(
    name: str | None,
    text: str,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    spare: int = SPARE,
    reason: str = "",
) -> str:
    """The form.

    Args:
        name: of the source; None for a new one.
        text: the recipe that it changes.
        typed: what was sent before, kept where there are errors.
        reason: why it is changed, as far as it was typed.
        spare: how many empty rows for schemas there are.
    """
    try:
        values = read_mapping(text, "recipe")[0]
    except RecipeError:
        values = {}
    kind = kinds().get(str(values.get("kind")))
    fields, options = (kind.fields, kind.options) if kind else ((), {})
    form = {**fill(values, fields, options), "reason": reason, **({"repair_schema": "", **typed} if typed else {})}
    shown: dict[str, Any] = {
        "name": name,
        "base": text,
        "form": form,
        "errors": errors or {},
        "rows": rows(form, spare),
        "kind": kind_shown(str(values.get("kind"))),
        "fields": list(fields),
        "options": dict(options),
        "organizations": _organizations(form["organisation"]),
    }
    return str(tk.render("digitalcity/source_form.html", shown))


def recipe_of(id_: str) -> tuple[str, str]:
    """A source's name and its recipe: the one in force, or the newest proposal where none is."""
    name = str(ask("digitalcity_source_show", id=id_)["name"])
    text = str(ask("digitalcity_source_recipe", id=id_)["recipe"])
    if not text:
        newest = ask("digitalcity_version_list", id=id_, limit=1)["results"][0]["number"]
        text = str(ask("digitalcity_version_show", id=id_, number=newest)["recipe"])
    return name, text


def kind_shown(name: str) -> dict[str, str]:
    """A kind of source as pages show it: name, title, one sentence, an example of an address."""
    kind = kinds().get(name)
    example = examples().get(kind.example, "") if kind else ""
    address = str(read_mapping(example, name)[0].get("address", "")) if example else ""
    title = tk._(words.word("kind", name).text) if words.knows("kind", name) or not kind else kind.title
    help_ = tk._(words.word("kind_help", name).text) if words.knows("kind_help", name) else ""
    return {"name": name, "title": title, "help": help_, "address": address}


def examples() -> dict[str, str]:
    """The shipped example recipes: name -> YAML text."""
    folder = files("ckanext.digitalcity.harvesters") / "recipes"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in sorted(found, key=lambda entry: entry.name)
    }


def _organizations(current: str) -> list[dict[str, str]]:
    """The organizations that the visitor may write to, and the present one."""
    found = tk.get_action("organization_list_for_user")(context(), {"permission": "update_dataset"})
    listed = [{"value": str(each["name"]), "text": str(each["display_name"])} for each in found]
    if current and current not in {each["value"] for each in listed}:
        listed.append({"value": current, "text": current})
    return sorted(listed, key=lambda each: each["text"].casefold())
