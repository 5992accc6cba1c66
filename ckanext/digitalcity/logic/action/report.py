"""Reports of what the gate found out about a file. Public, also where the data is held."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.digitalcity.logic import schema, shapes
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import Item, Report, Source


@tk.side_effect_free
def digitalcity_report_file(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Which staged file a report is about, where the published one has fewer rows: its ``sha256``."""
    tk.check_access("digitalcity_report_file", context, data_dict)
    row = model.Session.get(Report, validated(data_dict, schema.by_id())["id"])
    if row is None or not row.result.get("sifted"):
        raise tk.ObjectNotFound(tk._("There is no such file."))
    return {"sha256": row.sha256}


@tk.side_effect_free
def digitalcity_report_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """One report in full, with the item and source it belongs to."""
    tk.check_access("digitalcity_report_show", context, data_dict)
    row = model.Session.get(Report, validated(data_dict, schema.by_id())["id"])
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such report."))
    item = model.Session.get(Item, row.item_id)
    source = model.Session.get(Source, item.source_id)
    return {
        **shapes.report(row),
        "title": item.title,
        "dataset_id": item.dataset_id if item.published else None,
        "source": {"id": source.id, "name": source.name, "title": source.title},
    }
