"""A person's decision about what is held: release it as it is, or reject it."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import labels
from ckanext.digitalcity.harvest.release import release_held
from ckanext.digitalcity.logic import schema
from ckanext.digitalcity.logic.action.item import shape
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import Decision, Item, Source


def digitalcity_item_release(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Publishes what is held although it did not pass; the label says who decided and why.

    What could not be checked at all (``error``) cannot be released: it may pass at the next run.

    Args:
        id: the item's id.
        reason: why, in words; shown to the public.
    """
    tk.check_access("digitalcity_item_decide", context, data_dict)
    item, source, data = _waiting(data_dict)
    if item.outcome not in ("held", "failed"):
        raise tk.ValidationError(
            {"id": [tk._("This could not be checked, so it cannot be released. Run the source again.")]}
        )
    user = context["auth_user_obj"]
    _decide(item, "release", data["reason"], user.id)
    release_held(item, source, user.display_name, data["reason"])
    return shape(item, source)


def digitalcity_item_reject(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Refuses what is held. What is public stays, and the same content is not asked about again.

    Args:
        id: the item's id.
        reason: why, in words.
    """
    tk.check_access("digitalcity_item_decide", context, data_dict)
    item, source, data = _waiting(data_dict)
    _decide(item, "reject", data["reason"], context["auth_user_obj"].id)
    item.rejected = (item.candidate or {})["content"]
    item.candidate, item.held_since, item.reason = None, None, "rejected"
    if item.published:
        item.outcome, item.reason, item.message = "passed", "", ""
        model.Session.flush()
        labels.remember(item.dataset_id)
    model.Session.commit()
    return shape(item, source)


def _waiting(data_dict: dict[str, Any]) -> tuple[Item, Source, dict[str, Any]]:
    data = validated(data_dict, schema.decide())
    item = model.Session.scalars(sa.select(Item).where(Item.id == data["id"]).with_for_update()).first()
    if item is None or not item.candidate:
        model.Session.rollback()
        raise tk.ObjectNotFound(tk._("Nothing is waiting here. Perhaps somebody has decided already."))
    return item, model.Session.get(Source, item.source_id), data


def _decide(item: Item, action: str, reason: str, user_id: str) -> None:
    waiting = item.candidate or {}
    model.Session.add(
        Decision(
            item_id=item.id,
            action=action,
            reason=reason,
            user_id=user_id,
            content=waiting["content"],
            verdict=waiting["verdict"],
        )
    )
