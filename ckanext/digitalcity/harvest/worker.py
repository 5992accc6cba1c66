"""Works a run off beside others: one gathers, then each takes one record after another, in its own transaction."""

from __future__ import annotations

import gc
import logging
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import config, labels
from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.check import Checker
from ckanext.digitalcity.core.errors import (
    BrokenRule,
    DigitalCityError,
    Fatal,
    LostLease,
    Resting,
    Retriable,
    Skippable,
)
from ckanext.digitalcity.core.model import Outcome, Ref
from ckanext.digitalcity.harvest import ledger, notify, schedule
from ckanext.digitalcity.harvest.ahead import TRIES, Ahead, BeatingStage, Grip, Hand
from ckanext.digitalcity.harvest.calling import call, others_wait
from ckanext.digitalcity.harvest.door import door
from ckanext.digitalcity.harvest.gathering import gather
from ckanext.digitalcity.harvest.ledger import Taken
from ckanext.digitalcity.harvest.missing import miss
from ckanext.digitalcity.harvest.several import PASSING, settle_together
from ckanext.digitalcity.harvest.silence import limit_silence
from ckanext.digitalcity.harvest.stopping import until_stopped
from ckanext.digitalcity.harvest.together import Together, catch_up, show
from ckanext.digitalcity.harvest.work import Bench, Done, item_for, settle
from ckanext.digitalcity.harvesters.manners import SOON
from ckanext.digitalcity.harvesters.registry import make
from ckanext.digitalcity.model import Item, Run, Source, Task, now

log = logging.getLogger(__name__)

TURN = 10.0  # seconds a job works on one run before the next run in the queue has its turn, if there is one
TELL = 1.0  # seconds between two looks at how far the run is: counting its records takes time

Progress = Callable[[Run, int, int], None]


def work(run_id: str, progress: Progress = lambda run, done, total: None, turn: float = math.inf) -> bool:
    """Gathers a run if nobody has, then deals with its records until none is free, beside other workers.

    Args:
        progress: called with the run, the number of tasks done and the number of all tasks.
        turn: seconds after which no further record is begun, if other jobs wait.

    Returns:
        False if there was nothing to do: others hold it all, or the run has ended.
    """
    _settle_in()
    limit_silence()
    catch_up()
    fence = ledger.claim(run_id)
    taken = None if fence else ledger.take(run_id)
    if fence is None and taken is None:
        return _finish(run_id)
    run = model.Session.get(Run, run_id)
    source = model.Session.get(Source, run.source_id)
    time_is_up = _turn(run_id, turn)
    try:
        with until_stopped() as asked:
            _work(run, source, fence, taken, progress, lambda: asked.is_set() or time_is_up())
    except LostLease:
        log.warning("run %s was taken over by another worker", run_id)
    except (Fatal, Retriable) as problem:
        model.Session.rollback()
        _fail(run_id, fence, problem)
    except BaseException:
        model.Session.rollback()  # the lease stays: the reconciler gives the work to another worker
        raise
    return True


@cache
def _settle_in() -> None:
    """What is loaded by now stays: the collector need not look through all of CKAN again and again."""
    gc.freeze()


def _turn(run_id: str, seconds: float) -> Callable[[], bool]:
    """Whether a turn of so many seconds is over; while nobody waits for it to be over, another one begins."""
    end = time.monotonic() + seconds

    def is_over() -> bool:
        nonlocal end
        if time.monotonic() <= end:
            return False
        if not seconds or others_wait(run_id):
            return True
        end = time.monotonic() + seconds
        return False

    return is_over


def _work(
    run: Run, source: Source, fence: int | None, taken: Taken | None, progress: Progress, over: Callable[[], bool]
) -> None:
    recipe = recipes.read(source.recipe, name=source.name)
    organization = model.Group.get(source.organization_id)
    if organization is None:
        raise Fatal(f"The organisation of source “{source.name}” no longer exists.", "Name another one in its recipe.")
    run_id, grip, reading = run.id, Grip(), Grip()
    checker = Checker(config.check_limits(), of_one_source=True)
    with BeatingStage(reading.beat) as stage, checker, Together() as index:
        checker.start()  # it gets ready while the list is read
        bench = Bench(
            source_id=source.id,
            recipe=recipe,
            owner_org=organization.id,
            organisation=organization.title or organization.name,
            kind=make(recipe, door(recipe, stage=stage)),
            stage=stage,
            check=reading.beaten(checker.check),
        )
        if fence:
            log.info("run %s of %s begins", run_id, recipe.name, extra={"run": run_id, "source": recipe.name})
            grip.on(lambda: ledger.hold_on(run_id, fence))
            gather(run, fence, bench.kind, config.withdrawal_share(), grip.beat)
            progress(run, *_done(run_id))
            taken = None if over() else ledger.take(run_id)
        with Ahead(bench, reading) as ahead:
            told = 0.0
            for hands in ahead.hands(run_id, taken, over):
                for hand in _alone(bench, hands):
                    try:
                        _do(replace(bench, end=hand.taken.end), hand)
                    except LostLease:
                        log.warning("record %s of run %s was taken over, or the run was stopped", hand.taken.id, run_id)
                index.done()
                if time.monotonic() - told > TELL:
                    progress(run, *_done(run_id))
                    told = time.monotonic()
    progress(run, *_done(run_id))
    _finish(run_id)


def _done(run_id: str) -> tuple[int, int]:
    """How many of the run's tasks are done, and how many there are."""
    query = sa.select(sa.func.count(Task.finished), sa.func.count()).where(Task.run_id == run_id)
    done, total = model.Session.execute(query).one()
    return done, total


def _alone(bench: Bench, hands: list[Hand]) -> list[Hand]:
    """Deals with what can be written together: the rest."""
    light = [hand for hand in hands if hand.light]
    written = settle_together(bench, light) if light else []
    for hand, done in written:
        _tell(hand, done)
    dealt_with = {hand for hand, _ in written}
    return [hand for hand in hands if hand not in dealt_with]


def _do(bench: Bench, hand: Hand) -> None:
    """One try at one task."""
    taken, ref = hand.taken, hand.ref
    if taken.tries > TRIES:
        worn_out = Skippable("The check of this record ended its worker three times.", reason="crash")
        done: Done | None = _give_up(bench, ref, worn_out)
    else:
        done = _try(bench, hand)
    if done:
        _tell(hand, done)


def _tell(hand: Hand, done: Done) -> None:
    run_id, remote_id = hand.taken.run_id, hand.ref.remote_id
    about = {"run": run_id, "record": remote_id, "change": done.change, "reason": done.reason}
    log.info("a record of run %s: %s %s", run_id, done.change, done.reason, extra=about)


def _try(bench: Bench, hand: Hand) -> Done | None:
    """The record's ending, or None if it was put back for another try."""
    taken, ref = hand.taken, hand.ref
    try:
        if hand.looked is None:
            return miss(bench, ref, config.withdrawal_grace())
        return settle(bench, ref, hand.seen)
    except LostLease:
        raise
    except (Skippable, BrokenRule) as problem:
        model.Session.rollback()
        return _give_up(bench, ref, problem)
    except Resting as problem:
        model.Session.rollback()
        taken.put_back(problem.after or SOON, untried=True)
        return None
    except (Retriable, *PASSING) as problem:
        model.Session.rollback()
        after = getattr(problem, "after", None)
        if taken.tries < TRIES:
            _put_back(taken, 1.0 if after is None else after)
            return None
        known = (
            problem
            if isinstance(problem, DigitalCityError)
            else Retriable(
                "The portal's own database, search index or disk did not answer or is full.",
                "Run the source again once it does.",
            )
        )
        return _give_up(bench, ref, known)


def _put_back(taken: Taken, after: float) -> None:
    """Waits a little itself; through a long wait the record goes without a worker."""
    if after > SOON:
        taken.put_back(after)
    else:
        time.sleep(after)
        taken.put_back()


def _give_up(bench: Bench, ref: Ref, problem: DigitalCityError) -> Done:
    """The record counts as an error; what is public stays public."""
    reason = getattr(problem, "reason", "") or ("broken-rule" if isinstance(problem, BrokenRule) else "unreachable")
    item = item_for(bench.source_id, ref) if reason != "duplicate-id" else None
    if item is not None:
        item.outcome, item.reason, item.message, item.modified = Outcome.ERROR, reason, str(problem), now()
        item.held_since = item.held_since or now()
        model.Session.flush()
        if item.published:
            labels.remember(item.dataset_id)
    done = Done(Outcome.ERROR, "error", reason, str(problem), item.title if item else "")
    bench.end(done)
    model.Session.commit()
    return done


def _finish(run_id: str) -> bool:
    """Ends the run if its last task is done: whoever comes first, and once."""
    run = ledger.last_task_done(run_id)
    if run is None:
        return False
    show(run.created, Task.run_id == run_id)  # also what a worker handed to Solr before it was killed
    run = ledger.last_task_done(run_id)
    if run is None:
        return False
    source = model.Session.get(Source, run.source_id)
    changes = Counter(run.counts)
    for (change,) in model.Session.query(Task.change).filter_by(run_id=run.id):
        changes[change] += 1
    run.counts = dict(changes)
    run.state, run.finished = "finished", now()
    notify.note(source, run, was_failing=source.failing_since is not None)
    source.last_good, source.failing_since, source.last_message = now(), None, run.message
    schedule.plan(source)
    name, counts = source.name, dict(changes)
    model.Session.commit()
    log.info("run %s of %s finished", run_id, name, extra={"run": run_id, "source": name, "counts": counts})
    labels.relabel_due()
    return True


def _fail(run_id: str, fence: int | None, problem: DigitalCityError) -> None:
    """The run could not be done. Nothing is withdrawn, and every label of the source says since when."""
    if fence:
        ledger.hold_on(run_id, fence)
    run = model.Session.get(Run, run_id, with_for_update=True, populate_existing=True)
    if run.finished:
        model.Session.rollback()
        return
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
    name = source.name
    model.Session.commit()
    log.warning("run %s of %s failed: %r", run_id, name, str(problem), extra={"run": run_id, "source": name})


def job(run_id: str) -> None:
    """A background job: one turn at a run, then to the end of the queue, so that no run keeps the others waiting.

    Who begins a turn calls one more worker, who calls the next, until as many are at the run as may be at once. So
    however many workers there are, no more than one job of a run waits in the queue.
    """
    run = model.Session.get(Run, run_id)
    if run is None:
        return
    gathered = run.state != "waiting"
    if gathered and ledger.has_room(run_id):
        enqueue(run_id, again=True)
    if work(run_id, turn=TURN if gathered else 0.0) and ledger.has_room(run_id):
        enqueue(run_id, again=True)


def enqueue(run_id: str, *, again: bool = False) -> None:
    """Wakes a worker up, see ``calling.call``."""
    call(job, run_id, f"digitalcity run {run_id}", again=again)
