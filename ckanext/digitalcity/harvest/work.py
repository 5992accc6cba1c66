"""Does one task: a record through the gate, its ending in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import ValidationError

from ckanext.digitalcity import labels, publish
from ckanext.digitalcity.batch import Batch
from ckanext.digitalcity.core.check import Request, as_json
from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import CheckResult, Outcome, Recipe, Ref, Verdict
from ckanext.digitalcity.core.pipeline import Candidate, Stage, as_published, check_candidate, stage_record
from ckanext.digitalcity.core.shipped import shipped
from ckanext.digitalcity.harvest import evidence
from ckanext.digitalcity.harvest.drift import since_public
from ckanext.digitalcity.harvest.facts import gather_facts, provenance
from ckanext.digitalcity.harvesters.base import Source as Kind
from ckanext.digitalcity.model import File, Item, Report, now


@dataclass(frozen=True, slots=True)
class Done:
    """How a task ended. ``change``: published, updated, unchanged, held, error, withdrawn, missing."""

    outcome: Outcome
    change: str
    reason: str = ""
    message: str = ""
    title: str = ""


def _nothing(done: Done) -> None: ...


@dataclass(slots=True)
class Home:
    """Where a source's datasets belong, and where their bytes are kept.

    ``end`` writes a record's ending down, in the transaction that brings it about. Where there is a ``batch``, that is
    the transaction of several records, and whoever opened it commits.
    """

    recipe: Recipe
    owner_org: str
    organisation: str
    stage: Stage
    end: Callable[[Done], None] = field(default=_nothing, kw_only=True)
    batch: Batch | None = field(default=None, kw_only=True)

    def commit(self) -> None:
        """Commits, unless others do."""
        if self.batch is None:
            model.Session.commit()


@dataclass(slots=True)
class Bench(Home):
    """What a worker needs besides to work on one source's records."""

    source_id: str
    kind: Kind
    check: Callable[[Request], CheckResult]


@dataclass(frozen=True, slots=True)
class Looked:
    """A record as it was fetched, and what the gate says of it; nothing where the record is known as it is.

    ``light`` says that little is written of it: it is new, or just as it was.
    """

    candidate: Candidate
    judged: tuple[Verdict, tuple[CheckResult, ...]] | None
    light: bool


class Changed(Exception):
    """What is known of a record is not what it was when it was looked at: it must be dealt with alone."""


def look(bench: Bench, ref: Ref) -> Looked:
    """Fetches, stages and checks one record, as far as that is needed. Writes to no table.

    Raises:
        Retriable, Skippable: as the source says.
        RecipeError: the recipe names a Table Schema that isn't there.
    """
    known = _known(bench.source_id, ref)
    cursor = known.cursor if known else None
    model.Session.rollback()  # fetching may take long: hold no transaction open
    candidate = prepare(bench, ref, cursor)
    if known is None:
        return Looked(candidate, judge(bench, candidate), light=True)
    stands = bool(_stands(known, candidate))
    model.Session.rollback()
    return Looked(candidate, None if stands else judge(bench, candidate), light=stands)


def prepare(bench: Bench, ref: Ref, cursor: str | None) -> Candidate:
    """Fetches and stages one record. Touches no table.

    Raises:
        Retriable, Skippable: as the source says.
    """
    if ref.hint.get("error") == "duplicate-id":
        raise Skippable(
            "The source lists this id twice; the second one was left out.",
            "Ask the publisher to give every record its own id.",
            reason="duplicate-id",
        )
    return stage_record(bench.kind.fetch(ref, cursor), bench.recipe, bench.stage)


def judge(bench: Bench, candidate: Candidate) -> tuple[Verdict, tuple[CheckResult, ...]]:
    """Validates, screens and decides. Touches no table.

    Raises:
        RecipeError: the recipe names a Table Schema that isn't there.
    """
    return check_candidate(candidate, bench.recipe, bench.stage, bench.check, shipped)


def weigh(verdict: Verdict, source_id: str, candidate: Candidate) -> Verdict:
    """The gate's verdict, held against what the source has published before. Writes to no table."""
    if verdict.outcome is Outcome.PASSED and _is_known_under_another_id(source_id, candidate):
        return Verdict(Outcome.HELD, "same-content")
    return verdict


def _is_known_under_another_id(source_id: str, candidate: Candidate) -> bool:
    """Whether a record that was never public has the title and the files of one that this source has published."""
    items = model.Session.query(Item).filter(Item.source_id == source_id, Item.published.is_not(None))
    files = Counter(file.sha256 for file in candidate.files)
    if not files:
        return False
    sharing = sa.select(File.item_id).where(File.sha256 == candidate.files[0].sha256)
    twins = items.filter(Item.id.in_(sharing), Item.title == candidate.title, Item.outcome != Outcome.WITHDRAWN).all()
    if not twins or items.filter(Item.remote_id == candidate.remote_id).first():
        return False
    return any(
        Counter(sha for (sha,) in model.Session.query(File.sha256).filter(File.item_id == twin.id)) == files
        for twin in twins
    )


def item_for(source_id: str, ref: Ref) -> Item:
    """The record's lasting item, added to the session if it's new."""
    return _known(source_id, ref) or _new_item(source_id, ref)


def _new_item(source_id: str, ref: Ref) -> Item:
    dataset_id = publish.dataset_id(source_id, ref.remote_id)
    item = Item(source_id=source_id, remote_id=ref.remote_id, dataset_id=dataset_id, title=ref.title, outcome="")
    model.Session.add(item)
    return item


def settle(bench: Bench, ref: Ref, looked: Looked) -> Done:
    """Brings one record that was looked at to its end and commits.

    A candidate replaces the public version only if it passed; otherwise it waits beside it.

    Raises:
        Changed: in a batch, where this would take long or write much.
    """
    known, candidate = _known(bench.source_id, ref), looked.candidate
    if known and (stands := _stands(known, candidate)):
        return _unchanged(bench, known, ref) if stands == "unchanged" else _still(bench, known, ref, stands)
    if bench.batch is None:
        model.Session.rollback()  # the check may take long: hold no transaction open
    elif known or looked.judged is None:
        raise Changed
    verdict, results = looked.judged or judge(bench, candidate)
    verdict = weigh(verdict, bench.source_id, candidate)
    candidate = as_published(candidate, results) if verdict.outcome is Outcome.PASSED else candidate
    item = item_for(bench.source_id, ref) if bench.batch is None else _new_item(bench.source_id, ref)
    item.title, item.version, item.modified = candidate.title, ref.version, now()
    item.missing_since = None
    model.Session.flush()
    checks = []
    for file, result in _pairs(candidate, results):
        compared = since_public(item.dataset_id, file.key, result) if item.published else result
        checks.append((file, compared, store(item, file.key, file.name, compared)))
    if verdict.outcome is Outcome.PASSED:
        return release(bench, item, candidate, checks, verdict)
    return _wait(bench, item, candidate, checks, verdict)


def _known(source_id: str, ref: Ref) -> Item | None:
    query = sa.select(Item).where(Item.source_id == source_id, Item.remote_id == ref.remote_id)
    found: Item | None = model.Session.scalars(query).first()
    return found


def _stands(item: Item, candidate: Candidate) -> str:
    """How a record stands that is just what it was: ``unchanged``, or why it still waits. "" if it is new."""
    if item.content == candidate.content and item.outcome != Outcome.WITHDRAWN:
        return "unchanged"
    if item.rejected == candidate.content:
        return "rejected-before"
    waiting = item.candidate and item.candidate["content"] == candidate.content and item.outcome != Outcome.ERROR
    return str(item.reason) if waiting else ""


def _pairs(candidate: Candidate, results: Sequence[CheckResult]) -> list[tuple[Any, CheckResult]]:
    return list(zip(candidate.files, results, strict=True))


def release(
    home: Home,
    item: Item,
    candidate: Candidate,
    checks: Sequence[publish.Checked],
    verdict: Verdict,
    *,
    by_person: bool = False,
) -> Done:
    """Makes a candidate the public version, with its evidence and label, and commits."""
    moment = now()
    facts = list(gather_facts(candidate, checks, home.recipe, home.organisation, moment, released=by_person))
    for file, _, _ in checks:
        facts.append(provenance(file, home.stage.digest(file.sha256), moment))
    files = {*candidate.kept, *(file.key for file in candidate.files)}
    evidence.keep(item.dataset_id, facts, files=files, without="" if by_person else "decision")
    item.outcome, item.reason, item.message = Outcome.PASSED, verdict.reason, ""
    item.content, item.cursor = candidate.content, candidate.cursor
    item.candidate, item.held_since, item.rejected, item.missing_since = None, None, "", None
    item.published = item.published or moment
    model.Session.flush()
    labels.remember(item.dataset_id)
    existing = publish.existing(item.dataset_id)
    done = Done(Outcome.PASSED, "updated" if existing else "published", verdict.reason, title=item.title)
    home.end(done)
    try:
        publish.write(item, home.recipe, home.owner_org, candidate, checks, existing, home.batch)
    except ValidationError as refused:
        model.Session.rollback()
        raise Skippable(
            f"CKAN does not accept this dataset's metadata: {'; '.join(sorted(refused.error_summary))}.",
            "Correct it at the source or in the recipe's fields.",
            reason="metadata",
        ) from refused
    return done


def _wait(home: Home, item: Item, candidate: Candidate, checks: Sequence[publish.Checked], verdict: Verdict) -> Done:
    put_aside(item, candidate, checks, verdict)
    change = "error" if verdict.outcome is Outcome.ERROR else "held"
    return _end(home, Done(verdict.outcome, change, verdict.reason, title=item.title))


def _end(home: Home, done: Done) -> Done:
    home.end(done)
    home.commit()
    return done


def put_aside(item: Item, candidate: Candidate, checks: Sequence[publish.Checked], verdict: Verdict) -> None:
    """The candidate waits for a person, beside what is public. Doesn't commit."""
    item.outcome, item.reason, item.message = verdict.outcome, verdict.reason, ""
    item.held_since = item.held_since or now()
    item.candidate = {
        "content": candidate.content,
        "record": candidate.as_json(),
        "verdict": asdict(verdict),
        "reports": [
            {"key": file.key, "report": report, "bad": result.outcome != Outcome.PASSED}
            for file, result, report in checks
        ],
    }
    model.Session.flush()
    if item.published:
        labels.remember(item.dataset_id)


def store(item: Item, key: str, name: str, result: CheckResult) -> str:
    """Keeps the report of one check: its id."""
    report = Report(
        item_id=item.id,
        key=key,
        name=name,
        sha256=result.sha256,
        outcome=result.outcome.value,
        reason=result.reason,
        result=as_json(result),
    )
    model.Session.add(report)
    model.Session.flush()
    return str(report.id)


def _unchanged(bench: Bench, item: Item, ref: Ref) -> Done:
    """The source has again what is public: whatever was waiting is no longer offered."""
    if item.candidate or item.missing_since or item.outcome != Outcome.PASSED or item.version != ref.version:
        item.outcome, item.reason, item.message = Outcome.PASSED, "", ""
        item.candidate, item.held_since, item.missing_since = None, None, None
        item.version = ref.version
        model.Session.flush()
        labels.remember(item.dataset_id)
    return _end(bench, Done(Outcome.UNCHANGED, "unchanged", title=item.title))


def _still(bench: Bench, item: Item, ref: Ref, reason: str) -> Done:
    """The same candidate as last time: it goes on waiting, or stays rejected."""
    item.version = ref.version
    change = "unchanged" if reason == "rejected-before" else "held"
    return _end(bench, Done(Outcome(item.outcome), change, reason, title=item.title))
