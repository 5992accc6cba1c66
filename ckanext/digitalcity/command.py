"""The ``digitalcity`` command: what a data officer can do without a portal."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .core.check import check_file
from .core.errors import DigitalCityError, Fatal
from .core.explain import explain
from .core.model import CheckResult, Json, Outcome
from .core.shipped import names, shipped

COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.HELD: "yellow", Outcome.ERROR: "red"}
CODES = {Outcome.PASSED: 0, Outcome.FAILED: 1, Outcome.HELD: 1, Outcome.ERROR: 2}
MOST_ROWS = 10  # row numbers shown for one fault; --json has them all


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0 for passed, 1 for failed or held, 2 for an error."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except DigitalCityError as problem:
        Console(stderr=True).print(f"[red]{escape(problem.message)}[/] {escape(problem.hint)}", highlight=False)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="digitalcity", description="Check open data before it is published.")
    parser.add_argument("--version", action="version", version=f"digitalcity {version('ckanext-digitalcity')}")
    commands = parser.add_subparsers(title="commands", required=True)

    check = _command(commands, "check", _check, "validate a file and look for personal data in it")
    check.add_argument("file", type=Path)
    check.add_argument("--schema", metavar="NAME_OR_FILE", default="", help="a shipped Table Schema, or one of yours")
    check.add_argument("--repair-schema", action="store_true", help="mend what is certain in a broken schema of yours")
    check.add_argument("--json", metavar="FILE", default="", help="write the whole result as JSON; - for the terminal")

    schemas = _command(commands, "schemas", _schemas, "list the Table Schemas that come with it, or show one")
    schemas.add_argument("name", nargs="?", default="")

    recipe = commands.add_parser("recipe", help="work with recipes").add_subparsers(required=True)
    recipe_check = _command(recipe, "check", _recipe, "say whether a recipe can be used, and if not, why")
    recipe_check.add_argument("file", type=Path)

    demo = commands.add_parser("demo", help="the demo city").add_subparsers(required=True)
    serve = _command(demo, "serve", _demo, "serve the demo city's sources on this machine")
    serve.add_argument("--port", type=int, default=0, help="a free one is found if you give none")
    serve.add_argument("--day", type=int, choices=(1, 2), default=1, help="2: the same city a day later")
    return parser


def _command(
    group: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    says: str,
) -> argparse.ArgumentParser:
    parser = group.add_parser(name, help=says, description=says[0].upper() + says[1:] + ".")
    parser.set_defaults(run=run)
    return parser


def _check(options: argparse.Namespace) -> int:
    if not options.file.is_file():
        raise _missing(options.file)
    schema = _schema(options.schema) if options.schema else None
    result = check_file(
        options.file,
        schema=schema,
        schema_name=options.schema,
        schema_origin="" if schema is None else "recipe",
        repair_schema=options.repair_schema,
    )
    if options.json:
        text = json.dumps(asdict(result), indent=2, ensure_ascii=False)
        if options.json == "-":
            sys.stdout.write(text + "\n")
        else:
            Path(options.json).write_text(text + "\n", encoding="utf-8")
    if options.json != "-":
        _show(result, options.file.name, Console(highlight=False))
    return CODES[result.outcome]


def _schema(name: str) -> Json:
    file = Path(name)
    if not file.is_file():
        return shipped(name)
    try:
        descriptor: Json = json.loads(_text(file))
    except ValueError as broken:
        raise Fatal(f"'{name}' is not JSON.", "A Table Schema is a JSON file with a list of fields.") from broken
    return descriptor


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        raise _missing(file) from None
    except UnicodeDecodeError as wrong:
        raise Fatal(f"'{file}' is not UTF-8 text.", "Save it as UTF-8.") from wrong


def _missing(file: Path) -> Fatal:
    return Fatal(f"There is no file '{file}'.", "Check the name and the folder.")


def _show(result: CheckResult, filename: str, console: Console) -> None:
    console.print(f"[bold {COLOURS[result.outcome]}]{result.outcome.value.upper()}[/] {escape(filename)}")
    console.print(escape(_facts(result)), style="dim")
    if result.reason:
        said = explain(result.reason)
        console.print(f"\n[bold]{said.title}.[/] {said.meaning}\n{said.mend}")
    for change in result.detected.get("schema_repaired", []):
        console.print(escape(f"Mended in the schema: {change}"))
    if result.outcome is Outcome.ERROR and result.reason != "schema-invalid":
        details = [fault.detail for fault in result.faults if fault.detail]
        console.print(escape("; ".join(details)), style="dim")
        return
    if result.faults:
        console.print(_faults(result))
    if result.findings:
        console.print(_findings(result))


def _facts(result: CheckResult) -> str:
    found, stats = result.detected, result.stats
    parts = [str(found.get("format", "unknown")).upper(), str(found.get("encoding", ""))]
    if "rows" in stats:
        header = f"header on row {found['header_row']}" if found.get("header_row") else "no header row"
        parts += [_many(stats["rows"], "row"), _many(stats["fields"], "column"), header]
    if result.schema_origin:
        parts.append(f"schema: {result.schema_name or result.schema_origin}")
    return ", ".join(part for part in parts if part)


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _title(result: CheckResult) -> str:
    found = result.stats.get("errors", len(result.faults))
    total = _many(found, "fault")
    return total if found == len(result.faults) else f"{total}, the first {len(result.faults):,} shown"


def _faults(result: CheckResult) -> Table:
    """Faults grouped by rule and column, with what to do about each."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for fault in result.faults:
        rows = groups.setdefault((fault.rule, fault.field or "", fault.detail), [])
        rows.append(str(fault.row) if fault.row else "")
    table = Table("Fault", "Column", "Rows", "What to do", title=_title(result), expand=True)
    for (rule, field, detail), rows in groups.items():
        said = explain(rule)
        shown = ", ".join(row for row in rows[:MOST_ROWS] if row)
        more = f" and {len(rows) - MOST_ROWS:,} more" if len(rows) > MOST_ROWS else ""
        title = f"{said.title}\n[dim]{escape(detail)}[/]" if detail else said.title
        table.add_row(title, escape(field), shown + more, said.mend)
    return table


def _findings(result: CheckResult) -> Table:
    table = Table("Looks like", "Column", "Cells", "First rows", "", title="Personal data", expand=True)
    for item in result.findings:
        rows = ", ".join(str(row) for row in item.rows[:MOST_ROWS])
        held = "held" if item.level == "personal" else "only noted"
        table.add_row(explain(item.rule).title, escape(item.field), f"{item.count:,}", rows, held)
    return table


def _schemas(options: argparse.Namespace) -> int:
    console = Console(highlight=False)
    if not options.name:
        table = Table("Name", "Title")
        for name in names():
            table.add_row(name, escape(str(shipped(name).get("title", ""))))
        console.print(table)
        return 0
    schema = shipped(options.name)
    console.print(f"[bold]{escape(str(schema.get('title', options.name)))}[/]")
    console.print(escape(str(schema.get("description", ""))))
    table = Table("Column", "Kind", "Needed", "What it holds")
    for field in schema["fields"]:
        needed = "yes" if field.get("constraints", {}).get("required") else ""
        table.add_row(field["name"], field.get("type", "any"), needed, escape(str(field.get("description", ""))))
    console.print(table)
    return 0


def _recipe(options: argparse.Namespace) -> int:
    from .core.recipe import read

    recipe = read(_text(options.file), name=options.file.name, schemas=names())
    Console(highlight=False).print(f"[bold green]Good:[/] {escape(recipe.name)}, {escape(recipe.title)}")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from .demo.serve import serve

    serve(options.port, day=options.day)
    return 0


if __name__ == "__main__":
    sys.exit(main())
