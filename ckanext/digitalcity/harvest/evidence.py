"""Keeps and finds evidence. What is already known is not written again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import uuid4

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import model as ledger
from ckanext.digitalcity.core.model import Assurance, Evidence


def keep(
    dataset_id: str, facts: Iterable[Evidence], *, files: Collection[str] | None = None, without: str = ""
) -> bool:
    """Stores facts in the caller's transaction, each in place of the older one of its kind and subject.

    Args:
        files: those that the dataset still has; evidence about others ends.
        without: a kind of which all evidence ends, such as decisions about bytes that are no longer public.

    Returns:
        False if exactly this was known and still counts.
    """
    session = model.Session
    known = {(row.kind, row.subject): row for row in session.scalars(_current(dataset_id))}
    for (kind, subject), row in known.items():
        if kind == without or (files is not None and subject and subject not in files):
            row.replaced = ledger.now()
    new = [fact for fact in facts if not _is_known(known.get((fact.kind, fact.subject)), fact)]
    for fact in new:
        if old := known.get((fact.kind, fact.subject)):
            old.replaced = fact.created
    session.flush()  # of a kind and subject only one counts at a time
    session.add_all(rows(dataset_id, new))
    return bool(new)


def rows(dataset_id: str, facts: Iterable[Evidence]) -> list[ledger.Evidence]:
    """Facts as they are stored, to be added to a session."""
    return [
        ledger.Evidence(
            id=str(uuid4()),
            dataset_id=dataset_id,
            kind=fact.kind,
            subject=fact.subject,
            body=fact.body,
            checker=fact.checker,
            assurance=fact.assurance.value,
            created=fact.created,
            expires=fact.expires,
        )
        for fact in facts
    ]


def _is_known(old: ledger.Evidence | None, fact: Evidence) -> bool:
    fresh = old is not None and (old.expires is None or old.expires > fact.created)
    return old is not None and fresh and old.body == fact.body and old.checker == fact.checker


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
