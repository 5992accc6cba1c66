"""Every form of ours checks its own token.

CKAN 2.12 exempts a view from Flask-WTF's check for the rest of the process as soon as one anonymous visitor or one API
token has used it (``ckan_before_request``), so that check alone protects nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import ckan.plugins.toolkit as tk
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

P = ParamSpec("P")
R = TypeVar("R")


def own_token(view: Callable[P, R]) -> Callable[P, R]:
    """Answers 400 to a POST that does not carry the token of the visitor's own session."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if tk.request.method == "POST":
            try:
                validate_csrf(tk.request.form.get(tk.config["WTF_CSRF_FIELD_NAME"]))
            except ValidationError:
                tk.abort(400, tk._("This form was open for too long. Go back, reload the page and send it again."))
        return view(*args, **kwargs)

    return checked
