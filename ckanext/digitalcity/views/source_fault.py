"""Which field of the form a fault of a recipe belongs to."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.recipe_form import field_of
from ckanext.digitalcity.core.shipped import names
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.registry import kinds, make


def faults(text: str, form: dict[str, str]) -> dict[str, str]:
    """What is wrong with a recipe that a form made, by field; empty if nothing is. Asks nothing of the network."""
    try:
        make(recipes.read(text, kinds=kinds(), schemas=names()), Http())
    except RecipeError as wrong:
        if not wrong.faults:
            return {_setting(wrong.message, form): str(wrong)}
        errors: dict[str, str] = {}
        for path, message in wrong.faults:
            field = field_of(path, form) or "form"
            said = _plain(field, message)
            errors[field] = f"{errors[field]}\n{said}" if field in errors else said
        return errors
    return {}


def refused(wrong: tk.ValidationError) -> str:
    """What an action refused, one sentence a line."""
    return "\n".join(str(message) for messages in wrong.error_dict.values() for message in messages)


def _setting(message: str, form: dict[str, str]) -> str:
    """A kind says in its sentence which of its settings is meant."""
    named = (key for key in form if key.startswith(("option_", "field_")) and f"“{key.partition('_')[2]}”" in message)
    return next(named, "form")


def _plain(field: str, message: str) -> str:
    """What is missing, in the form's words: the recipe speaks of keys."""
    if not message.endswith("is missing."):
        return message
    said: dict[str, str] = {
        "title": tk._("Give the source a title."),
        "name": tk._("Give the source a name."),
        "address": tk._("Write the address of the source."),
        "organisation": tk._("Choose the organisation that owns the data."),
    }
    return said.get(field, message)
