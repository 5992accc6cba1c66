"""Who must be told what after a run: written into the outbox in the run's own last transaction."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.core.model import Json
from ckanext.digitalcity.model import Message, Run, Source, now


def note(source: Source, run: Run, *, was_failing: bool) -> None:
    """One message a run to each person who edits for the source's organization, and to the webhook if there is one.

    By default only where something changed: the source fails since this run, or no more, or holds something for the
    first time, or lists so little that its withdrawals wait for a person. The caller commits.

    Args:
        was_failing: whether the run before failed.
    """
    events = _events(source, run, was_failing)
    when = config.notify_when()
    if when == "never" or not (events or when == "always"):
        return
    body: Json = {
        "events": events or ["run"],
        "source": {"name": source.name, "title": source.title},
        "run": run.id,
        "state": run.state,
        "counts": {change: number for change, number in run.counts.items() if number},
        "message": run.message,
        "at": now().isoformat(),
    }
    people = _people(source.organization_id) if config.mail_is_set_up() else []
    for user_id in people:
        model.Session.add(Message(source_id=source.id, channel="email", recipient=user_id, body=body))
    if config.webhook_address():
        model.Session.add(Message(source_id=source.id, channel="webhook", recipient="", body=body))


def _events(source: Source, run: Run, was_failing: bool) -> list[str]:
    if run.state == "failed":
        return [] if was_failing else ["failing"]
    query = sa.select(Run).where(Run.source_id == source.id, Run.state == "finished", Run.id != run.id)
    before = model.Session.scalars(query.order_by(Run.created.desc()).limit(1)).first()
    found = ["recovered"] if was_failing else []
    if run.message and not (before and before.message):  # all that a finished run ever notes: withdrawals are held
        found.append("missing")
    if run.counts.get("held") and not (before and before.counts.get("held")):
        found.append("held")
    return found


def _people(organization_id: str) -> list[str]:
    """Ids of the organization's editors and administrators who can be written to."""
    query = (
        sa.select(model.User.id)
        .join(model.Member, model.Member.table_id == model.User.id)
        .where(
            model.Member.group_id == organization_id,
            model.Member.table_name == "user",
            model.Member.state == "active",
            model.Member.capacity.in_(("admin", "editor")),
            model.User.state == "active",
            model.User.email.is_not(None),
            model.User.email != "",
        )
        .distinct()
    )
    return list(model.Session.scalars(query))
