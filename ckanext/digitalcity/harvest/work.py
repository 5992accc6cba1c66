"""Does one task: a record through the gate, its ending in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa
from ckan import model
from ckan.logic import ValidationError

from ckanext.digitalcity import labels, publish
from ckanext.digitalcity.core.check import Request, as_json
from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import CheckResult, Evidence, Outcome, Recipe, Ref, Verdict
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

    ``end`` writes a record's ending down, in the transaction that brings it about.
    """

    recipe: Recipe
    owner_org: str
    organisation: str
    stage: Stage
    end: Callable[[Done], None] = field(default=_nothing, kw_only=True)


@dataclass(slots=True)
class Bench(Home):
    """What a worker needs besides to work on one source's records."""

    source_id: str
    kind: Kind
    check: Callable[[Request], CheckResult]


@dataclass(frozen=True, slots=True)
class Looked:
    """A record as it was fetched, and what the gate says of it once it was checked: nothing if it is known as it is.

    ``stands`` says that it is just as it was, ``light`` that little is written of it: that, or it is new.
    """

    candidate: Candidate
    stands: bool
    light: bool
    judged: tuple[Verdict, tuple[CheckResult, ...]] | None = None


def fetch(bench: Bench, ref: Ref, known: Item | None) -> Looked:
    """Fetches and stages one record. Touches no table.

    Raises:
        Retriable, Skippable: as the source says.
    """
    candidate = prepare(bench, ref, known.cursor if known else None)
    stands = known is not None and bool(_stands(known, candidate))
    return Looked(candidate, stands, light=stands or known is None)


def check(bench: Bench, looked: Looked) -> Looked:
    """Checks what was fetched, if that is needed. Touches no table.

    Raises:
        RecipeError: the recipe names a Table Schema that isn't there.
    """
    return looked if looked.stands else replace(looked, judged=judge(bench, looked.candidate))


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
    item = _known(source_id, ref)
    if item is None:
        item = new_item(source_id, ref)
        model.Session.add(item)
    return item


def new_item(source_id: str, ref: Ref) -> Item:
    """A record's lasting item, to be added to a session."""
    return Item(
        id=str(uuid4()),
        source_id=source_id,
        remote_id=ref.remote_id,
        dataset_id=publish.dataset_id(source_id, ref.remote_id),
        title=ref.title,
        outcome="",
    )


def settle(bench: Bench, ref: Ref, looked: Looked) -> Done:
    """Brings one record that was looked at to its end and commits.

    A candidate replaces the public version only if it passed; otherwise it waits beside it.
    """
    known, candidate = _known(bench.source_id, ref), looked.candidate
    if known and (done := stand(known, ref, candidate)):
        return _end(bench, done)
    model.Session.rollback()  # the check may take long: hold no transaction open
    verdict, results = looked.judged or judge(bench, candidate)
    verdict = weigh(verdict, bench.source_id, candidate)
    candidate = as_published(candidate, results) if verdict.outcome is Outcome.PASSED else candidate
    item = item_for(bench.source_id, ref)
    item.title, item.version, item.modified = candidate.title, ref.version, now()
    item.missing_since = None
    model.Session.flush()
    checks = []
    for file, result in zip(candidate.files, results, strict=True):
        compared = since_public(item.dataset_id, file.key, result) if item.published else result
        checks.append((file, compared, store(item, file.key, file.name, compared)))
    if verdict.outcome is Outcome.PASSED:
        return release(bench, item, candidate, checks, verdict)
    done = put_aside(item, candidate, checks, verdict)
    model.Session.flush()
    if item.published:
        labels.remember(item.dataset_id)
    return _end(bench, done)


def _known(source_id: str, ref: Ref) -> Item | None:
    return items(source_id, [ref]).get(ref.remote_id)


def items(source_id: str, refs: Iterable[Ref]) -> dict[str, Item]:
    """What is known of these records, by their remote ids."""
    asked = [ref.remote_id for ref in refs]
    query = sa.select(Item).where(Item.source_id == source_id, Item.remote_id.in_(asked))
    return {item.remote_id: item for item in model.Session.scalars(query)}


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
    facts = facts_of(home, candidate, checks, moment, released=by_person)
    files = {*candidate.kept, *(file.key for file in candidate.files)}
    evidence.keep(item.dataset_id, facts, files=files, without="" if by_person else "decision")
    make_public(item, candidate, verdict, moment)
    model.Session.flush()
    labels.remember(item.dataset_id)
    existing = publish.existing(item.dataset_id)
    done = Done(Outcome.PASSED, "updated" if existing else "published", verdict.reason, title=item.title)
    home.end(done)
    try:
        publish.write(item, home.recipe, home.owner_org, candidate, checks, existing)
    except ValidationError as refused:
        model.Session.rollback()
        raise Skippable(
            f"CKAN does not accept this dataset's metadata: {'; '.join(sorted(refused.error_summary))}.",
            "Correct it at the source or in the recipe's fields.",
            reason="metadata",
        ) from refused
    return done


def facts_of(
    home: Home, candidate: Candidate, checks: Sequence[publish.Checked], moment: datetime, *, released: bool = False
) -> list[Evidence]:
    """All evidence that publishing a candidate leaves behind, with where its bytes came from."""
    facts = list(gather_facts(candidate, checks, home.recipe, home.organisation, moment, released=released))
    return [*facts, *(provenance(file, home.stage.digest(file.sha256), moment) for file, _, _ in checks)]


def make_public(item: Item, candidate: Candidate, verdict: Verdict, moment: datetime) -> None:
    """The candidate is the public version from now on, and nothing waits any more."""
    item.outcome, item.reason, item.message = Outcome.PASSED, verdict.reason, ""
    item.content, item.cursor = candidate.content, candidate.cursor
    item.candidate, item.held_since, item.rejected, item.missing_since = None, None, "", None
    item.published = item.published or moment


def _end(home: Home, done: Done) -> Done:
    home.end(done)
    model.Session.commit()
    return done


def put_aside(item: Item, candidate: Candidate, checks: Sequence[publish.Checked], verdict: Verdict) -> Done:
    """The candidate waits for a person, beside what is public."""
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
    change = "error" if verdict.outcome is Outcome.ERROR else "held"
    return Done(verdict.outcome, change, verdict.reason, title=item.title)


def store(item: Item, key: str, name: str, result: CheckResult) -> str:
    """Keeps the report of one check: its id."""
    report = report_of(item, key, name, result)
    model.Session.add(report)
    model.Session.flush()
    return str(report.id)


def report_of(item: Item, key: str, name: str, result: CheckResult) -> Report:
    """The report of one check, to be added to a session."""
    return Report(
        id=str(uuid4()),
        item_id=item.id,
        key=key,
        name=name,
        sha256=result.sha256,
        outcome=result.outcome.value,
        reason=result.reason,
        result=as_json(result),
    )


def stand(item: Item, ref: Ref, candidate: Candidate) -> Done | None:
    """How a record ends that is just what it was: unchanged, or it still waits. None if it is new."""
    stands = _stands(item, candidate)
    if not stands:
        return None
    if stands == "unchanged":
        return _unchanged(item, ref)
    item.version = ref.version  # the same candidate as last time: it goes on waiting, or stays rejected
    change = "unchanged" if stands == "rejected-before" else "held"
    return Done(Outcome(item.outcome), change, stands, title=item.title)


def _stands(item: Item, candidate: Candidate) -> str:
    """``unchanged``, or why it still waits. "" if it is new."""
    if item.content == candidate.content and item.outcome != Outcome.WITHDRAWN:
        return "unchanged"
    if item.rejected == candidate.content:
        return "rejected-before"
    waiting = item.candidate and item.candidate["content"] == candidate.content and item.outcome != Outcome.ERROR
    return str(item.reason) if waiting else ""


def _unchanged(item: Item, ref: Ref) -> Done:
    """The source has again what is public: whatever was waiting is no longer offered."""
    if item.candidate or item.missing_since or item.outcome != Outcome.PASSED or item.version != ref.version:
        item.outcome, item.reason, item.message = Outcome.PASSED, "", ""
        item.candidate, item.held_since, item.missing_since = None, None, None
        item.version = ref.version
        model.Session.flush()
        labels.remember(item.dataset_id)
    return Done(Outcome.UNCHANGED, "unchanged", title=item.title)
