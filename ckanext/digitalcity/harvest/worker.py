"""Works a run off: gather once, then one record after another, each in a transaction of its own."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import SearchError, SearchIndexError
from sqlalchemy.exc import OperationalError

from ckanext.digitalcity import config, labels
from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.check import Checker
from ckanext.digitalcity.core.errors import BrokenRule, DigitalCityError, Fatal, LostLease, Retriable, Skippable
from ckanext.digitalcity.core.model import Outcome, Ref
from ckanext.digitalcity.core.pipeline import Kept
from ckanext.digitalcity.harvest import ledger, notify, schedule
from ckanext.digitalcity.harvest.gathering import WITHDRAW, gather
from ckanext.digitalcity.harvest.missing import miss
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.harvest.work import Bench, Done, item_for, prepare, settle
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.registry import make
from ckanext.digitalcity.model import Item, Run, Source, Task, now

log = logging.getLogger(__name__)

TRIES = 3
BEAT = 20.0  # seconds between two renewals of the lease, well below ledger.LEASE

Progress = Callable[[Run, int, int], None]


def work(run_id: str, progress: Progress = lambda run, done, total: None) -> bool:
    """Works a run off to its end, from wherever an earlier worker left it.

    Args:
        progress: called with the run, the number of tasks done and the number of all tasks.

    Returns:
        False if another worker holds the run.
    """
    fence = ledger.claim(run_id)
    if fence is None:
        return False
    run = model.Session.get(Run, run_id)
    source = model.Session.get(Source, run.source_id)
    try:
        _work(run, source, fence, progress)
    except LostLease:
        log.warning("run %s was taken over by another worker", run_id)
    except (Fatal, Retriable) as problem:
        model.Session.rollback()
        _fail(run_id, fence, problem)
    except BaseException:
        model.Session.rollback()  # the lease stays: the reconciler gives the run to another worker
        raise
    return True


def _work(run: Run, source: Source, fence: int, progress: Progress) -> None:
    recipe = recipes.read(source.recipe, name=source.name)
    http = Http(allowed=config.allowed_addresses(), user_agent=config.user_agent())
    organization = model.Group.get(source.organization_id)
    if organization is None:
        raise Fatal(f"The organisation of source “{source.name}” no longer exists.", "Name another one in its recipe.")
    beat = _beat(run.id, fence)
    with _BeatingStage(beat) as stage, Checker(config.check_limits()) as checker:
        bench = Bench(
            source_id=source.id,
            recipe=recipe,
            owner_org=organization.id,
            organisation=organization.title or organization.name,
            kind=make(recipe, http),
            stage=stage,
            check=checker.check,
            hold_on=lambda: ledger.hold_on(run.id, fence),
        )
        if run.state == "waiting":
            gather(run, fence, bench.kind, config.withdrawal_share(), beat)
        total = model.Session.query(Task).filter_by(run_id=run.id).count()
        done = model.Session.query(Task).filter(Task.run_id == run.id, Task.finished.is_not(None)).count()
        progress(run, done, total)
        while task := ledger.next_task(run.id):
            _do(bench, task, fence)
            done += bool(task.finished)
            progress(run, done, total)
    _finish(run, source, fence)


def _do(bench: Bench, task: Task, fence: int) -> None:
    """One try at one task. A try is counted before it begins, so that a record that kills its worker is set aside."""
    ref = Ref(**task.ref)
    ledger.hold_on(task.run_id, fence)
    task.attempts += 1
    tries = task.attempts
    model.Session.commit()
    if tries > TRIES:
        worn_out = Skippable("The check of this record ended its worker three times.", reason="crash")
        done: Done | None = _give_up(bench, ref, worn_out)
    else:
        done = _try(bench, ref, last=tries == TRIES)
    if done is None:
        return
    ledger.hold_on(task.run_id, fence)
    task.outcome, task.change, task.reason, task.message = done.outcome.value, done.change, done.reason, done.message
    task.title = _title(bench.source_id, ref) or task.title
    task.finished = now()
    model.Session.commit()


def _try(bench: Bench, ref: Ref, *, last: bool) -> Done | None:
    """The record's ending, or None if it is worth another try."""
    try:
        if ref.hint.get(WITHDRAW):
            return miss(bench, ref, config.withdrawal_grace())
        query = model.Session.query(Item).filter_by(source_id=bench.source_id, remote_id=ref.remote_id)
        cursor = next((item.cursor for item in query), None)
        model.Session.rollback()
        return settle(bench, ref, prepare(bench, ref, cursor))
    except LostLease:
        raise
    except (Skippable, BrokenRule) as problem:
        model.Session.rollback()
        return _give_up(bench, ref, problem)
    except (Retriable, OperationalError, SearchError, SearchIndexError) as problem:
        model.Session.rollback()
        after = getattr(problem, "after", None)
        if not last:
            time.sleep(min(after if after is not None else 1.0, 30.0))
            return None
        known = (
            problem
            if isinstance(problem, DigitalCityError)
            else Retriable(
                "The portal's own database or search index did not answer.", "Run the source again once it does."
            )
        )
        return _give_up(bench, ref, known)


def _give_up(bench: Bench, ref: Ref, problem: DigitalCityError) -> Done:
    """The record counts as an error; what is public stays public."""
    reason = getattr(problem, "reason", "") or ("broken-rule" if isinstance(problem, BrokenRule) else "unreachable")
    bench.hold_on()
    item = item_for(bench.source_id, ref) if reason != "duplicate-id" else None
    if item is not None:
        item.outcome, item.reason, item.message, item.modified = Outcome.ERROR, reason, str(problem), now()
        item.held_since = item.held_since or now()
        model.Session.flush()
        if item.published:
            labels.remember(item.dataset_id)
    model.Session.commit()
    return Done(Outcome.ERROR, "error", reason, str(problem))


def _title(source_id: str, ref: Ref) -> str:
    row = model.Session.query(Item.title).filter_by(source_id=source_id, remote_id=ref.remote_id).first()
    return str(row[0]) if row else ""


def _finish(run: Run, source: Source, fence: int) -> None:
    ledger.hold_on(run.id, fence)
    changes = Counter(run.counts)
    for (change,) in model.Session.query(Task.change).filter_by(run_id=run.id):
        changes[change] += 1
    run.counts = dict(changes)
    run.state, run.finished = "finished", now()
    notify.note(source, run, was_failing=source.failing_since is not None)
    source.last_good, source.failing_since, source.last_message = now(), None, run.message
    schedule.plan(source)
    model.Session.commit()
    labels.relabel_due()


def _fail(run_id: str, fence: int, problem: DigitalCityError) -> None:
    """The run could not be done. Nothing is withdrawn, and every label of the source says since when."""
    ledger.hold_on(run_id, fence)
    run = model.Session.get(Run, run_id)
    source = model.Session.get(Source, run.source_id)
    run.state, run.finished, run.message = "failed", now(), str(problem)
    notify.note(source, run, was_failing=source.failing_since is not None)
    source.failing_since, source.last_message = source.failing_since or now(), str(problem)
    schedule.plan(source)
    model.Session.flush()
    for (dataset_id,) in model.Session.query(Item.dataset_id).filter(
        Item.source_id == source.id, Item.published.is_not(None)
    ):
        labels.remember(dataset_id)
    model.Session.commit()


def _beat(run_id: str, fence: int) -> Callable[[], None]:
    """Renews the lease, at most every ``BEAT`` seconds, however often it is called. Commits."""
    last = time.monotonic()

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last > BEAT:
            ledger.hold_on(run_id, fence)
            model.Session.commit()
            last = time.monotonic()

    return beat


class _BeatingStage(StorageStage):
    """A stage that renews the lease while bytes come in."""

    def __init__(self, beat: Callable[[], None]) -> None:
        super().__init__(config.stage_storage(), config.file_limit())
        self._beat = beat

    def put(self, chunks: Iterable[bytes]) -> Kept:
        return super().put(self._watched(chunks))

    def _watched(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._beat()
            yield chunk


def enqueue(run_id: str) -> None:
    """Wakes a worker up. If Redis is away, the next tick finds the run in the ledger."""
    from redis.exceptions import RedisError

    try:
        tk.enqueue_job(work, [run_id], title=f"digitalcity run {run_id}", rq_kwargs={"timeout": -1})
    except RedisError:
        log.warning("Redis does not answer; the next tick will start run %s", run_id)
