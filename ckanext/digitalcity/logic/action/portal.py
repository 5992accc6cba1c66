"""The portal at a glance, for the home page."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.core.model import Outcome
from ckanext.digitalcity.model import Item, Source


@tk.side_effect_free
def digitalcity_portal_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """The portal at a glance.

    Returns:
        ``sources`` and ``public`` datasets of theirs, in numbers; ``items``: outcome -> number of records; ``waiting``:
        the same of those that wait for a person or could not be read.
    """
    tk.check_access("digitalcity_portal_show", context, data_dict)
    outcomes = model.Session.execute(sa.select(Item.outcome, sa.func.count()).group_by(Item.outcome))
    waiting = model.Session.execute(
        sa.select(Item.outcome, sa.func.count()).where(Item.held_since.is_not(None)).group_by(Item.outcome)
    )
    public = sa.select(sa.func.count(Item.dataset_id.distinct())).where(
        Item.published.is_not(None), Item.outcome != Outcome.WITHDRAWN
    )
    return {
        "sources": model.Session.scalar(sa.select(sa.func.count()).select_from(Source)),
        "public": model.Session.scalar(public),
        "items": dict(outcomes.tuples().all()),
        "waiting": dict(waiting.tuples().all()),
    }
