"""Items: one record's state, and the inbox of everything that waits for a person."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import authz, model

from ckanext.digitalcity.logic import schema, shapes
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import UPLOAD, Decision, Item, Report, Source


@tk.side_effect_free
def digitalcity_item_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """One item with the reports of what waits (or of what is public) and all decisions about it."""
    tk.check_access("digitalcity_item_show", context, data_dict)
    id_ = validated(data_dict, schema.by_id())["id"]
    item = model.Session.get(Item, id_)
    if item is None:
        raise tk.ObjectNotFound(tk._("There is no such item."))
    return shape(item, model.Session.get(Source, item.source_id))


def shape(item: Item, source: Source) -> dict[str, Any]:
    """An item as actions give it."""
    ids = [entry["report"] for entry in (item.candidate or {}).get("reports", [])]
    query = sa.select(Report).where(Report.item_id == item.id).order_by(Report.created.desc())
    query = query.where(Report.id.in_(ids)) if ids else query.limit(20)
    decisions = sa.select(Decision).where(Decision.item_id == item.id).order_by(Decision.created.desc())
    return shapes.item(item, source, list(model.Session.scalars(query)), list(model.Session.scalars(decisions)))


@tk.side_effect_free
def digitalcity_item_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A source's items by title, as they stand now: ``count``, ``results``, and ``numbers`` of all by outcome.

    Args:
        id: the source's id or name.
        outcome: only items that stand so.
        offset, limit: which part of the list (limit at most 100).
    """
    tk.check_access("digitalcity_item_list", context, data_dict)
    data = validated(data_dict, schema.item_list())
    source = find(data["id"])
    query = model.Session.query(Item).filter_by(source_id=source.id)
    if source.kind == UPLOAD:  # of drafts and private datasets only their own people know
        public = sa.select(model.Package.id).where(model.Package.state == "active", model.Package.private.is_(False))
        query = query.filter(Item.dataset_id.in_(public))
    numbers = dict(query.with_entities(Item.outcome, sa.func.count()).group_by(Item.outcome).tuples())
    if data["outcome"]:
        query = query.filter_by(outcome=data["outcome"])
    rows = query.order_by(Item.title, Item.remote_id).offset(data["offset"]).limit(data["limit"])
    return {"count": query.count(), "numbers": numbers, "results": [shape(row, source) for row in rows]}


@tk.side_effect_free
def digitalcity_inbox_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """What waits for a person in the user's organizations, longest waiting first: ``count`` and ``results``."""
    tk.check_access("digitalcity_inbox_list", context, data_dict)
    data = validated(data_dict, schema.page())
    query = sa.select(Item, Source).join(Source, Source.id == Item.source_id).where(Item.held_since.is_not(None))
    user = context["auth_user_obj"]
    if not user.sysadmin:
        query = query.where(Source.organization_id.in_(organizations_of(user)))
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))
    rows = model.Session.execute(query.order_by(Item.held_since).offset(data["offset"]).limit(data["limit"]))
    return {"count": count, "results": [shape(item, source) for item, source in rows]}


def organizations_of(user: Any) -> list[str]:
    """Ids of the organizations that a user edits for."""
    groups = user.get_group_ids(group_type="organization")
    return [id_ for id_ in groups if authz.has_user_permission_for_group_or_org(id_, user.name, "update_dataset")]
