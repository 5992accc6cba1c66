"""A dry run: the real pipeline without the last write. Shows what a run would do and changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ckan import model

from ckanext.digitalcity import config, publish
from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.check import Checker
from ckanext.digitalcity.core.errors import Retriable, Skippable
from ckanext.digitalcity.core.model import Outcome, Recipe, Ref
from ckanext.digitalcity.core.pipeline import as_published
from ckanext.digitalcity.core.shipped import names
from ckanext.digitalcity.harvest import difference
from ckanext.digitalcity.harvest.door import door
from ckanext.digitalcity.harvest.gathering import too_many
from ckanext.digitalcity.harvest.stage import FolderStage
from ckanext.digitalcity.harvest.work import Bench, judge, prepare, weigh
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.registry import kinds, make
from ckanext.digitalcity.model import Item, Source

Record = dict[str, Any]


@dataclass(slots=True)
class Look:
    """How far a preview may go, and how far it has come.

    Attributes:
        most: records that are fetched and checked; the others are only counted.
        go_on: asked before each record; False ends the preview there.
        total: records that the source lists.
        counts: change -> number; ``unlooked`` are those that were not fetched.
        message: what a person should know of it all.
    """

    most: int = 1_000_000
    go_on: Callable[[], bool] = lambda: True
    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    message: str = ""


def preview(text: str) -> dict[str, Any]:
    """What a run of this recipe would do, in the shape of a run's result.

    Raises:
        RecipeError: the recipe is wrong.
        IncompleteGather, Fatal: the source could not be read.
    """
    look = Look()
    results = list(records(text, look))
    return {
        "dry_run": True,
        "state": "finished",
        "message": look.message,
        "counts": dict(look.counts),
        "results": results,
    }


def records(text: str, look: Look) -> Iterator[Record]:
    """What would become of each record that is not unchanged; counted in ``look``.

    Yields:
        ``remote_id``, ``title``, ``change`` (published, updated, held, error, missing), ``reason``, ``message``,
        ``fields`` and ``files`` (see ``difference``), ``item`` (id of one that is held already).

    Raises:
        RecipeError: the recipe is wrong.
        IncompleteGather, Fatal: the source could not be read.
    """
    recipe = recipes.read(text, kinds=kinds(), schemas=names())
    source = model.Session.query(Source).filter_by(name=recipe.name).first()
    known = {item.remote_id: item for item in _items(source)}
    model.Session.expunge_all()  # what is only looked at must not be kept, nor written by mistake
    organization = model.Group.get(recipe.organisation)
    with FolderStage(config.file_limit()) as stage, Checker(config.check_limits(), of_one_source=True) as checker:
        bench = Bench(
            source_id=source.id if source else "",
            recipe=recipe,
            owner_org=organization.id if organization else "",
            organisation=organization.title if organization else "",
            kind=make(recipe, door(recipe)),
            stage=stage,
            check=checker.check,
        )
        model.Session.rollback()  # nothing open while the network is read
        listed = list(_listed(bench))
        seen = {ref.remote_id for ref in listed}
        look.total = len(listed)
        for number, ref in enumerate(listed):
            if number >= look.most or not look.go_on():
                look.counts["unlooked"] = len(listed) - number
                break
            record = _record(bench, ref, known.get(ref.remote_id))
            model.Session.rollback()
            look.counts[record["change"]] += 1
            if record["change"] != "unchanged":
                yield record
    public = [item for item in known.values() if item.published and item.outcome != Outcome.WITHDRAWN]
    missing = [item for item in public if item.remote_id not in seen]
    if too_many(len(missing), len(public), config.withdrawal_share()):
        look.message = (
            f"{len(missing)} of {len(public)} datasets are no longer listed by the source. "
            "A run would withdraw none of them until somebody allows it."
        )
    for item in missing:
        look.counts["missing"] += 1
        yield {**_row(Ref(item.remote_id, title=item.title)), "change": "missing", "reason": "missing"}


def _items(source: Source | None) -> list[Item]:
    return list(model.Session.query(Item).filter_by(source_id=source.id)) if source else []


def _listed(bench: Bench) -> Iterator[Ref]:
    """What the source lists; an id that comes again is one error."""
    seen: set[str] = set()
    for ref in bench.kind.gather():
        if ref.remote_id in seen:
            yield Ref(ref.remote_id, ref.version, ref.title, {"error": "duplicate-id"})
            continue
        seen.add(ref.remote_id)
        yield ref


def _row(ref: Ref) -> Record:
    row = {"remote_id": ref.remote_id, "title": ref.title or ref.remote_id, "reason": "", "message": ""}
    return {**row, "fields": [], "files": [], "item": None}


def _record(bench: Bench, ref: Ref, item: Item | None) -> Record:
    """What ``work.settle`` would make of a record."""
    row = _row(ref)
    if item and ref.version and item.version == ref.version and item.missing_since is None:
        if item.outcome == Outcome.PASSED:
            return {**row, "change": "unchanged"}
        if item.outcome in (Outcome.HELD, Outcome.FAILED):
            return {**row, "change": "held", "reason": item.reason, "item": item.id}
    try:
        candidate = prepare(bench, ref, item.cursor if item else None)
    except (Skippable, Retriable) as problem:
        return {**row, "change": "error", "reason": getattr(problem, "reason", "unreachable"), "message": str(problem)}
    row["title"] = candidate.title or row["title"]
    if item and item.outcome != Outcome.WITHDRAWN and candidate.content in (item.content, item.rejected):
        return {**row, "change": "unchanged"}
    verdict, results = judge(bench, candidate)
    verdict = weigh(verdict, bench.source_id, candidate)
    model.Session.rollback()
    passed = verdict.outcome is Outcome.PASSED
    candidate = as_published(candidate, results) if passed else candidate
    public = bool(item and item.published and item.outcome != Outcome.WITHDRAWN)
    item = item or _unknown(bench, ref)
    change = "error" if verdict.outcome is Outcome.ERROR else "held"
    return {
        **row,
        "change": ("updated" if public else "published") if passed else change,
        "reason": verdict.reason,
        "fields": difference.fields(candidate, bench.recipe, bench.owner_org, item),
        "files": difference.files(candidate, results, item),
    }


def _unknown(bench: Bench, ref: Ref) -> Item:
    """The item that a new record would get; never added to the session."""
    dataset_id = publish.dataset_id(bench.source_id, ref.remote_id)
    return Item(id="", source_id=bench.source_id, remote_id=ref.remote_id, dataset_id=dataset_id, title=ref.title)


def readable(text: str) -> Recipe:
    """The recipe, checked as far as it can be without asking the network.

    Raises:
        RecipeError: the recipe is wrong.
    """
    recipe = recipes.read(text, kinds=kinds(), schemas=names())
    make(recipe, Http())
    return recipe
