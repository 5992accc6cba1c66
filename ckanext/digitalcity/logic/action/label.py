"""Labels and the evidence they rest on."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import labels
from ckanext.digitalcity.core.label import as_json
from ckanext.digitalcity.gate import home
from ckanext.digitalcity.logic import schema, shapes
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import PENDING, Evidence, File, Item, Label, Report


@tk.side_effect_free
def digitalcity_label_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A dataset's label as it stands now, and how it changed.

    Returns:
        ``label``; ``history``, newest first; ``files``: resource id -> the report of the check of its bytes;
        ``waiting``: resource id -> an uploaded file that is not public: its ``outcome`` (``pending`` while it is
        being checked) and ``item_id``.
    """
    id_ = validated(data_dict, schema.by_id())["id"]
    package = model.Package.get(id_)
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    tk.check_access("digitalcity_label_show", context, {"id": package.id})
    rows = model.Session.scalars(
        sa.select(Label).where(Label.dataset_id == package.id).order_by(Label.created.desc()).limit(50)
    )
    return {
        "dataset_id": package.id,
        "label": as_json(labels.current(package.id)),
        "history": [{"created": shapes.iso(row.created), "trust": row.trust, "privacy": row.privacy} for row in rows],
        "files": _files(package.id),
        "waiting": {
            item.remote_id: {"outcome": item.outcome, "item_id": item.id}
            for item in home.of_dataset(package.id)
            if item.outcome == PENDING or item.held_since
        },
    }


def _files(dataset_id: str) -> dict[str, dict[str, Any]]:
    rows = model.Session.execute(
        sa.select(File, Report)
        .join(Item, Item.id == File.item_id)
        .join(Report, Report.id == File.report_id)
        .where(Item.dataset_id == dataset_id)
    )
    return {file.resource_id: shapes.report(report, full=False) for file, report in rows}


@tk.side_effect_free
def digitalcity_evidence_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """One piece of evidence, also after a newer one replaced it."""
    row = model.Session.get(Evidence, validated(data_dict, schema.by_id())["id"])
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such evidence."))
    tk.check_access("digitalcity_evidence_show", context, {"dataset_id": row.dataset_id})
    return shapes.evidence(row)
