"""How sources stand: their health in one word, what is to be done next, and which come first in a list."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.model import UPLOAD, Item, Run, Source, Version, now

LATE = timedelta(minutes=30)  # after its time; a tick comes every minute, and sources start spread over ten
WAITS = ("held", "failed")  # outcomes that a person decides about

# Health in one word (words.HEALTH), as the database tells it.
HEALTH: sa.Case[str] = sa.case(
    (Source.kind == UPLOAD, "good"),
    (Source.failing_since.is_not(None), "failing"),
    (Source.paused.is_not(None), "paused"),
    (Source.last_good.is_not(None), "good"),
    else_="new",
)


def health(row: Source) -> str:
    """The same of one source."""
    if row.kind == UPLOAD:
        return "good"
    if row.failing_since:
        return "failing"
    if row.paused:
        return "paused"
    return "good" if row.last_good else "new"


def listed(organization_ids: list[str] | None = None, of_health: str = "", text: str = "") -> sa.Select[tuple[Source]]:
    """Sources, those that need somebody first: failing ones, then those that hold something, then by title.

    Args:
        organization_ids: only sources of these; all if None.
        of_health: only sources that stand so.
        text: only sources with this in title or name.
    """
    waiting = (
        sa.select(sa.func.count())
        .where(Item.source_id == Source.id, Item.outcome.in_(WAITS), Item.candidate.is_not(None))
        .scalar_subquery()
    )
    query = sa.select(Source).where(Source.deleted.is_(None))
    if organization_ids is not None:
        query = query.where(Source.organization_id.in_(organization_ids))
    if of_health:
        query = query.where(HEALTH.in_([of_health]))
    if text:
        query = query.where(
            sa.or_(Source.title.icontains(text, autoescape=True), Source.name.icontains(text, autoescape=True))
        )
    return query.order_by(Source.failing_since.is_(None), waiting == 0, Source.title, Source.name)


def numbers(query: sa.Select[tuple[Source]]) -> dict[str, int]:
    """How many of these sources stand how."""
    found = query.order_by(None).with_only_columns(HEALTH, sa.func.count()).group_by(HEALTH)
    return dict(model.Session.execute(found).tuples().all())


def facts(row: Source) -> dict[str, Any]:
    """What the list of sources says beyond the source itself.

    Returns:
        ``waiting``: records that a person must decide about. ``oldest``: the last change of the public dataset that has
        not changed for longest. ``next_step``: a code of ``words.NEXT``.
    """
    waiting, errors, oldest = model.Session.execute(
        sa.select(
            sa.func.count().filter(Item.outcome.in_(WAITS), Item.candidate.is_not(None)),
            sa.func.count().filter(Item.outcome == "error"),
            sa.func.min(model.Package.metadata_modified),
        )
        .outerjoin(model.Package, sa.and_(model.Package.id == Item.dataset_id, Item.published.is_not(None)))
        .where(Item.source_id == row.id)
    ).one()
    oldest = oldest and oldest.replace(tzinfo=UTC)  # CKAN keeps it without a zone
    return {"waiting": waiting, "oldest": oldest, "next_step": _next_step(row, waiting, errors)}


def trend(source_id: str, number: int = 8) -> list[Run]:
    """The last runs, the oldest of them first."""
    query = sa.select(Run).where(Run.source_id == source_id).order_by(Run.created.desc()).limit(number)
    return list(model.Session.scalars(query))[::-1]


def _next_step(row: Source, waiting: int, errors: int) -> str:
    """The most urgent thing that somebody should do, or ""."""
    if row.kind != UPLOAD and model.Session.query(Version).filter_by(source_id=row.id, state="proposed").count():
        return "approve"
    if row.failing_since:
        return "mend"
    if waiting:
        return "decide"
    if row.last_message:  # of a run that was finished: withdrawals are held
        return "allow"
    if errors:
        return "look"
    if row.kind == UPLOAD:
        return ""
    if row.paused:
        return "resume"
    if row.next_run and row.next_run < now() - LATE:
        return "wake"
    return "" if row.last_good else "run"
