"""The ``digitalcity`` command: what a data officer can do without a portal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .checking.run import add_options, run
from .core.errors import DigitalCityError, Fatal
from .core.shipped import names, shipped


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0 for passed, 1 for failed or held, 2 for an error."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except DigitalCityError as problem:
        Console(stderr=True).print(f"[red]{escape(problem.message)}[/] {escape(problem.hint)}", highlight=False)
        return 2
    except KeyboardInterrupt:
        Console(stderr=True).print("Stopped. Nothing counts as checked.")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="digitalcity", description="Check open data before it is published.")
    parser.add_argument("--version", action="version", version=f"digitalcity {version('ckanext-digitalcity')}")
    commands = parser.add_subparsers(title="commands", required=True)

    check = _command(commands, "check", run, "validate a file and look for personal data in it")
    add_options(check)

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


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        raise _missing(file) from None
    except UnicodeDecodeError as wrong:
        raise Fatal(f"'{file}' is not UTF-8 text.", "Save it as UTF-8.") from wrong


def _missing(file: Path) -> Fatal:
    return Fatal(f"There is no file '{file}'.", "Check the name and the folder.")


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
