"""The schedule of a source: paused by somebody for a reason, and taken up again."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.digitalcity.harvest import schedule
from ckanext.digitalcity.logic import schema, shapes
from ckanext.digitalcity.logic.action.source import changeable
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import now


def digitalcity_source_pause(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Pauses a source's schedule. A run that is under way goes on, and people can still start one.

    Args:
        id: the source's id or name.
        reason: why, shown on its page.
    """
    tk.check_access("digitalcity_source_pause", context, data_dict)
    data = validated(data_dict, schema.decide())
    source = changeable(data["id"])
    source.paused, source.paused_by, source.paused_why = now(), context.get("user", ""), data["reason"]
    schedule.plan(source)
    model.Session.commit()
    return shapes.pause(source)


def digitalcity_source_resume(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Takes a source's schedule up again, with its next due time; what was missed meanwhile is not made up for.

    Args:
        id: the source's id or name.
    """
    tk.check_access("digitalcity_source_pause", context, data_dict)
    source = changeable(validated(data_dict, schema.by_id())["id"])
    source.paused, source.paused_by, source.paused_why = None, "", ""
    schedule.plan(source)
    model.Session.commit()
    return shapes.pause(source)
