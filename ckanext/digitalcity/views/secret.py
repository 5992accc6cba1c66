"""The logins of an organization for servers: which there are, a new one, one less. None is ever shown."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from .ask import ask
from .csrf import own_token

secret = Blueprint("digitalcity_secret", __name__, url_prefix="/digitalcity/login")

FIELDS = ("server", "header", "user")  # what a form with errors shows again; never the value


@secret.route("/<organization>", methods=["GET", "POST"])
@own_token
def index(organization: str) -> str | Response | tuple[str, int]:
    """The list, and a form for one more."""
    errors: dict[str, str] = {}
    form = {"server": "", "header": "Authorization", "user": "", "value": ""}
    if tk.request.method == "POST":
        sent = tk.request.form
        form.update({key: sent.get(key, "") for key in FIELDS})
        try:
            saved = ask("digitalcity_secret_save", organization=organization, **form | {"value": sent.get("value", "")})
        except tk.ValidationError as wrong:
            errors = {key: "\n".join(said) for key, said in wrong.error_dict.items()}
        else:
            tk.h.flash_success(tk._("The login for {server} is kept.").format(server=saved["server"]))
            return _back(organization)
    shown = {
        "secrets": ask("digitalcity_secret_list", organization=organization),  # refuses who may not see them
        "organization": ask("organization_show", id=organization),
        "form": form,
        "errors": errors,
    }
    page = str(tk.render("digitalcity/secret_list.html", shown))
    return (page, 400) if errors else page


@secret.route("/<organization>/<id>/delete", methods=["POST"])
@own_token
def delete(organization: str, id: str) -> Response:  # noqa: A002
    """Forgets one."""
    ask("digitalcity_secret_delete", id=id)
    tk.h.flash_success(tk._("The login is removed."))
    return _back(organization)


def _back(organization: str) -> Response:
    response: Response = tk.redirect_to("digitalcity_secret.index", organization=organization)
    return response
