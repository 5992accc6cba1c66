"""The data package that an archive may be (Data Package, "Metadata"): its datapackage.json describes its files.

It stands at the top of the archive, or of the only folder that everything lies in.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model import Json
from ..reasons import Unchecked
from .members import Member

DESCRIPTOR = "datapackage.json"
LARGEST = 4_000_000  # bytes of a description
DIALECT = {"delimiter": "delimiter", "quoteChar": "quote"}  # as a package says it, and as check.Request does


@dataclass(frozen=True, slots=True)
class Described:
    """What a package says of one file: its resource's name, its Table Schema, and how it is to be read."""

    name: str
    schema: Any
    reading: Json


@dataclass(frozen=True, slots=True)
class Package:
    """What is said of the files by their names, and the names of those that say it: descriptions, and schemas."""

    files: dict[str, Described] = field(default_factory=dict)
    papers: frozenset[str] = frozenset()


def read_package(members: Sequence[Member]) -> Package:
    """What datapackage.json says of the files beside it; nothing if there is none.

    Raises:
        Unchecked: it is no valid description, or names a file that is not in the archive (``package-invalid``).
    """
    top = _top([member.name for member in members])
    content = {member.name.removeprefix(top): member for member in members}
    if DESCRIPTOR not in content:
        return Package()
    package = _json(content[DESCRIPTOR])
    resources = package.get("resources") if isinstance(package, dict) else None
    if not isinstance(resources, list) or not resources:
        raise _invalid("It lists no resources.")
    found: dict[str, Described] = {}
    papers = {DESCRIPTOR}
    for number, resource in enumerate(resources, start=1):
        path = resource.get("path") if isinstance(resource, dict) else None
        if not isinstance(path, str) or path not in content:
            raise _invalid(f"Resource {number} is no file of the archive.")
        name = resource.get("name")
        if not isinstance(name, str) or path in found or any(name == other.name for other in found.values()):
            raise _invalid(f"Resource {number} has no name or file of its own.")
        schema = resource.get("schema")
        if isinstance(schema, str):
            if schema not in content:
                raise _invalid(f"The schema of resource {number} is no file of the archive.")
            papers.add(schema)
            schema = _json(content[schema])
        found[path] = Described(name, schema, _reading(resource))
    return Package({top + path: said for path, said in found.items()}, frozenset(top + paper for paper in papers))


def _top(names: Sequence[str]) -> str:
    """The folder that all files lie in, with its slash; "" if there is none."""
    top, slash, _ = names[0].partition("/")
    return top + slash if slash and all(name.startswith(top + slash) for name in names) else ""


def _reading(resource: Json) -> Json:
    dialect = resource.get("dialect")
    made: Json = {}
    if isinstance(encoding := resource.get("encoding"), str) and encoding:
        made["encoding"] = _codec(encoding)
    if isinstance(dialect, dict):
        stated = dialect.get("csv")
        inner = stated if isinstance(stated, dict) else {}
        for theirs, ours in DIALECT.items():
            value = dialect.get(theirs, inner.get(theirs))
            if isinstance(value, str) and len(value) == 1:
                made[ours] = value
        if dialect.get("header") is False:
            made["header_row"] = -1
    return made


def _codec(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise _invalid("It states an encoding that does not exist.") from None


def _json(member: Member) -> Any:
    member.file.seek(0)
    raw = member.file.read(LARGEST + 1)
    try:
        if len(raw) <= LARGEST:
            return json.loads(raw)
    except ValueError:  # also of bytes that are not UTF-8
        pass
    raise _invalid("It is no JSON, or too long.")


def _invalid(why: str) -> Unchecked:
    return Unchecked(why, reason="package-invalid")
