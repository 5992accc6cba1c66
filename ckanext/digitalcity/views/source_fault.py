"""Which field of the form a fault of a recipe belongs to."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.recipe_form import TIMES_OF_DAY, field_of
from ckanext.digitalcity.core.shipped import names
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.registry import kinds, make


def faults(text: str, form: dict[str, str]) -> dict[str, str]:
    """What is wrong with a recipe that a form made, by field in the form's order; empty if nothing is.

    Asks nothing of the network.
    """
    rhythm = _rhythm(form)
    found = {key: said for key, said in _recipe(text, form).items() if not (rhythm and key.startswith("schedule_"))}
    if "title" in found and not form.get("name", "").strip():
        found.pop("name", None)  # it is made of the title
    found |= rhythm
    return {key: found[key] for key in ("form", *form, *found) if key in found}


def _rhythm(form: dict[str, str]) -> dict[str, str]:
    """What a schedule lacks, said before a recipe is made of it."""
    often, time, day, other = (form.get(f"schedule_{key}", "").strip() for key in ("often", "time", "day", "other"))
    errors: dict[str, str] = {}
    if often in TIMES_OF_DAY and not time:
        errors["schedule_time"] = tk._("Write at what time of day it is read.")
    if often == "month" and not day:
        errors["schedule_day"] = tk._("Write on which day of the month it is read, from 1 to 28.")
    if often == "other" and not other:
        errors["schedule_other"] = tk._("Write the rhythm in which it is read.")
    if often != "other" and other:
        errors["schedule_other"] = tk._("Leave this empty, or choose “Another rhythm” above.")
    return errors


def _recipe(text: str, form: dict[str, str]) -> dict[str, str]:
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
