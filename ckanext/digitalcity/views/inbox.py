"""The inbox: everything that waits for a person in the visitor's organizations."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.common import current_user
from flask import Blueprint
from werkzeug.wrappers import Response

from .ask import ask, page_number, pager, part

inbox = Blueprint("digitalcity_inbox", __name__, url_prefix="/digitalcity/inbox")


@inbox.route("/")
def index() -> str | Response:
    """The inbox page; who is not logged in is asked to."""
    if not current_user.is_authenticated:
        response: Response = tk.redirect_to("user.login", next=tk.url_for("digitalcity_inbox.index"))
        return response
    page = page_number()
    proposals = ask("digitalcity_proposal_list")["results"] if page == 1 else []
    found = ask("digitalcity_inbox_list", **part(page))
    shown = {"items": found["results"], "pager": pager(page, found["count"]), "proposals": proposals}
    return str(tk.render("digitalcity/inbox.html", shown))
