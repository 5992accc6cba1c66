"""One piece of evidence in plain words."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.digitalcity.facts import facts

from .ask import ask

evidence = Blueprint("digitalcity_evidence", __name__, url_prefix="/digitalcity/evidence")


@evidence.route("/<id>")
def read(id: str) -> str:  # noqa: A002
    """The evidence page."""
    found = ask("digitalcity_evidence_show", id=id)
    dataset = ask("package_show", id=found["dataset_id"])
    return str(
        tk.render("digitalcity/evidence.html", {"evidence": found, "dataset": dataset, "facts": facts(found["body"])})
    )
