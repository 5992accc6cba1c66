"""What the child does with one file: name what it is, compare that with the claim, validate the table and screen it.

The order of outcomes: ``error`` before ``held`` before ``failed`` before ``passed``. Facts of the lesser ones stay in
the result.
"""

from __future__ import annotations

import codecs
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import localcontext
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import phonenumbers
from frictionless import Schema
from frictionless.resources import TableResource

from .check import Limits, Request, failed
from .checks import Check, make, told
from .facts import Facts
from .model import CheckResult, Json, Outcome
from .packed import examine_members
from .reasons import MaybeReason, Reason, Unchecked
from .screen import VERSION, Column, Screen
from .validate.claim import claims, contradicts
from .validate.dialect import detect_delimiter, head_of
from .validate.drift import structure_of
from .validate.encoding import detect_encoding
from .validate.json_rows import MOST_DIGITS
from .validate.members import members_of
from .validate.raw_text import read_raw
from .validate.record_keys import Tied, tie_keys
from .validate.repeated import RepeatedHeader
from .validate.report import fault_of, report_of
from .validate.schema_repair import repair_schema
from .validate.schema_report import read_schema
from .validate.shown import Shown
from .validate.sniff import sniff
from .validate.source import Layout, layer_layout, rows_layout, sheet_layout, text_layout
from .validate.table import check_table
from .validate.unpack import check_zip, only_member, unpack
from .validate.watch import Watch

VALIDATES = {"frictionless": version("frictionless")}
SCREENS = {"screen": VERSION, "phonenumbers": phonenumbers.__version__, "python-stdnum": version("python-stdnum")}
MOST_REJECTED = 1_000_000  # rows that a result may name
LINES = {"ndjson", "jsonl"}  # what files of JSON lines are called


def rehearse() -> None:
    """Loads what is loaded at first use, and checks a small table of ours, so that every child finds it there."""
    import_module("ezodf")
    import_module("openpyxl")
    phonenumbers.is_valid_number(phonenumbers.parse("020 7946 0000", "GB"))
    TableResource(name="warm", data=[["id"], ["1"]]).validate()
    read_schema({"fields": [{"name": "id", "type": "integer"}, {"name": "at", "type": "date"}]})
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(b"id,name,opened,lat\n" + b"1,Stop,2020-01-31,51.5\n" * 3)
        file.flush()
        for _ in range(2):
            examine(Request(file.name, "", "rehearsal.csv", "CSV"), Limits())


def examine(request: Request, limits: Limits) -> CheckResult:
    """Checks one file within whatever limits this process already has."""
    facts = Facts(request)
    try:
        reason = _examine(Path(request.path), facts, limits)
    except Unchecked as known:
        result = failed(request, known.reason, detected=facts.detected, detail=known.message)
        return replace(result, faults=facts.faults) if facts.faults else result
    outcome, reason = _outcome(reason, facts)
    facts.stats["seconds"] = round(time.monotonic() - facts.started, 3)
    return CheckResult(
        sha256=request.sha256,
        outcome=outcome,
        reason=reason,
        detected=facts.detected,
        schema_name=request.schema_name,
        schema_origin=facts.origin,
        stats=facts.stats,
        faults=facts.faults,
        findings=facts.findings,
        report=facts.report,
        method=facts.method,
        newest=facts.newest,
        inferred=facts.inferred,
        rejected=facts.rejected,
        beyond=facts.beyond.faults,
    )


def _outcome(held: MaybeReason, facts: Facts) -> tuple[Outcome, MaybeReason]:
    if any(finding.level == "personal" for finding in facts.findings):
        return Outcome.HELD, "personal-data"
    if held:
        return Outcome.HELD, held
    wrong = facts.stats.get("errors") or facts.beyond.failed
    return (Outcome.FAILED, "invalid") if wrong else (Outcome.PASSED, "")


def _examine(path: Path, facts: Facts, limits: Limits) -> MaybeReason:
    """Fills in the facts; returns the reason why a person must look at the file, if there is one."""
    request = facts.request
    made, kind = claims(request.filename, request.format), sniff(path)
    facts.detected["format"] = kind
    facts.stats["bytes"] = path.stat().st_size
    if reason := contradicts(made, kind):
        raise Unchecked(f"claimed: {' or '.join(made) or 'nothing'}; found: {kind}", reason=reason)
    if kind == "gzip" or (kind == "zip" and only_member(path)):
        unpacked = unpack(path, kind, limits.unpacked)
        path = Path(f"/dev/fd/{unpacked.fileno()}")
        facts.detected["archive"], kind = kind, sniff(path)
        facts.detected["format"] = kind
        made = ()  # they were about the archive, or about what is in it, and who knows which
    elif kind == "zip" and (members := members_of(path, limits.unpacked)):
        return examine_members(members, facts, limits, _examine)
    if kind in ("xlsx", "ods"):
        check_zip(path, limits.unpacked)
    if kind in ("xlsx", "ods", "xls"):
        return _table(sheet_layout(path, kind, request.header_row, request.sheet), facts, limits)
    if kind == "gpkg":
        layer = layer_layout(path, request.sheet, _names(request.schema), limits.cell)
        return _table(layer, facts, limits) if layer else "cannot-check"
    if kind in ("json", "ndjson", "geojson", "parquet"):
        lines = not LINES.isdisjoint(made)
        layout = rows_layout(path, kind, _names(request.schema), limits.cell, lines)
        return _table(layout, facts, limits) if layout else "cannot-check"
    if kind != "text":
        return "cannot-check"
    encoding = _known(request.encoding) if request.encoding else detect_encoding(path)
    if not request.delimiter and not {"csv", "tsv", "tab"}.intersection(made) and _is_prose(path, encoding):
        return _prose(path, encoding, facts)
    facts.detected |= read_raw(path, encoding).described()
    prefer = "\t" if {"tsv", "tab"}.intersection(made) else ","
    layout = text_layout(path, encoding, request.delimiter, request.header_row, prefer, request.quote)
    return _table(layout, facts, limits)


def _table(layout: Layout, facts: Facts, limits: Limits) -> MaybeReason:
    request, schema = _schema(facts, limits)
    facts.detected.update(layout.described())
    facts.origin = "inferred" if request.schema is None else request.schema_origin
    others = tie_keys(schema, request, limits) if schema else Tied()
    if others.untied:
        facts.detected["not_checked"] = ["foreignKeys"]
    public = _public(request.schema) if request.schema and request.schema_origin == "recipe" else {}
    shown, screen, beyond = Shown((), (), False), Screen(()), list[Check]()
    repeated = RepeatedHeader(())

    def start(labels: tuple[str, ...], fields: tuple[str, ...]) -> tuple[Screen, Sequence[Watch]]:
        nonlocal shown, screen, beyond, repeated
        shown = Shown(labels, fields if request.schema else (), layout.header_row > 0)
        names = labels or fields
        screen = Screen(
            [Column(n, i, shown(i), public.get(n.strip().lower(), frozenset())) for i, n in enumerate(names, start=1)]
        )
        for number, cells in enumerate(layout.above, start=1):
            screen.see(number, cells)
        screen.see(layout.header_row, labels)
        beyond = make(request.checks, names, request.schema, places=layout.places)
        repeated = RepeatedHeader(labels)
        return screen, [*beyond, repeated]

    with localcontext(prec=MOST_DIGITS):  # to see whether a number is whole Frictionless divides it by 1
        checked = check_table(layout, schema, limits.errors, start, others=others.tables)
    task, total = checked.report.tasks[0], sum(checked.counts.values())
    faults = [fault_of(error, shown) for error in task.errors]
    labels = [shown(position) for position in range(1, len(checked.labels) + 1)]
    facts.faults, facts.findings, facts.newest = tuple(faults), screen.findings(), checked.newest
    facts.report = report_of(checked.report, faults, total, labels, request.sha256)
    facts.stats |= {
        "rows": task.stats.get("rows", 0),
        "fields": task.stats.get("fields", 0),
        "errors": total,
        "rules": dict(checked.counts),
    }
    facts.beyond = told(beyond)
    if facts.beyond.counts:
        facts.stats |= {"beyond": dict(facts.beyond.counts), "beyond_warnings": dict(facts.beyond.warnings)}
    if not shown.trusted:
        facts.detected["header_withheld"] = True
    if request.list_rejected and layout.format == "csv" and len(checked.rejected or ()) <= MOST_REJECTED:
        facts.rejected = tuple(sorted(checked.rejected or ()))
    if request.schema is None:
        facts.inferred = structure_of(checked.fields, shown)
    facts.method |= VALIDATES
    if layout.sheets > 1:  # the other sheets were neither validated nor screened
        return "several-layers" if layout.format == "gpkg" else "several-sheets"
    facts.method |= SCREENS
    if repeated.count:
        facts.detected["repeated_header"] = {"count": repeated.count, "rows": repeated.rows}
    return _odd(layout, facts)


def _odd(layout: Layout, facts: Facts) -> MaybeReason:
    """What Frictionless has no word for, and what a person should see before it is public."""
    if not facts.stats["rows"]:
        return "no-rows"
    if layout.unsplit:
        return "one-column"
    if facts.stats["errors"]:
        return ""  # it does not pass anyhow, and a policy may know what to do with its errors
    if "repeated_header" in facts.detected:
        return "repeated-header"
    return "nul-characters" if "nul" in facts.detected else ""


def _schema(facts: Facts, limits: Limits) -> tuple[Request, Schema | None]:
    """The schema to check against, mended first if that is wanted. Its own faults become those of the file."""
    request = facts.request
    if request.schema is None:
        return request, None
    if request.repair_schema and isinstance(request.schema, dict):
        mended, changes = repair_schema(request.schema)
        request = replace(request, schema=mended)
        if changes:
            facts.detected["schema_repaired"] = list(changes)
    schema, faults = read_schema(request.schema)
    if faults:
        facts.faults = tuple(fault.as_fault() for fault in faults[: limits.errors])
        raise Unchecked("The Table Schema itself is not valid.", reason="schema-invalid")
    return request, schema


def _public(schema: Json) -> dict[str, frozenset[str]]:
    """Which rules' findings are meant to be public, by column: ``digitalcity:public`` of a schema's field."""
    return {
        str(item.get("name", "")).strip().lower(): frozenset(item.get("digitalcity:public", []))
        for item in schema.get("fields", [])
    }


def _names(schema: Json | None) -> frozenset[str] | None:
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(fields, list):
        return None
    return frozenset(str(field.get("name")) for field in fields if isinstance(field, dict))


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as unknown:
        raise Unchecked("The recipe states an encoding that does not exist.", reason="wrong-encoding") from unknown


def _is_prose(path: Path, encoding: str) -> bool:
    return detect_delimiter(head_of(path, encoding), prefer="") == ""


def _prose(path: Path, encoding: str, facts: Facts) -> Reason:
    """Text without columns: nothing to validate, but it can be screened line by line."""
    screen = Screen([Column("", 1)])
    facts.detected["encoding"] = encoding
    with path.open(encoding=encoding) as lines:
        try:
            for number, line in enumerate(lines, start=1):
                screen.see(number, [line])
        except UnicodeDecodeError as wrong:
            raise Unchecked("The text is not in the stated encoding.", reason="wrong-encoding") from wrong
    facts.findings = screen.findings()
    facts.method |= SCREENS
    return "cannot-check"
