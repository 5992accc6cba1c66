"""Checks what an action was given."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk


def validated(data_dict: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    """The validated data.

    Raises:
        ckan.logic.ValidationError: says what is wrong, by field.
    """
    data, errors = tk.navl_validate(dict(data_dict), rules)
    if errors:
        raise tk.ValidationError(errors)
    found: dict[str, Any] = data
    return found
