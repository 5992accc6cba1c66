"""The way into every action of ours: what none of them takes is refused in one place."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.digitalcity.logic import action, chained

Action = Callable[[Any, dict[str, Any]], Any]


def actions() -> dict[str, Action]:
    """Every action by its name."""
    ours = {name: _guarded(getattr(action, name)) for name in action.__all__}
    return ours | {"package_show": chained.package_show}


def _guarded(take: Action) -> Action:
    """An action that is given single values which PostgreSQL can keep; CKAN's validators let others through."""

    @wraps(take)  # which also carries over what CKAN has marked it with
    def taking(context: Any, data_dict: dict[str, Any]) -> Any:
        errors = {str(name): [fault] for name, value in data_dict.items() if (fault := _fault(name, value))}
        if errors:
            raise tk.ValidationError(errors)
        return take(context, data_dict)

    return taking


def _fault(name: str, value: object) -> str:
    if isinstance(value, (list, tuple, dict, set)):
        return str(tk._("Give one value here."))
    if "\0" in f"{name}{value}":
        return str(tk._("There is a character in this that no text can have (NUL). Remove it."))
    return ""
