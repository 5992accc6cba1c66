"""About labels: how the gate works, what each line asks, and who decides."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.digitalcity import words
from ckanext.digitalcity.core.label import indicators

about = Blueprint("digitalcity_about", __name__, url_prefix="/digitalcity/about")


@about.route("/")
def labels() -> str:
    """The page that explains labels."""
    panels = [{"name": name, "indicators": indicators(name)} for name in words.PANELS]
    return str(tk.render("digitalcity/about.html", {"panels": panels}))
