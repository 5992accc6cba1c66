"""``digitalcity check`` from its options to its exit code."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console

from ..core.check import check_file
from ..core.errors import Fatal
from ..core.model import Json, Outcome
from .report import as_report
from .schema import read_schema
from .shown import printable, show
from .target import Target, opened
from .tongue import tongue

CODES = {Outcome.PASSED: 0, Outcome.FAILED: 1, Outcome.HELD: 1, Outcome.ERROR: 2}
AFTER = (
    "Exit code: 0 passed; 1 failed, or held because a person must look first (it may hold personal data, or it is no "
    "table); 2 it could not be checked. No value from the file is shown, except with --reference."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Says what can be asked for."""
    parser.epilog = AFTER
    parser.add_argument("file", metavar="FILE_OR_URL", help="a file, an http(s) address, or - for the standard input")
    parser.add_argument(
        "--schema", metavar="FILE_OR_NAME", default="", help="a Table Schema of yours, or one that comes with this"
    )
    parser.add_argument("--repair-schema", action="store_true", help="mend what is certain in a broken schema of yours")
    parser.add_argument(
        "--json",
        metavar="FILE",
        default="",
        help="write Frictionless's report as JSON, with what else was found under 'digitalcity'; - for the terminal",
    )
    parser.add_argument(
        "--reference",
        action="store_true",
        help="run Frictionless alone, for comparing: its report quotes values from the file, and nothing limits it",
    )
    parser.add_argument(
        "--allow-loopback", action="store_true", help="let an address lead to this machine itself, as to a test server"
    )


def run(options: argparse.Namespace) -> int:
    """Checks one file; returns the exit code.

    Raises:
        DigitalCityError: something that was named cannot be read or written.
    """
    _writable(options.json)
    schema = read_schema(options.schema) if options.schema else None
    progress = Console(stderr=True)
    with opened(options.file, loopback=options.allow_loopback, progress=progress) as target:
        if options.reference:
            return _reference(target, schema, options.json, progress)
        return _ours(target, schema, options, progress)


def _ours(target: Target, schema: Json | None, options: argparse.Namespace, progress: Console) -> int:
    with progress.status(_busy(target)):
        result = check_file(
            target.path,
            filename=target.filename,
            schema=schema,
            schema_name=options.schema,
            schema_origin="" if schema is None else "recipe",
            repair_schema=options.repair_schema,
        )
    if options.json:
        _write(as_report(result, target.place), options.json)
    if options.json != "-":
        show(result, target.filename or target.place, Console(highlight=False), tongue())
    return CODES[result.outcome]


def _reference(target: Target, schema: Json | None, output: str, progress: Console) -> int:
    from .reference import code_of, validate

    with progress.status(_busy(target)):
        report = validate(target, schema)
    if output:
        _write(report.to_descriptor(), output)
    if output != "-":
        Console(highlight=False, markup=False, emoji=False).print(printable(report.to_summary()))
    return code_of(report)


def _busy(target: Target) -> str:
    """Said while a terminal waits; elsewhere nothing is shown."""
    return f"Checking {target.path.stat().st_size:,} bytes. Press Ctrl+C to stop."


def _writable(name: str) -> None:
    """Refuses before the check what would fail after it."""
    path = Path(name)
    if name in ("", "-"):
        return
    if path.is_dir():
        raise Fatal(f"The report cannot be written to '{name}': it is a folder.", "Give the name of a file.")
    if not path.parent.is_dir():
        raise Fatal(f"The report cannot be written to '{name}': there is no such folder.", "Make the folder first.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise _unwritable(name)


def _write(report: Json, name: str) -> None:
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    if name == "-":
        sys.stdout.write(text)
        return
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError:
        raise _unwritable(name) from None


def _unwritable(name: str) -> Fatal:
    return Fatal(f"The report cannot be written to '{name}'.", "Choose a place where you may write, with room on it.")
