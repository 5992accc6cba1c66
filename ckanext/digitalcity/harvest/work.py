"""Does one task: a record through the gate, its ending in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import ValidationError

from ckanext.digitalcity import labels, publish
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


@dataclass(slots=True)
class Home:
    """Where a source's datasets belong, and where their bytes are kept."""

    recipe: Recipe
    owner_org: str
    organisation: str
    stage: Stage


@dataclass(slots=True)
class Bench(Home):
    """What a worker needs besides to work on one source's records."""

    source_id: str
    kind: Kind
    check: Callable[[Request], CheckResult]
    hold_on: Callable[[], None]


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
    """Validates, screens and decides. Writes to no table.

    Raises:
        RecipeError: the recipe names a Table Schema that isn't there.
    """
    verdict, results = check_candidate(candidate, bench.recipe, bench.stage, bench.check, shipped)
    if verdict.outcome is Outcome.PASSED and _is_known_under_another_id(bench.source_id, candidate):
        verdict = Verdict(Outcome.HELD, "same-content")
    return verdict, results


def _is_known_under_another_id(source_id: str, candidate: Candidate) -> bool:
    """Whether a record that was never public has the title and the files of one that this source has published."""
    items = model.Session.query(Item).filter(Item.source_id == source_id, Item.published.is_not(None))
    files = Counter(file.sha256 for file in candidate.files)
    if not files or items.filter(Item.remote_id == candidate.remote_id).first():
        model.Session.rollback()
        return False
    sharing = sa.select(File.item_id).where(File.sha256 == candidate.files[0].sha256)
    twins = items.filter(Item.id.in_(sharing), Item.title == candidate.title, Item.outcome != Outcome.WITHDRAWN)
    found = any(
        Counter(sha for (sha,) in model.Session.query(File.sha256).filter(File.item_id == twin.id)) == files
        for twin in twins
    )
    model.Session.rollback()
    return found


def item_for(source_id: str, ref: Ref) -> Item:
    """The record's lasting item, added to the session if it's new."""
    query = sa.select(Item).where(Item.source_id == source_id, Item.remote_id == ref.remote_id)
    item: Item | None = model.Session.scalars(query).first()
    if item is None:
        dataset_id = publish.dataset_id(source_id, ref.remote_id)
        item = Item(source_id=source_id, remote_id=ref.remote_id, dataset_id=dataset_id, title=ref.title, outcome="")
        model.Session.add(item)
    return item


def settle(bench: Bench, ref: Ref, candidate: Candidate) -> Done:
    """Brings one fetched record to its end and commits.

    A candidate replaces the public version only if it passed; otherwise it waits beside it.
    """
    known = _known(bench.source_id, ref)
    if known and known.content == candidate.content and known.outcome != Outcome.WITHDRAWN:
        return _unchanged(bench, known, ref)
    if known and known.rejected == candidate.content:
        return _still(bench, known, ref, "rejected-before")
    if known and known.candidate and known.candidate["content"] == candidate.content and known.outcome != Outcome.ERROR:
        return _still(bench, known, ref, known.reason)
    model.Session.rollback()  # the check may take long: hold no transaction open
    verdict, results = judge(bench, candidate)
    candidate = as_published(candidate, results) if verdict.outcome is Outcome.PASSED else candidate
    bench.hold_on()
    item = item_for(bench.source_id, ref)
    item.title, item.version, item.modified = candidate.title, ref.version, now()
    item.missing_since = None
    model.Session.flush()
    compared = [(file, since_public(item.dataset_id, file.key, result)) for file, result in _pairs(candidate, results)]
    checks = [(file, result, store(item, file.key, file.name, result)) for file, result in compared]
    if verdict.outcome is Outcome.PASSED:
        return release(bench, item, candidate, checks, verdict)
    return _wait(item, candidate, checks, verdict)


def _known(source_id: str, ref: Ref) -> Item | None:
    query = sa.select(Item).where(Item.source_id == source_id, Item.remote_id == ref.remote_id)
    found: Item | None = model.Session.scalars(query).first()
    return found


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
    for fact in facts:
        evidence.keep(item.dataset_id, fact)
    if not by_person:
        evidence.drop(item.dataset_id, "decision")
    evidence.retire(item.dataset_id, {*candidate.kept, *(file.key for file in candidate.files)})
    item.outcome, item.reason, item.message = Outcome.PASSED, verdict.reason, ""
    item.content, item.cursor = candidate.content, candidate.cursor
    item.candidate, item.held_since, item.rejected, item.missing_since = None, None, "", None
    item.published = item.published or moment
    model.Session.flush()
    labels.remember(item.dataset_id)
    try:
        change = publish.write(item, home.recipe, home.owner_org, candidate, checks)
    except ValidationError as refused:
        model.Session.rollback()
        raise Skippable(
            f"CKAN does not accept this dataset's metadata: {'; '.join(sorted(refused.error_summary))}.",
            "Correct it at the source or in the recipe's fields.",
            reason="metadata",
        ) from refused
    return Done(Outcome.PASSED, change, verdict.reason)


def _wait(item: Item, candidate: Candidate, checks: Sequence[publish.Checked], verdict: Verdict) -> Done:
    put_aside(item, candidate, checks, verdict)
    model.Session.commit()
    return Done(verdict.outcome, "error" if verdict.outcome is Outcome.ERROR else "held", verdict.reason)


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
        bench.hold_on()
        item.outcome, item.reason, item.message = Outcome.PASSED, "", ""
        item.candidate, item.held_since, item.missing_since = None, None, None
        item.version = ref.version
        model.Session.flush()
        labels.remember(item.dataset_id)
        model.Session.commit()
    return Done(Outcome.UNCHANGED, "unchanged")


def _still(bench: Bench, item: Item, ref: Ref, reason: str) -> Done:
    """The same candidate as last time: it goes on waiting, or stays rejected."""
    if item.version != ref.version:
        bench.hold_on()
        item.version = ref.version
        model.Session.commit()
    return Done(Outcome(item.outcome), "unchanged" if reason == "rejected-before" else "held", reason)
