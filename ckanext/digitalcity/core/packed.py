"""An archive of several files: each table in it is checked by itself, and one result tells of all of them.

With a datapackage.json its resources have their own schemas, and keys into each other. A file that is no table and was
not screened either keeps the whole archive waiting for a person.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from .check import Limits, Request
from .checks import Told
from .facts import Facts
from .model import Fault, Finding, Json
from .reasons import MaybeReason, Unchecked
from .screen import VERSION, Column, Screen
from .validate.members import Member
from .validate.package import Described, read_package
from .validate.sniff import sniff

Examine = Callable[[Path, Facts, Limits], MaybeReason]
ARCHIVES = frozenset({"zip", "gzip", "broken-zip", "tar", "7z", "rar", "bzip2", "xz"})
LONGEST = 80  # characters of a name that are shown
ORIGINS = ("inferred", "", "source", "recipe")  # what the weakest table rests on is said of all


def examine_members(members: Sequence[Member], whole: Facts, limits: Limits, examine: Examine) -> MaybeReason:
    """Fills in the facts of the archive; returns why a person must look at it, if there is a reason.

    Args:
        examine: checks one file.

    Raises:
        Unchecked: one of the files cannot be checked to its end; nothing is passed by halves.
    """
    package = read_package(members)
    request = whole.request
    names, whole.findings = _names(members)
    said = [package.files.get(member.name) for member in members]
    others = [_other(member, of_it) for member, of_it in zip(members, said, strict=True)]
    parts: list[tuple[str, Facts, MaybeReason]] = []
    for number, (member, shown) in enumerate(zip(members, names, strict=True)):
        left = replace(limits, errors=max(limits.errors - len(whole.faults), 0))
        beside = [*request.others, *others[:number], *others[number + 1 :]]
        part = Facts(_request(request, member, said[number], beside))
        try:
            describes = member.name in package.papers
            reason = _description(member, part) if describes else _examine(member, part, left, examine)
        except Unchecked as wrong:
            whole.faults = tuple(_named(fault, shown) for fault in part.faults)
            raise Unchecked(f"{shown}: {wrong.message}", reason=wrong.reason) from wrong
        whole.faults += tuple(_named(fault, shown) for fault in part.faults)
        whole.findings += tuple(replace(found, field=_in(shown, found.field)) for found in part.findings)
        parts.append((shown, part, reason))
    whole.detected["members"] = [_evidence(shown, part, reason) for shown, part, reason in parts]
    screened = all("screen" in part.method for _, part, _ in parts)
    for _, part, _ in parts:
        whole.method |= {key: value for key, value in part.method.items() if screened or key == "frictionless"}
    tables = {shown: part for shown, part, _ in parts if part.report}
    if not tables:
        return "cannot-check"
    _sum(whole, tables)
    called = {shown: of_it.name for shown, of_it in zip(names, said, strict=True) if of_it}
    whole.report = _report({shown: part.report for shown, part in tables.items()}, called)
    return _waits(parts)


def _examine(member: Member, part: Facts, limits: Limits, examine: Examine) -> MaybeReason:
    kind = sniff(member.path)
    if kind in ARCHIVES:  # not unpacked a second time
        part.detected["format"] = kind
        return "cannot-check"
    return examine(member.path, part, limits)


def _description(member: Member, part: Facts) -> MaybeReason:
    """What describes the package is no table; but it is published with the rest, and may name people."""
    screen = Screen([Column("", 1)])
    member.file.seek(0)
    for number, line in enumerate(member.file.read().decode("utf-8", "replace").splitlines(), start=1):
        screen.see(number, [line])
    part.findings, part.detected["format"] = screen.findings(), "json"
    part.method["screen"] = VERSION
    return "cannot-check"


def _waits(parts: Sequence[tuple[str, Facts, MaybeReason]]) -> MaybeReason:
    """The reason of the first file that a person has to look at. A text that is no table was screened: it may pass."""
    for _, part, reason in parts:
        if reason == "cannot-check" and "screen" not in part.method:
            return "other-members"
        if reason and reason != "cannot-check":
            return reason
    return ""


def _request(request: Request, member: Member, said: Described | None, others: Sequence[Json]) -> Request:
    """What is asked of one file: the package's own schema before the recipe's, for the recipe speaks of the archive."""
    member.file.seek(0)
    made = replace(
        request,
        path=str(member.path),
        sha256=hashlib.file_digest(member.file, "sha256").hexdigest(),
        filename=PurePosixPath(member.name).name,
        format="",
        list_rejected=False,
        names=_called(member, said),
        others=others,
    )
    if said is None:
        return made
    made = replace(made, **{key: value for key, value in said.reading.items() if getattr(made, key) in ("", 0, '"')})
    return replace(made, schema=said.schema, schema_origin="source") if said.schema is not None else made


def _called(member: Member, said: Described | None) -> tuple[str, ...]:
    """What foreign keys may call it."""
    path = PurePosixPath(member.name)
    return (said.name,) if said else (path.name, path.stem)


def _other(member: Member, said: Described | None) -> Json:
    found: Json = {"names": _called(member, said), "path": str(member.path), "schema": said.schema if said else None}
    return {**found, "reading": said.reading} if said else found


def _names(members: Sequence[Member]) -> tuple[list[str], tuple[Finding, ...]]:
    """How each file is called in the report: by its number if its name looks like data about a person."""
    names, findings = [], list[Finding]()
    for number, member in enumerate(members, start=1):
        screen = Screen([Column("", 1)])
        screen.see(1, [str(PurePosixPath(member.name).with_suffix(""))])
        name = "".join(letter if letter.isprintable() else "\ufffd" for letter in member.name)
        if found := screen.findings():
            name = f"file {number}"
        elif len(name) > LONGEST:
            name = f"{name[:LONGEST]}… ({number})"
        names.append(name)
        findings += [replace(one, field=name) for one in found]
    return names, tuple(findings)


def _in(shown: str, field: str | None) -> str:
    return f"{shown}: {field}" if field else shown


def _named(fault: Fault, shown: str) -> Fault:
    return replace(fault, field=_in(shown, fault.field))


def _evidence(shown: str, part: Facts, reason: MaybeReason) -> Json:
    """What the whole file's result keeps of one of its files."""
    facts: Json = {key: part.stats[key] for key in ("rows", "fields", "errors") if key in part.stats}
    return {"name": shown, **part.detected, **facts, "checked": bool(part.report), "reason": reason}


def _sum(whole: Facts, tables: dict[str, Facts]) -> None:
    parts = tables.values()
    for total in ("rows", "fields", "errors"):
        whole.stats[total] = sum(part.stats[total] for part in parts)
    rules, counts, warnings = Counter[str](), Counter[str](), Counter[str]()
    for part in parts:
        rules.update(part.stats["rules"])
        counts.update(part.beyond.counts)
        warnings.update(part.beyond.warnings)
    whole.stats["rules"] = dict(rules)
    if counts:
        whole.stats |= {"beyond": dict(counts), "beyond_warnings": dict(warnings)}
    found = tuple(_named(fault, shown) for shown, part in tables.items() for fault in part.beyond.faults)
    whole.beyond = Told(found, counts, warnings)
    whole.newest = max((part.newest for part in parts if part.newest), default=None)
    whole.origin = min((part.origin for part in parts), key=ORIGINS.index)
    fields = [{**f, "name": _in(s, f["name"])} for s, part in tables.items() for f in part.inferred.get("fields", [])]
    whole.inferred = {"fields": fields} if fields else {}
    for fact in ("not_checked", "schema_repaired"):
        if said := [entry for part in parts for entry in part.detected.get(fact, [])]:
            whole.detected[fact] = list(dict.fromkeys(said))


def _report(reports: dict[str, Json], called: dict[str, str]) -> Json:
    """One report with a task for each table, as Frictionless makes it of a package.

    Args:
        called: names of the package's resources, by how their files are called in the report.
    """
    tasks = [
        {**task, "name": called.get(shown, PurePosixPath(shown).stem), "place": shown}
        for shown, report in reports.items()
        for task in report["tasks"]
    ]
    totals = {key: sum(one["stats"][key] for one in reports.values()) for key in ("errors", "warnings", "seconds")}
    return {
        "valid": all(task["valid"] for task in tasks),
        "stats": {"tasks": len(tasks), **totals},
        "warnings": [],
        "errors": [],
        "tasks": tasks,
    }
