"""Ledger rows as actions give them: JSON-serialisable, times as ISO 8601 in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ckan import model

from ckanext.digitalcity.harvest import standing, versions
from ckanext.digitalcity.model import (
    UPLOAD,
    Decision,
    Evidence,
    Item,
    Preview,
    PreviewRecord,
    Report,
    Run,
    Source,
    Task,
    Version,
)

Shape = dict[str, Any]


def iso(moment: datetime | None) -> str | None:
    """ISO 8601, or None."""
    return moment.isoformat() if moment else None


def source(row: Source, run: Run | None, counts: dict[str, int]) -> Shape:
    """A source with its newest run and the number of its items by outcome."""
    organization = model.Group.get(row.organization_id)
    return {
        "id": row.id,
        "name": row.name,
        "title": row.title,
        "kind": row.kind,
        "organization": {
            "id": row.organization_id,
            "name": organization.name if organization else "",
            "title": organization.display_name if organization else "",
        },
        "created": iso(row.created),
        "modified": iso(row.modified),
        "deleted": iso(row.deleted),
        "approved": bool(row.recipe) or row.kind == UPLOAD,
        "last_good": iso(row.last_good),
        "failing_since": iso(row.failing_since),
        "message": row.last_message,
        **pause(row),
        "health": standing.health(row),
        "items": counts,
        "run": run_(run) if run else None,
    }


def pause(row: Source) -> Shape:
    """When a source runs next, or since when, by whom and why its schedule is paused."""
    paused = {"since": iso(row.paused), "by": _person(row.paused_by), "reason": row.paused_why} if row.paused else None
    return {"next_run": iso(row.next_run), "paused": paused}


def run_(row: Run) -> Shape:
    """A run."""
    return {
        "id": row.id,
        "source_id": row.source_id,
        "state": row.state,
        "started_by": row.started_by,
        "created": iso(row.created),
        "started": iso(row.started),
        "finished": iso(row.finished),
        "counts": row.counts,
        "message": row.message,
    }


def task(row: Task, item: Item | None) -> Shape:
    """What became of one record in one run."""
    return {
        "remote_id": row.remote_id,
        "title": row.title or row.remote_id,
        "change": row.change,
        "outcome": row.outcome,
        "reason": row.reason,
        "message": row.message,
        "finished": iso(row.finished),
        "item_id": item.id if item else None,
        "dataset_id": item.dataset_id if item and item.published else None,
    }


def item(row: Item, origin: Source, reports: list[Report], decisions: list[Decision]) -> Shape:
    """A record's lasting identity, what is public and what waits."""
    return {
        "id": row.id,
        "source": {"id": origin.id, "name": origin.name, "title": origin.title},
        "remote_id": row.remote_id,
        "title": row.title or row.remote_id,
        "dataset_id": row.dataset_id if row.published else None,
        "outcome": row.outcome,
        "reason": row.reason,
        "message": row.message,
        "held_since": iso(row.held_since),
        "missing_since": iso(row.missing_since),
        "published": iso(row.published),
        "waiting": row.candidate is not None,
        "releasable": row.candidate is not None and row.outcome in ("held", "failed"),
        "reports": [report(r, full=False) for r in reports],
        "decisions": [decision(d) for d in decisions],
    }


def report(row: Report, *, full: bool = True) -> Shape:
    """One check of one file; ``result`` (core.model.CheckResult) only if asked for."""
    shape: Shape = {
        "id": row.id,
        "item_id": row.item_id,
        "key": row.key,
        "name": row.name,
        "sha256": row.sha256,
        "outcome": row.outcome,
        "reason": row.reason,
        "created": iso(row.created),
    }
    if full:
        shape["result"] = row.result
    else:
        shape["errors"] = row.result.get("stats", {}).get("errors", 0)
        shape["findings"] = len(row.result.get("findings", []))
    return shape


def decision(row: Decision) -> Shape:
    """What a person decided, and why."""
    by = _person(row.user_id)
    return {"action": row.action, "reason": row.reason, "by": by, "created": iso(row.created)}


def version(row: Version, origin: Source) -> Shape:
    """A version of a recipe without its text; ``current`` tells whether it says what is in force."""
    return {
        "number": row.number,
        "state": row.state,
        "current": row.state == "used" and origin.recipe == row.recipe,
        "reason": row.reason,
        "by": _person(row.user_id),
        "created": iso(row.created),
        "decided_by": _person(row.decided_by),
        "decided": iso(row.decided),
    }


def _person(user_id: str) -> str:
    user = model.User.get(user_id) if user_id else None
    return str(user.display_name) if user else user_id


def preview(row: Preview, origin: Source | None) -> Shape:
    """A preview; ``current`` tells whether the source's recipe is the one that was tried.

    ``proposed`` is the number of the version that waits for approval, if that is what was tried.
    """
    waiting = versions.proposed(origin.id) if origin else None
    return {
        "id": row.id,
        "purpose": row.purpose,
        "source": {"name": origin.name, "title": origin.title, "modified": iso(origin.modified)} if origin else None,
        "current": bool(origin and origin.recipe == row.recipe and not origin.deleted),
        "proposed": waiting.number if waiting and waiting.recipe == row.recipe else None,
        "recipe": row.recipe,
        "state": row.state,
        "created": iso(row.created),
        "finished": iso(row.finished),
        "counts": row.counts,
        "total": row.total,
        "done": row.done,
        "message": row.message,
    }


def preview_record(row: PreviewRecord) -> Shape:
    """What would become of one record."""
    return {
        "remote_id": row.remote_id,
        "title": row.title,
        "change": row.change,
        "reason": row.reason,
        "message": row.message,
        "item": row.body.get("item"),
        "fields": row.body.get("fields", []),
        "files": row.body.get("files", []),
        "all_files": row.body.get("all_files", 0),
    }


def evidence(row: Evidence) -> Shape:
    """One fact about a dataset."""
    return {
        "id": row.id,
        "dataset_id": row.dataset_id,
        "kind": row.kind,
        "subject": row.subject,
        "body": row.body,
        "checker": row.checker,
        "assurance": row.assurance,
        "created": iso(row.created),
        "expires": iso(row.expires),
        "replaced": iso(row.replaced),
    }
