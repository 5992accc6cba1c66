"""Versions of recipes: list, show, approve or refuse a proposal."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.harvest import versions
from ckanext.digitalcity.logic import schema, shapes
from ckanext.digitalcity.logic.action.item import organizations_of
from ckanext.digitalcity.logic.action.source import find, read_recipe, use
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import Source, Version, now


@tk.side_effect_free
def digitalcity_version_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A source's versions, the newest first: ``count``, ``results`` and ``proposed`` (the number of what waits)."""
    tk.check_access("digitalcity_source_recipe", context, data_dict)
    data = validated(data_dict, schema.page_of())
    source = find(data["id"])
    query = model.Session.query(Version).filter_by(source_id=source.id)
    rows = query.order_by(Version.number.desc()).offset(data["offset"]).limit(data["limit"])
    waiting = versions.proposed(source.id)
    return {
        "count": query.count(),
        "results": [shapes.version(row, source) for row in rows],
        "proposed": waiting.number if waiting else None,
    }


@tk.side_effect_free
def digitalcity_version_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """One version with its ``recipe``, and ``before``: the recipe that it took or would take the place of."""
    tk.check_access("digitalcity_source_recipe", context, data_dict)
    source, row = _find(validated(data_dict, schema.version()))
    old = versions.before(row)
    return {**shapes.version(row, source), "recipe": row.recipe, "before": old.recipe if old else ""}


@tk.side_effect_free
def digitalcity_proposal_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Changed recipes that wait for a second person in the user's organizations: ``count`` and ``results``."""
    tk.check_access("digitalcity_inbox_list", context, data_dict)
    query = sa.select(Version, Source).join(Source, Source.id == Version.source_id).where(Version.state == "proposed")
    user = context["auth_user_obj"]
    if not user.sysadmin:
        query = query.where(Source.organization_id.in_(organizations_of(user)))
    rows = model.Session.execute(query.order_by(Version.created).limit(100)).all()
    results = [
        {**shapes.version(row, source), "source": {"name": source.name, "title": source.title}} for row, source in rows
    ]
    return {"count": len(results), "results": results}


def digitalcity_version_decide(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Approves a proposed version, which takes effect at once, or refuses it. Never by who proposed it.

    Args:
        id: the source's id or name.
        number: the version's.
        approve: whether it takes effect.
    """
    tk.check_access("digitalcity_source_recipe", context, data_dict)
    data = validated(data_dict, schema.version_decide())
    source = find(data["id"])
    model.Session.query(Source).filter_by(id=source.id).populate_existing().with_for_update().one()
    _, row = _find(data)
    if row.state != "proposed":
        model.Session.rollback()
        raise tk.ValidationError({"number": [tk._("This has been decided already, or another change took its place.")]})
    tk.check_access("digitalcity_version_decide", context, {"id": source.id, "number": row.number})
    row.decided_by, row.decided = context["auth_user_obj"].id, now()
    row.state = "used" if data["approve"] else "refused"
    if data["approve"]:
        recipe = read_recipe(row.recipe)
        organization = model.Group.get(recipe.organisation)
        if organization is None or organization.state != "active":
            raise tk.ValidationError({"number": [tk._("The organisation of this recipe no longer exists.")]})
        tk.check_access("digitalcity_source_save", context, {"organization_id": organization.id})
        use(source, recipe, row.recipe, organization.id)
    model.Session.commit()
    return shapes.version(row, source)


def _find(data: dict[str, Any]) -> tuple[Source, Version]:
    source = find(data["id"])
    row = model.Session.query(Version).filter_by(source_id=source.id, number=data["number"]).first()
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such version."))
    return source, row
