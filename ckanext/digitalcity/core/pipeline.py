"""One record's way through the gate: fetch, stage, validate and screen, decide. Nothing is written but staged bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol

from .check import Request
from .decide import decide
from .errors import Skippable
from .model import CheckResult, FileDraft, Json, Outcome, Policy, Recipe, Record, Verdict


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
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def check_candidate(
    candidate: Candidate,
    policy: Policy,
    stage: Stage,
    check: Callable[[Request], CheckResult],
    shipped: Callable[[str], Json],
) -> tuple[Verdict, tuple[CheckResult, ...]]:
    """Validates and screens every file and decides over the whole record.

    Args:
        check: runs one request in the limited child process.
        shipped: gives a shipped Table Schema by name; raises RecipeError if there is none.
    """
    results = tuple(_check(file, stage, check, shipped) for file in candidate.files)
    if not results and candidate.kept:
        return Verdict(Outcome.PASSED), ()
    return decide(policy, results), results


def _check(
    file: StagedFile, stage: Stage, check: Callable[[Request], CheckResult], shipped: Callable[[str], Json]
) -> CheckResult:
    if file.fault:
        return CheckResult(sha256="", outcome=Outcome.ERROR, reason=file.fault, detected={"message": file.message})
    schema, name, origin = (file.schema, "", "source") if file.schema else (None, "", "")
    if file.schema_name:
        schema, origin = shipped(file.schema_name), "recipe"
        name = f"{file.schema_name} {schema.get('version', '')}".strip()
    return check(
        Request(
            path=stage.path(file.sha256),
            sha256=file.sha256,
            filename=file.filename,
            format=file.format,
            schema=schema,
            schema_name=name,
            schema_origin=origin,
        )
    )
