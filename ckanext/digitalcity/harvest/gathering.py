"""Gather: compares what a source lists with what is known, and leaves one task for each record to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.core.model import Outcome, Ref
from ckanext.digitalcity.harvest.ledger import hold_on
from ckanext.digitalcity.harvesters.base import Source as Kind
from ckanext.digitalcity.model import Item, Run, Task

WITHDRAW = "withdraw"
AT_ONCE = 1000  # tasks in one statement


def gather(run: Run, fence: int, kind: Kind, share: float, beat: Callable[[], None]) -> None:
    """Writes the run's tasks in one transaction, or none if the list could not be read to its end.

    Args:
        share: percent of the public records that may be missing before a person is asked.
        beat: called for every record listed, to keep the lease.
    """
    known = {
        remote_id: (None if missing_since else version, outcome)
        for remote_id, version, outcome, missing_since in model.Session.execute(
            sa.select(Item.remote_id, Item.version, Item.outcome, Item.missing_since).where(
                Item.source_id == run.source_id
            )
        )
    }
    model.Session.rollback()  # nothing open while the network is read
    counts: Counter[str] = Counter()
    todo: list[Ref] = []
    seen: set[str] = set()
    doubled: dict[str, Ref] = {}
    for ref in kind.gather():
        beat()
        if ref.remote_id in seen:
            doubled[ref.remote_id] = _second(ref)
            continue
        seen.add(ref.remote_id)
        settled = _settled(ref, known)
        if settled:
            counts[settled] += 1
        else:
            todo.append(ref)
    todo += doubled.values()
    public = _public(run.source_id)
    missing = [remote_id for remote_id in public if remote_id not in seen]
    counts["listed"] = len(seen)
    hold_on(run.id, fence)
    _add(run.id, todo)
    if too_many(len(missing), len(public), share) and not run.allow_withdrawals:
        counts["missing"] = len(missing)  # else each has a task, and counts by its own end
        run.message = (
            f"{len(missing)} of {len(public)} datasets are no longer listed by the source. Nothing was withdrawn. "
            "If that is right, run it again and allow withdrawals."
        )
    else:
        _add(run.id, [Ref(remote_id, hint={WITHDRAW: True}) for remote_id in missing], len(todo))
    run.counts = dict(counts)
    run.state, run.lease_until = "working", None
    model.Session.commit()


def _add(run_id: str, refs: list[Ref], start: int = 0) -> None:
    """Tasks in the caller's transaction, some at a time: as objects of the session they would all stay in memory."""
    for first in range(0, len(refs), AT_ONCE):
        rows = [
            {"run_id": run_id, "remote_id": ref.remote_id, "position": place, "title": ref.title, "ref": asdict(ref)}
            for place, ref in enumerate(refs[first : first + AT_ONCE], start=start + first)
        ]
        model.Session.execute(sa.insert(Task), rows)


def _settled(ref: Ref, known: dict[str, tuple[str | None, str]]) -> str:
    """How a record counts that need not be looked at again, or "" if it must be."""
    version, outcome = known.get(ref.remote_id, (None, ""))
    if ref.version is None or version != ref.version:
        return ""
    if outcome in (Outcome.ERROR, Outcome.WITHDRAWN):  # an error may pass by itself; the withdrawn is back
        return ""
    return "unchanged" if outcome == Outcome.PASSED else "held"


def _second(ref: Ref) -> Ref:
    """A record listed more than once is dealt with once; the others are one error of their own."""
    return Ref(f"{ref.remote_id} (again)", ref.version, ref.title, {"error": "duplicate-id"})


def _public(source_id: str) -> list[str]:
    """The source's records that have a public dataset."""
    query = sa.select(Item.remote_id).where(
        Item.source_id == source_id, Item.outcome != Outcome.WITHDRAWN, Item.published.is_not(None)
    )
    return list(model.Session.scalars(query))


def too_many(missing: int, public: int, share: float) -> bool:
    """Whether so many public records are missing that a person must say that they may be withdrawn."""
    return missing > 0 and (missing == public or missing * 100 > share * public)
