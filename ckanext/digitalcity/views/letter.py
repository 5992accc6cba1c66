"""The language of one's own e-mails."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from .ask import ask
from .csrf import own_token

letter = Blueprint("digitalcity_letter", __name__, url_prefix="/digitalcity/letters")


@letter.route("/", methods=["GET", "POST"])
@own_token
def index() -> str | Response | tuple[str, int]:
    """A list of languages to choose from."""
    errors: dict[str, str] = {}
    shown = ask("digitalcity_letter_show")
    if tk.request.method == "POST":
        try:
            ask("digitalcity_letter_save", language=tk.request.form.get("language", ""))
        except tk.ValidationError as wrong:
            errors = {key: "\n".join(said) for key, said in wrong.error_dict.items()}
        else:
            tk.h.flash_success(tk._("Your choice is kept."))
            response: Response = tk.redirect_to("digitalcity_letter.index")
            return response
    choices = [{"value": "", "text": tk._("The portal’s own language")}]
    choices += [{"value": each["code"], "text": each["name"]} for each in shown["offered"]]
    facts = {"form": {"language": shown["language"]}, "choices": choices, "errors": errors}
    page = str(tk.render("digitalcity/letter.html", facts))
    return (page, 400) if errors else page
