"""Works previews off in the background. The ledger says what is left to do; Redis only wakes us."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from rq.timeouts import JobTimeoutException

from ckanext.digitalcity import config
from ckanext.digitalcity.core.errors import DigitalCityError, LostLease
from ckanext.digitalcity.harvest.calling import call
from ckanext.digitalcity.harvest.preview import Look, Record, records
from ckanext.digitalcity.harvest.probe import SECONDS, probe
from ckanext.digitalcity.model import Preview, PreviewRecord, now

log = logging.getLogger(__name__)

TRIES = 3
LEASE = timedelta(minutes=20)  # longer than one record may take
KEPT = timedelta(days=30)
SPARE = 60  # seconds that a job may take beyond the time it gives itself


def work(preview_id: str) -> bool:
    """Works one preview off.

    Returns:
        False if there was nothing to do, or another worker is at it.
    """
    row = _claim(preview_id)
    if row is None:
        return False
    purpose, text, tries = row.purpose, row.recipe, row.tries
    until = time.monotonic() + _seconds(purpose)
    look = Look(most=config.preview_records(), go_on=lambda: time.monotonic() < until)
    try:
        found = probe(text, look.go_on) if purpose == "test" else records(text, look)
        for number, record in enumerate(found):
            _keep(preview_id, tries, number, record, look)
        _end(preview_id, tries, look, "finished", look.message)
    except LostLease:
        log.warning("preview %s was taken over by another worker", preview_id)
    except DigitalCityError as problem:
        model.Session.rollback()
        _end(preview_id, tries, look, "failed", str(problem))
    except JobTimeoutException:
        model.Session.rollback()
        _end(preview_id, tries, look, "failed", "It took too long and was stopped. Try it again later.")
    return True


def _claim(preview_id: str) -> Preview | None:
    """The preview with one try more counted and nothing found yet, if nobody is at it. Commits."""
    query = sa.select(Preview).where(Preview.id == preview_id, Preview.finished.is_(None))
    row: Preview | None = model.Session.scalars(query.with_for_update(skip_locked=True)).first()
    if row is None or (row.busy_until and row.busy_until > now()):
        model.Session.rollback()
        return None
    if row.tries >= TRIES:
        row.state, row.finished, row.message = "failed", now(), "It ended its worker three times."
        model.Session.commit()
        return None
    row.state, row.tries, row.busy_until = "working", row.tries + 1, now() + LEASE
    row.counts, row.total, row.done = {}, 0, 0
    model.Session.execute(sa.delete(PreviewRecord).where(PreviewRecord.preview_id == preview_id))
    model.Session.commit()
    return row


def _keep(preview_id: str, tries: int, number: int, record: Record, look: Look) -> None:
    """Writes one record down and makes the lease longer. Commits."""
    if look.total == 0:
        look.counts[record["change"]] += 1  # a test counts nothing itself
    _write(preview_id, tries, busy_until=now() + LEASE, **_progress(look))
    named = ("remote_id", "title", "change", "reason", "message")
    body = {key: value for key, value in record.items() if key not in named}
    told = {key: record[key] for key in named}
    model.Session.add(PreviewRecord(preview_id=preview_id, position=number, body=body, **told))
    model.Session.commit()


def _end(preview_id: str, tries: int, look: Look, state: str, message: str) -> None:
    _write(preview_id, tries, state=state, message=message, finished=now(), **_progress(look))
    model.Session.commit()


def _progress(look: Look) -> dict[str, Any]:
    return {"counts": dict(look.counts), "total": look.total, "done": sum(look.counts.values())}


def _write(preview_id: str, tries: int, **values: Any) -> None:
    """Changes the row, if it is still ours to change.

    Raises:
        LostLease: another worker has begun it again since.
    """
    changed = model.Session.execute(
        sa.update(Preview)
        .where(Preview.id == preview_id, Preview.tries == tries, Preview.finished.is_(None))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        model.Session.rollback()
        raise LostLease("Another worker has taken over this preview.")


def _seconds(purpose: str) -> int:
    return SECONDS if purpose == "test" else config.preview_minutes() * 60


def enqueue(preview_id: str, purpose: str, *, again: bool = False) -> None:
    """Wakes a worker up. If Redis is away, the next tick finds the preview in the ledger."""
    title = f"digitalcity {purpose} {preview_id}"
    call(work, preview_id, title, timeout=_seconds(purpose) + SPARE, again=again)


def resume() -> int:
    """Gives previews that nobody works on to a worker, and forgets old ones: how many were given. Commits."""
    model.Session.execute(sa.delete(Preview).where(Preview.created < now() - KEPT))
    model.Session.commit()
    query = sa.select(Preview).where(
        Preview.finished.is_(None), sa.or_(Preview.busy_until.is_(None), Preview.busy_until < now())
    )
    left = list(model.Session.scalars(query))
    for row in left:
        enqueue(row.id, row.purpose, again=True)
    return len(left)
