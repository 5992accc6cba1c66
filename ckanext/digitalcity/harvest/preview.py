"""A dry run: the real pipeline without the last write. Shows what a run would do and changes nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.check import Checker
from ckanext.digitalcity.core.errors import Retriable, Skippable
from ckanext.digitalcity.core.model import CheckResult, Outcome, Recipe, Ref
from ckanext.digitalcity.core.pipeline import Candidate
from ckanext.digitalcity.core.shipped import names
from ckanext.digitalcity.harvest.stage import FolderStage
from ckanext.digitalcity.harvest.work import Bench, judge, prepare
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.registry import kinds, make
from ckanext.digitalcity.model import Item, Source

Record = dict[str, Any]


def preview(text: str) -> dict[str, Any]:
    """What a run of this recipe would do, in the shape of a run's result.

    Raises:
        RecipeError: the recipe is wrong.
        IncompleteGather, Fatal: the source could not be read.
    """
    recipe = recipes.read(text, kinds=kinds(), schemas=names())
    http = Http(allowed=config.allowed_addresses(), user_agent=config.user_agent())
    known = _known(recipe)
    results: list[Record] = []
    seen: set[str] = set()
    with FolderStage(config.file_limit()) as stage, Checker(config.check_limits()) as checker:
        bench = Bench(
            source_id="",
            recipe=recipe,
            owner_org="",
            organisation="",
            kind=make(recipe, http),
            stage=stage,
            check=checker.check,
            hold_on=lambda: None,
        )
        for ref in bench.kind.gather():
            if ref.remote_id in seen:
                ref = Ref(ref.remote_id, ref.version, ref.title, {"error": "duplicate-id"})
            seen.add(ref.remote_id)
            results.append(_record(bench, ref, known.get(ref.remote_id)))
    results += [
        {**_row(Ref(item.remote_id, title=item.title)), "change": "missing", "reason": "missing"}
        for item in known.values()
        if item.published and item.outcome != Outcome.WITHDRAWN and item.remote_id not in seen
    ]
    counts = Counter(record["change"] for record in results)
    changed = [record for record in results if record["change"] != "unchanged"]
    return {"dry_run": True, "state": "finished", "message": "", "counts": dict(counts), "results": changed}


def _known(recipe: Recipe) -> dict[str, Item]:
    source = model.Session.query(Source).filter_by(name=recipe.name).first()
    items = model.Session.query(Item).filter_by(source_id=source.id) if source else []
    return {item.remote_id: item for item in items}


def _row(ref: Ref) -> Record:
    return {"remote_id": ref.remote_id, "title": ref.title or ref.remote_id, "reason": "", "message": "", "files": []}


def _record(bench: Bench, ref: Ref, item: Item | None) -> Record:
    row = _row(ref)
    if item and item.outcome == Outcome.PASSED and ref.version and item.version == ref.version:
        return {**row, "change": "unchanged"}
    try:
        candidate = prepare(bench, ref, item.cursor if item else None)
    except (Skippable, Retriable) as problem:
        return {**row, "change": "error", "reason": getattr(problem, "reason", "unreachable"), "message": str(problem)}
    row["title"] = candidate.title or row["title"]
    if item and item.content == candidate.content and item.outcome == Outcome.PASSED:
        return {**row, "change": "unchanged"}
    verdict, results = judge(bench, candidate)
    change = {Outcome.PASSED: "updated" if item and item.published else "published", Outcome.ERROR: "error"}
    return {
        **row,
        "change": change.get(verdict.outcome, "held"),
        "reason": verdict.reason,
        "fields": _differences(candidate, item),
        "files": [_file(file.name, result) for file, result in zip(candidate.files, results, strict=True)],
    }


def _file(name: str, result: CheckResult) -> Record:
    return {
        "name": name,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "errors": result.stats.get("errors", 0),
        "findings": len(result.findings),
    }


def _differences(candidate: Candidate, item: Item | None) -> Record:
    """Metadata that would change, field by field: what is public now and what would be."""
    if item is None or not item.published:
        return {}
    context: Any = {"ignore_auth": True, "user": ""}
    public = tk.get_action("package_show")(context, {"id": item.dataset_id})
    pairs = {"title": candidate.title, "notes": candidate.notes}
    return {key: {"now": public.get(key), "then": value} for key, value in pairs.items() if public.get(key) != value}
