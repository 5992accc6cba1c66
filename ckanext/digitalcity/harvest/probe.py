"""“Test this address”: what is found there. The first few records and files only, within hard limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.check import Checker, Limits, Request
from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import FileDraft, Outcome
from ckanext.digitalcity.core.propose import propose
from ckanext.digitalcity.core.recipe_text import rewritten
from ckanext.digitalcity.core.shipped import names, shipped
from ckanext.digitalcity.core.yaml_text import read_mapping
from ckanext.digitalcity.harvest.door import door
from ckanext.digitalcity.harvest.preview import Record
from ckanext.digitalcity.harvest.stage import FolderStage
from ckanext.digitalcity.harvesters.http import HttpLimits
from ckanext.digitalcity.harvesters.registry import kinds, make

RECORDS = 5
FILES = 3  # of each record
BYTES = 10_000_000
HTTP = HttpLimits(connect=10, read=15, total=40, bytes=BYTES, json=BYTES, retries=1, patience=10)
CHECK = Limits(seconds=20, memory=1_000_000_000)
SECONDS = 150  # for everything; the job's own limit stops what hangs

# What a recipe may still lack when its address is tested.
BLANK = {"name": "not-named-yet", "title": "Not named yet", "organisation": "not-chosen-yet"}


def complete(text: str) -> str:
    """A recipe with what a test does not need filled in, so that the address can be tried first of all."""
    values = read_mapping(text, "recipe")[0]
    needed = ("kind", "address", "fields", "options", *BLANK)
    return rewritten("", {**BLANK, **{key: values[key] for key in needed if values.get(key)}})


def probe(text: str, go_on: Callable[[], bool]) -> Iterator[Record]:
    """What is found, record by record, in the shape of a preview's records.

    Args:
        go_on: asked before each record and file; False ends the test there.

    Raises:
        RecipeError: the recipe is wrong.
        IncompleteGather, Fatal, Skippable: nothing usable is there.
    """
    recipe = recipes.read(complete(text), kinds=kinds(), schemas=names())
    kind = make(recipe, door(recipe, HTTP))
    with FolderStage(BYTES) as stage, Checker(CHECK) as checker:
        for ref in islice(kind.gather(), RECORDS):
            if not go_on():
                return
            row = {"remote_id": ref.remote_id, "title": ref.title or ref.remote_id, "reason": "", "message": ""}
            try:
                record = kind.fetch(ref, None)
            except Skippable as problem:
                yield {**row, "change": "error", "reason": problem.reason, "message": str(problem), "files": []}
                continue
            drafts = record.files[:FILES] if go_on() else ()
            found = [_file(draft, stage, checker) for draft in drafts]
            yield {**row, "title": record.title, "change": "listed", "files": found, "all_files": len(record.files)}


def _file(draft: FileDraft, stage: FolderStage, checker: Checker) -> Record:
    row: Record = {"key": draft.key, "name": draft.name, "format": draft.format, "proposals": [], "columns": []}
    try:
        kept = stage.put(draft.read())
    except Skippable as problem:
        if problem.reason == "too-large":
            return {**row, "reason": "", "message": "", "large": True}
        return {**row, "reason": problem.reason, "message": str(problem)}
    request = Request(stage.path(kept.sha256), kept.sha256, draft.filename, draft.format)
    result = checker.check(request)
    columns = [str(field.get("name", "")) for field in result.inferred.get("fields", [])]
    schemas = {name: shipped(name) for name in names()}
    return {
        **row,
        "size": kept.size,
        "format": str(result.detected.get("format") or draft.format).upper(),
        "rows": result.stats.get("rows"),
        "columns": columns[:60],
        "own_schema": draft.schema is not None,
        "reason": result.reason if result.outcome is Outcome.ERROR else "",
        "personal": sorted({finding.field for finding in result.findings if finding.level == "personal"}),
        "proposals": [
            {"schema": each.schema, "shared": each.shared, "columns": each.columns, "share": each.share}
            for each in propose(columns, schemas)
        ],
    }
