"""In which language a person gets their e-mails: their own business, and nobody else's."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.digitalcity.harvest import tongue
from ckanext.digitalcity.logic import schema
from ckanext.digitalcity.logic.validate import validated


@tk.side_effect_free
def digitalcity_letter_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """The language of your own e-mails.

    Returns:
        ``language``, "" for the portal's own, and ``offered``: ``code`` and ``name`` of each language.
    """
    tk.check_access("digitalcity_letter_show", context, data_dict)
    return {
        "language": tongue.chosen(_self(context)),
        "offered": [{"code": code, "name": name} for code, name in tongue.offered()],
    }


def digitalcity_letter_save(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Chooses the language of your own e-mails.

    Args:
        language: one that the portal offers; empty for the portal's own.
    """
    tk.check_access("digitalcity_letter_save", context, data_dict)
    language = validated(data_dict, schema.letter_save())["language"]
    if language and language not in dict(tongue.offered()):
        raise tk.ValidationError({"language": [tk._("Choose a language from the list.")]})
    tongue.choose(_self(context), language)
    shown: dict[str, Any] = digitalcity_letter_show(context, {})
    return shown


def _self(context: Any) -> model.User:
    return context.get("auth_user_obj") or model.User.get(context["user"])
