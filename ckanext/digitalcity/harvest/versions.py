"""The history of a source's recipe, and who must approve a change."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.model import Source, Version, now


def add(source: Source, text: str, user_id: str, reason: str, *, state: str) -> Version:
    """One version more; what was proposed before is superseded. The caller holds the source's row and commits."""
    model.Session.flush()
    open_ = sa.update(Version).where(Version.source_id == source.id, Version.state == "proposed")
    model.Session.execute(open_.values(state="superseded", decided=now()))
    last = model.Session.scalar(sa.select(sa.func.max(Version.number)).where(Version.source_id == source.id))
    version = Version(
        source_id=source.id, number=(last or 0) + 1, recipe=text, user_id=user_id, reason=reason, state=state
    )
    model.Session.add(version)
    model.Session.flush()
    return version


def propose(source: Source, text: str, user_id: str, reason: str) -> Version:
    """What waits for a second person: a new proposal, or the same one if it says the same already."""
    model.Session.flush()
    waiting = proposed(source.id)
    if waiting and waiting.recipe == text:
        return waiting
    return add(source, text, user_id, reason, state="proposed")


def proposed(source_id: str) -> Version | None:
    """What waits for a second person."""
    found: Version | None = model.Session.scalars(
        sa.select(Version).where(Version.source_id == source_id, Version.state == "proposed")
    ).first()
    return found


def before(version: Version) -> Version | None:
    """What was in force before this version, or is in force beside a proposal."""
    query = sa.select(Version).where(
        Version.source_id == version.source_id, Version.number < version.number, Version.state == "used"
    )
    found: Version | None = model.Session.scalars(query.order_by(Version.number.desc()).limit(1)).first()
    return found


def needs_approval(*organization_ids: str) -> bool:
    """Whether a recipe of one of these organizations takes effect only once a second person has approved it."""
    wanted = config.approval_organizations()
    groups = (model.Group.get(id_) for id_ in organization_ids if id_)
    return "*" in wanted or any(group and (group.name in wanted or group.id in wanted) for group in groups)
