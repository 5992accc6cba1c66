"""Labels as the portal shows them: computed from evidence, remembered when they change."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.core.label import as_json, compute, next_change
from ckanext.digitalcity.core.model import Evidence, Label
from ckanext.digitalcity.harvest import evidence
from ckanext.digitalcity.model import UPLOAD, Item, Source, now
from ckanext.digitalcity.model import Label as Row


def current(dataset_id: str) -> Label:
    """A dataset's label at this moment."""
    label: Label = compute(all_evidence(dataset_id), now())
    return label


def all_evidence(dataset_id: str) -> list[Evidence]:
    """Stored evidence, and what the ledger itself says: is an update waiting, does the source answer?"""
    found = evidence.current(dataset_id)
    pairs = model.Session.execute(
        sa.select(Item, Source)
        .join(Source, Source.id == Item.source_id)
        .where(Item.dataset_id == dataset_id)
        .order_by(Item.held_since)
    ).all()
    holds = [_hold(item) for item, _ in pairs[:1]]  # what has waited longest comes first, what does not wait last
    return [*found, *holds, *(_reach(item, source) for item, source in pairs if source.kind != UPLOAD)]


def _hold(item: Item) -> Evidence:
    waiting = item.held_since is not None
    report = next((f["report"] for f in (item.candidate or {}).get("reports", []) if f["bad"]), None)
    body = {
        "waiting": waiting,
        "since": item.held_since.isoformat() if item.held_since else None,
        "outcome": item.outcome if waiting else "",
        "reason": item.reason if waiting else "",
        "report": report,
    }
    return Evidence("hold", body, "digitalcity", item.held_since or item.modified, id=f"item-{item.id}")


def _reach(item: Item, source: Source) -> Evidence:
    ok = source.failing_since is None and item.missing_since is None
    since = source.failing_since or item.missing_since
    message = source.last_message if source.failing_since else ""
    if item.missing_since and not message:
        message = "The source no longer lists this dataset."
    at = source.last_good or source.modified
    body = {
        "ok": ok,
        "at": at.isoformat(),
        "since": since.isoformat() if since else None,
        "message": message,
    }
    return Evidence("reach", body, "digitalcity", at, id=f"source-{source.id}")


def remember(dataset_id: str) -> bool:
    """Adds the label as it stands to its history, in the caller's transaction, if any line has changed."""
    row = _row(dataset_id, all_evidence(dataset_id))
    last = model.Session.scalars(
        sa.select(Row).where(Row.dataset_id == dataset_id).order_by(Row.created.desc()).limit(1)
    ).first()
    if last is not None and _states(last.body) == _states(row.body):
        last.due = row.due
        return False
    model.Session.add(row)
    return True


def first(item: Item, source: Source, found: Sequence[Evidence]) -> Row:
    """The label of a harvested dataset that had none before, to be added to a session.

    Args:
        found: all evidence about it.
    """
    return _row(item.dataset_id, [*found, _hold(item), _reach(item, source)])


def _row(dataset_id: str, facts: Sequence[Evidence]) -> Row:
    moment = now()
    label = compute(facts, moment)
    headlines = {panel.name: panel.headline.value for panel in label.panels}
    return Row(
        dataset_id=dataset_id,
        created=moment,
        due=next_change(facts, moment),
        trust=headlines.get("trust", ""),
        privacy=headlines.get("privacy", ""),
        body=as_json(label),
    )


def _states(body: dict[str, object]) -> list[tuple[str, str]]:
    panels: list[dict[str, list[dict[str, str]]]] = body["panels"]  # type: ignore[assignment]
    return [(line["indicator"], line["state"]) for panel in panels for line in panel["lines"]]


def relabel_due() -> int:
    """Looks again at every label that was to change by itself by now. Commits.

    Returns:
        How many labels really changed.
    """
    newest = sa.select(Row.dataset_id, sa.func.max(Row.created).label("created")).group_by(Row.dataset_id).subquery()
    ids = model.Session.scalars(
        sa.select(Row.dataset_id)
        .join(newest, sa.and_(newest.c.dataset_id == Row.dataset_id, newest.c.created == Row.created))
        .where(Row.due <= now())
    ).all()
    changed = sum(remember(dataset_id) for dataset_id in ids)
    model.Session.commit()
    return changed
