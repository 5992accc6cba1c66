"""One record: what is public, what waits, and the decision about it."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from .ask import ask, may
from .csrf import own_token

item = Blueprint("digitalcity_item", __name__, url_prefix="/digitalcity/item")

ACTIONS = ("release", "reject")


@item.route("/<id>")
def read(id: str) -> str:  # noqa: A002
    """The item page; only editors of its organization see the form."""
    return _page(id, {}, {})


@item.route("/<id>/decide", methods=["POST"])
@own_token
def decide(id: str) -> str | Response | tuple[str, int]:  # noqa: A002
    """Rejects at once; releases after the editor has confirmed it on a page of its own."""
    form = {key: tk.request.form.get(key, "").strip() for key in ("action", "reason", "confirmed")}
    if form["confirmed"] == "no":
        return _page(id, form, {})
    found = ask("digitalcity_item_show", id=id)
    if errors := _wrong(form, releasable=found["releasable"]):
        return _page(id, form, errors), 400
    if form["action"] == "release" and not form["confirmed"]:
        if not may("digitalcity_item_decide", id=id):
            tk.abort(403, tk._("Only editors of the organization that owns this may do that."))
        return str(tk.render("digitalcity/item_confirm.html", {"item": found, "form": form}))
    try:
        ask(f"digitalcity_item_{form['action']}", id=id, reason=form["reason"])
    except tk.ValidationError as wrong:
        return _page(id, form, {"action": "; ".join(wrong.error_summary.values())}), 400
    done = {
        "release": tk._("Released: this version is public now, and its label says who decided and why."),
        "reject": tk._("Rejected: this version will not be published, and you will not be asked about it again."),
    }
    tk.h.flash_success(done[form["action"]])
    response: Response = tk.redirect_to("digitalcity_item.read", id=id)
    return response


def _page(id_: str, form: dict[str, str], errors: dict[str, str]) -> str:
    found = ask("digitalcity_item_show", id=id_)
    decidable = found["waiting"] and may("digitalcity_item_decide", id=id_)
    return str(
        tk.render("digitalcity/item.html", {"item": found, "decidable": decidable, "form": form, "errors": errors})
    )


def _wrong(form: dict[str, str], *, releasable: bool) -> dict[str, str]:
    """What is wrong with the form, by field."""
    errors = {}
    if form["action"] not in ACTIONS:
        errors["action"] = tk._("Choose whether to release or to reject this version.")
    elif form["action"] == "release" and not releasable:
        errors["action"] = tk._("This could not be checked, so it cannot be released. Run the source again.")
    if not form["reason"]:
        errors["reason"] = tk._("Write down the reason. It is kept and the public can read it.")
    return errors
