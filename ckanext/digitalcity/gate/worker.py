"""Checks uploads that were too large for a web request. The ledger says what is left to do; Redis only wakes us."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.core.check import Checker, Request, failed
from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import CheckResult, Outcome, Verdict
from ckanext.digitalcity.core.pipeline import Candidate, check_candidate
from ckanext.digitalcity.core.shipped import shipped
from ckanext.digitalcity.gate.home import recipe_of
from ckanext.digitalcity.gate.settle import conclude, show
from ckanext.digitalcity.harvest.calling import call
from ckanext.digitalcity.harvest.silence import limit_silence
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.model import PENDING, Item, Source, now

log = logging.getLogger(__name__)

TRIES = 3
GRACE = timedelta(minutes=2)  # beyond the longest check: a worker that takes longer has died


def check(item_id: str) -> bool:
    """Checks one pending upload and publishes or holds it. Commits.

    Returns:
        False if there was nothing to do: checked already, replaced, or another worker is at it.
    """
    limit_silence()
    item = _claim(item_id)
    if item is None:
        return False
    waiting = item.candidate or {}
    tries, found = waiting["tries"], Candidate.from_json(waiting["record"])
    verdict, result = _judge(model.Session.get(Source, item.source_id), found, tries)
    # first the dataset, then the item: in the order in which an upload takes them
    model.Session.rollback()
    model.Session.execute(sa.select(model.Package.id).where(model.Package.id == item.dataset_id).with_for_update())
    item = model.Session.scalars(sa.select(Item).where(Item.id == item_id).with_for_update()).one()
    if item.outcome != PENDING or (item.candidate or {}).get("content") != found.content:
        model.Session.rollback()
        return False
    conclude(item, found, result, verdict)
    try:
        _finish(item)
    except (Skippable, tk.ObjectNotFound) as problem:
        _give_up(item_id, problem)
    return True


def _finish(item: Item) -> None:
    if item.outcome == Outcome.PASSED:
        show(item)
    else:
        model.Session.commit()


def _give_up(item_id: str, problem: Exception) -> None:
    model.Session.rollback()
    item = model.Session.get(Item, item_id)
    reason = getattr(problem, "reason", "") or "missing"
    item.outcome, item.reason, item.message = Outcome.ERROR, reason, str(problem)
    item.held_since, item.modified = now(), now()
    model.Session.commit()


def _claim(item_id: str) -> Item | None:
    """The pending item with one try more counted, if nobody is at it. Commits."""
    query = sa.select(Item).where(Item.id == item_id, Item.outcome == PENDING).with_for_update(skip_locked=True)
    item: Item | None = model.Session.scalars(query).first()
    if item is None or _busy(item):
        model.Session.rollback()
        return None
    until = now() + timedelta(seconds=config.check_limits().seconds) + GRACE
    tries = (item.candidate or {}).get("tries", 0) + 1
    item.candidate = {**(item.candidate or {}), "tries": tries, "until": until.isoformat()}
    model.Session.commit()
    return item


def _busy(item: Item) -> bool:
    until = (item.candidate or {}).get("until")
    return until is not None and datetime.fromisoformat(until) > now()


def _judge(source: Source, found: Candidate, tries: int) -> tuple[Verdict, CheckResult]:
    recipe, file = recipe_of(source), found.files[0]
    model.Session.rollback()  # the check may take long: hold no transaction open
    if tries > TRIES:
        worn_out = failed(Request(path="", sha256=file.sha256, filename=file.filename), "crash")
        return Verdict(Outcome.ERROR, "crash"), worn_out
    with StorageStage(config.stage_storage(), config.file_limit()) as stage, Checker(config.check_limits()) as checker:
        verdict, results = check_candidate(found, recipe, stage, checker.check, shipped)
    return verdict, results[0]


def enqueue(item_id: str, *, again: bool = False) -> None:
    """Wakes a worker up. If Redis is away, the next tick finds the upload in the ledger."""
    call(check, item_id, f"digitalcity upload {item_id}", again=again)


def wake_after_commit(item_id: str) -> None:
    """Wakes a worker up once the transaction has ended: before that there is nothing for it to find."""
    waiting = [item_id]

    def wake(_: Any, transaction: Any) -> None:
        if transaction.parent is None and waiting:
            enqueue(waiting.pop())

    sa.event.listen(model.Session(), "after_transaction_end", wake)


def resume() -> int:
    """Sees to it that workers are called for all uploads that wait for a check and that nobody is at: how many."""
    left = [
        item.id for item in model.Session.scalars(sa.select(Item).where(Item.outcome == PENDING)) if not _busy(item)
    ]
    for item_id in left:
        enqueue(item_id, again=True)
    return len(left)
