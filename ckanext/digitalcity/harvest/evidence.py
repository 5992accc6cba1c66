"""Keeps and finds evidence. What is already known is not written again."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import model as ledger
from ckanext.digitalcity.core.model import Assurance, Evidence


def keep(dataset_id: str, facts: Evidence) -> bool:
    """Stores one fact in the caller's transaction, in place of the older one of its kind and subject.

    Returns:
        False if exactly this was known and still counts.
    """
    session = model.Session
    old = session.scalars(
        _current(dataset_id).where(ledger.Evidence.kind == facts.kind, ledger.Evidence.subject == facts.subject)
    ).first()
    if old is not None:
        fresh = old.expires is None or old.expires > facts.created
        if fresh and old.body == facts.body and old.checker == facts.checker:
            return False
        old.replaced = facts.created
        session.flush()
    session.add(
        ledger.Evidence(
            dataset_id=dataset_id,
            kind=facts.kind,
            subject=facts.subject,
            body=facts.body,
            checker=facts.checker,
            assurance=facts.assurance.value,
            created=facts.created,
            expires=facts.expires,
        )
    )
    return True


def retire(dataset_id: str, subjects: Collection[str]) -> None:
    """Ends evidence about files that are no longer part of the dataset."""
    for row in model.Session.scalars(_current(dataset_id)):
        if row.subject and row.subject not in subjects:
            row.replaced = ledger.now()


def drop(dataset_id: str, kind: str) -> None:
    """Ends all evidence of one kind, such as a decision about bytes that are no longer public."""
    for row in model.Session.scalars(_current(dataset_id).where(ledger.Evidence.kind == kind)):
        row.replaced = ledger.now()


def end(dataset_id: str, subject: str, kind: str = "") -> None:
    """Ends what is known about one file, or only evidence of one kind."""
    for row in model.Session.scalars(_current(dataset_id).where(ledger.Evidence.subject == subject)):
        if not kind or row.kind == kind:
            row.replaced = ledger.now()


def current(dataset_id: str) -> list[Evidence]:
    """All evidence about a dataset that nothing newer has replaced."""
    return [as_value(row) for row in model.Session.scalars(_current(dataset_id))]


def as_value(row: ledger.Evidence) -> Evidence:
    """A stored row as the core's value."""
    return Evidence(
        kind=row.kind,
        body=row.body,
        checker=row.checker,
        created=row.created,
        assurance=Assurance(row.assurance),
        expires=row.expires,
        id=row.id,
        subject=row.subject,
    )


def _current(dataset_id: str) -> sa.Select[tuple[ledger.Evidence]]:
    return sa.select(ledger.Evidence).where(
        ledger.Evidence.dataset_id == dataset_id, ledger.Evidence.replaced.is_(None)
    )
