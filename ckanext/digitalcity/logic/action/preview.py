"""Previews: ask for one, see what it found."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.harvest import preview_work
from ckanext.digitalcity.harvest.preview import readable
from ckanext.digitalcity.harvest.probe import complete
from ckanext.digitalcity.logic import schema, shapes
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import UPLOAD, Preview, PreviewRecord, Source, now

MOST_AT_ONCE = 3  # unfinished ones of one user


def digitalcity_preview_start(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Has a worker find out what a recipe would do; nothing is changed. Gives an unfinished one of the same recipe.

    Args:
        recipe: YAML text.
        purpose: ``preview`` (default): all that a run would do. ``test``: what is found at the address; needs no more
            of the recipe than ``kind`` and ``address``.
    """
    data = validated(data_dict, schema.preview_start())
    purpose, text = data["purpose"], data["recipe"]
    try:
        recipe = readable(complete(text) if purpose == "test" else text)
    except RecipeError as wrong:
        raise tk.ValidationError({"recipe": [str(wrong)]}) from wrong
    organization = model.Group.get(recipe.organisation) if purpose == "preview" else None
    source = model.Session.query(Source).filter_by(name=recipe.name).first() if purpose == "preview" else None
    if source and source.kind == UPLOAD:
        raise tk.ValidationError({"recipe": [tk._("The files that people upload are no source that can be changed.")]})
    organization_id = organization.id if organization else ""
    tk.check_access("digitalcity_preview_start", context, {"organization_id": organization_id})
    if source:
        tk.check_access("digitalcity_source_recipe", context, {"id": source.id})
    row = _unfinished(context["auth_user_obj"].id, purpose, text) or Preview(
        purpose=purpose,
        recipe=text,
        source_id=source.id if source else None,
        organization_id=organization_id,
        asked_by=context["auth_user_obj"].id,
        counts={},
    )
    model.Session.add(row)
    model.Session.commit()
    preview_work.enqueue(row.id, purpose)
    return shapes.preview(row, source)


def _unfinished(user_id: str, purpose: str, text: str) -> Preview | None:
    query = sa.select(Preview).where(Preview.asked_by == user_id, Preview.finished.is_(None))
    rows = list(model.Session.scalars(query))
    same = next((row for row in rows if (row.purpose, row.recipe) == (purpose, text)), None)
    if same is None and len(rows) >= MOST_AT_ONCE:
        raise tk.ValidationError({"recipe": [tk._("You have asked for several already. Wait until one has finished.")]})
    return same


@tk.side_effect_free
def digitalcity_preview_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """One preview and what it found: ``count`` and ``results``; what is unchanged is only counted."""
    tk.check_access("digitalcity_preview_show", context, data_dict)
    data = validated(data_dict, schema.page_of())
    row = model.Session.get(Preview, data["id"])
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such preview."))
    query = model.Session.query(PreviewRecord).filter_by(preview_id=row.id)
    rows = query.order_by(PreviewRecord.position).offset(data["offset"]).limit(data["limit"])
    source = model.Session.get(Source, row.source_id) if row.source_id else None
    return {
        **shapes.preview(row, source),
        "count": query.count(),
        "results": [shapes.preview_record(record) for record in rows],
    }


def digitalcity_preview_stop(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Ends a preview that is under way; what was found so far stays."""
    tk.check_access("digitalcity_preview_show", context, data_dict)
    row = model.Session.get(Preview, validated(data_dict, schema.by_id())["id"])
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such preview."))
    if row.finished is None:
        row.state, row.finished, row.message = "failed", now(), "It was stopped by hand."
        model.Session.commit()
    return shapes.preview(row, None)
