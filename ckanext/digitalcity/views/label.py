"""A dataset's label in full: why each line says what it says, and how the label changed."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint

from .ask import ask

label = Blueprint("digitalcity_label", __name__)


@label.route("/dataset/<id>/label")
def read(id: str) -> str:  # noqa: A002 - the name of the route's parameter everywhere in CKAN
    """The label page."""
    dataset = ask("package_show", id=id)
    return str(
        tk.render("digitalcity/label.html", {"pkg_dict": dataset, "pkg": dataset, "dataset_type": dataset["type"]})
    )
