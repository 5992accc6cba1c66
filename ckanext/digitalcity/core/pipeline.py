"""One record's way through the gate: fetch, stage, validate and screen, decide. Nothing is written but staged bytes."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any, Protocol

from .check import Request
from .decide import decide
from .errors import Skippable
from .model import CheckResult, FileDraft, Json, Outcome, Policy, Recipe, Record, Verdict
from .reading import stated_for
from .validate.sift import sift

SIFTED = "sifted"  # why a file passed that did not pass as it was


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that are kept for good under their SHA-256."""

    sha256: str
    size: int


class Stage(Protocol):
    """Where bytes are kept, addressed by their SHA-256."""

    def put(self, chunks: Iterable[bytes]) -> Kept:
        """Keeps all bytes or none; Skippable if there are too many."""
        ...

    def path(self, sha256: str) -> str:
        """A local path to read them from."""
        ...

    def digest(self, sha256: str) -> str:
        """SHA-256 of what is really kept there now: read back, not remembered."""
        ...


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file whose bytes we hold, or the reason why we don't (``fault``: machine name, ``message``: words)."""

    key: str
    name: str
    filename: str
    url: str
    format: str
    description: str
    schema: Json | None
    schema_name: str
    sha256: str = ""
    size: int = 0
    fault: str = ""
    message: str = ""
    repair_schema: bool = False
    checks: Sequence[Json] = field(default_factory=list)
    reading: Json = field(default_factory=dict)  # what the recipe states of how it is written
    fetched_sha256: str = ""  # of the file as it was fetched, where rows were left out


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record with its bytes: what could become public. ``content`` identifies it: equal means nothing changed."""

    remote_id: str
    title: str
    notes: str
    metadata: Json
    files: tuple[StagedFile, ...]
    kept: tuple[str, ...]
    cursor: str | None
    content: str

    def as_json(self) -> Json:
        """A form that JSON can hold; ``from_json`` gives the same candidate back."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Json) -> Candidate:
        """The candidate that ``as_json`` was made from."""
        files = tuple(StagedFile(**file) for file in value["files"])
        return cls(**{**value, "files": files, "kept": tuple(value["kept"])})


def stage_record(record: Record, recipe: Recipe, stage: Stage) -> Candidate:
    """Brings every file's bytes in. A file that cannot be had becomes a value with its fault.

    Raises:
        Retriable: a file could not be read now; the whole record is worth another try.
    """
    files = tuple(_stage(draft, recipe, stage) for draft in record.files)
    return Candidate(
        remote_id=record.remote_id,
        title=record.title,
        notes=record.notes,
        metadata=record.metadata,
        files=files,
        kept=record.kept,
        cursor=record.cursor,
        content=_fingerprint(record, files),
    )


def _stage(draft: FileDraft, recipe: Recipe, stage: Stage) -> StagedFile:
    facts: dict[str, Any] = {
        "key": draft.key,
        "name": draft.name,
        "filename": draft.filename,
        "url": draft.url,
        "format": draft.format,
        "description": draft.description,
        "schema": draft.schema,
        "schema_name": schema_for(draft.key, recipe),
        "repair_schema": recipe.repair_schema,
        "checks": checks_for(draft.key, recipe),
        "reading": stated_for(draft.key, recipe.reading),
    }
    try:
        kept = stage.put(draft.read())
    except Skippable as fault:
        return StagedFile(**facts, fault=fault.reason, message=str(fault))
    return StagedFile(**facts, sha256=kept.sha256, size=kept.size)


def schema_for(key: str, recipe: Recipe) -> str:
    """Name of the Table Schema that the recipe promises for a file: an exact key first, then the first pattern."""
    exact = recipe.schemas.get(key)
    return exact or next((name for glob, name in recipe.schemas.items() if fnmatchcase(key, glob)), "")


def checks_for(key: str, recipe: Recipe) -> list[Json]:
    """The checks beyond Table Schema that the recipe wants for a file; chosen like its schema."""
    exact = recipe.checks.get(key)
    return list(exact or next((checks for glob, checks in recipe.checks.items() if fnmatchcase(key, glob)), ()))


def _fingerprint(record: Record, files: Sequence[StagedFile]) -> str:
    facts = {
        "title": record.title,
        "notes": record.notes,
        "metadata": record.metadata,
        "files": [
            [f.key, f.sha256 or f.fault, f.name, f.filename, f.format, f.description, f.schema_name, f.schema]
            for f in files
        ],
        "kept": sorted(record.kept),
    }
    if checks := {file.key: file.checks for file in files if file.checks}:
        facts["checks"] = checks  # new checks are a reason to look at old files again
    if stated := {file.key: file.reading for file in files if file.reading}:
        facts["reading"] = stated
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def check_candidate(
    candidate: Candidate,
    recipe: Recipe,
    stage: Stage,
    check: Callable[[Request], CheckResult],
    shipped: Callable[[str], Json],
) -> tuple[Verdict, tuple[CheckResult, ...]]:
    """Validates and screens every file and decides over the whole record.

    Args:
        check: runs one request in the limited child process.
        shipped: gives a shipped Table Schema by name; raises RecipeError if there is none.
    """
    results = tuple(_check(file, candidate.files, recipe, stage, check, shipped) for file in candidate.files)
    if not results and candidate.kept:
        return Verdict(Outcome.PASSED), ()
    return decide(recipe.policy, results), results


def as_published(candidate: Candidate, results: Sequence[CheckResult]) -> Candidate:
    """The candidate with the bytes that are to be published: those of some files may have lost rows."""
    if len(results) != len(candidate.files):
        return candidate
    files = [
        replace(file, fetched_sha256=file.sha256, sha256=result.sifted["sha256"], size=result.sifted["size"])
        if result.sifted
        else file
        for file, result in zip(candidate.files, results, strict=True)
    ]
    return replace(candidate, files=tuple(files))


def _check(
    file: StagedFile,
    record: Sequence[StagedFile],
    recipe: Recipe,
    stage: Stage,
    check: Callable[[Request], CheckResult],
    shipped: Callable[[str], Json],
) -> CheckResult:
    if file.fault:
        return CheckResult(sha256="", outcome=Outcome.ERROR, reason=file.fault, detected={"message": file.message})
    schema, origin = _schema(file, shipped)
    name = f"{file.schema_name} {schema.get('version', '')}".strip() if schema and origin == "recipe" else ""
    referred = _referred(schema)
    request = Request(
        path=stage.path(file.sha256),
        sha256=file.sha256,
        filename=file.filename,
        format=file.format,
        schema=schema,
        schema_name=name,
        schema_origin=origin,
        repair_schema=file.repair_schema,
        list_rejected=recipe.policy is Policy.VALID_ROWS,
        checks=file.checks,
        **file.reading,
        names=_names(file),
        others=[
            {
                "names": _names(one),
                "path": stage.path(one.sha256),
                "schema": _schema(one, shipped)[0],
                "reading": one.reading,
            }
            for one in record
            if one is not file and one.sha256 and referred.intersection(map(str.casefold, _names(one)))
        ],
    )
    return _sift(request, check(request), recipe.most_rejected, stage, check)


def _sift(
    request: Request, result: CheckResult, most: float, stage: Stage, check: Callable[[Request], CheckResult]
) -> CheckResult:
    """Takes out the rows that failed, if they are few; what is left only counts if it passes a check of its own."""
    rejected, rows = result.rejected, result.stats.get("rows", 0)
    if result.outcome is not Outcome.FAILED or not rejected or len(rejected) > rows * most / 100:
        return replace(result, rejected=())
    try:
        kept = stage.put(sift(Path(request.path), result.detected, frozenset(rejected)))
    except (csv.Error, UnicodeError):
        return replace(result, rejected=())
    again = check(replace(request, path=stage.path(kept.sha256), sha256=kept.sha256, list_rejected=False))
    if again.outcome is not Outcome.PASSED or again.stats["rows"] != rows - len(rejected):
        return replace(result, rejected=())
    sifted = {"sha256": kept.sha256, "size": kept.size, "rejected": len(rejected)}
    ours = {key: again.stats[key] for key in ("beyond", "beyond_warnings") if key in again.stats}
    stats = {key: value for key, value in result.stats.items() if not key.startswith("beyond")} | ours
    result = replace(result, newest=again.newest, beyond=again.beyond, stats=stats)
    return replace(result, outcome=Outcome.PASSED, reason=SIFTED, rejected=(), sifted=sifted)


def _schema(file: StagedFile, shipped: Callable[[str], Json]) -> tuple[Json | None, str]:
    """The schema that is promised for a file, the recipe's before the source's own, and who promised it."""
    if file.schema_name:
        return shipped(file.schema_name), "recipe"
    return file.schema, "" if file.schema is None else "source"


def _names(file: StagedFile) -> list[str]:
    """What a foreign key may call a file, as a data package calls its resources."""
    return [file.key, file.name, file.filename, PurePath(file.filename).stem]


def _referred(schema: object) -> set[str]:
    """What a schema's foreign keys call the files that they lead to. The schema may be anything."""
    keys = schema.get("foreignKeys") if isinstance(schema, dict) else None
    references = [key.get("reference") for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
    return {str(one.get("resource", "")).casefold() for one in references if isinstance(one, dict)}
