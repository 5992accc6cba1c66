"""The command line. Standard library only, so that ``./portal --help`` needs nothing installed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ckanext.digitalcity.portal.folders import default_root

DATA = "DIGITALCITY_DATA"
THROUGH = ("ckan", "psql")  # everything after these words belongs to the other program
BUILDING = ("up", "test", "bench")  # these bring the environment up to date first
FOR_TESTS = ("test", "bench")  # these never touch the portal that people use


def parse(argv: list[str]) -> argparse.Namespace:
    """Read the command line; ``rest`` holds what belongs to another program."""
    cut = next((place for place, word in enumerate(argv) if word in THROUGH), len(argv))
    if any(word in _commands() for word in argv[:cut]):
        cut = len(argv)
    parser = _parser()
    args, others = parser.parse_known_args(argv[: cut + 1])
    if others and args.command != "bench":
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    args.rest = [*others, *argv[cut + 1 :]]
    return args


def data_root(args: argparse.Namespace) -> Path:
    """The data folder that a command works on. Tests have one of their own."""
    given = getattr(args, "data", None) or os.environ.get(DATA)
    if given:
        return Path(given)
    root = default_root()
    return root.with_name(f"{root.name}-test") if args.command in FOR_TESTS else root


def _commands() -> dict[str, str]:
    return {
        "up": "start the portal, setting it up the first time",
        "status": "show how every part is doing",
        "down": "stop the portal; nothing is lost",
        "logs": "show what the parts have written",
        "reset": "throw away all data of the portal (asks first)",
        "test": "run the project's tests beside the portal, not in it",
        "bench": "run one of the measurements in bench/",
    }


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    where = f"where it keeps everything (default: {default_root()})"
    common.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help=where)
    parser = argparse.ArgumentParser(
        prog="./portal", description="A trusted city data portal, on this machine only.", parents=[common]
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {
        name: commands.add_parser(name, help=text, description=text.capitalize() + ".", parents=[common])
        for name, text in _commands().items()
    }
    commands.add_parser("ckan", help="run any ckan command in the portal", add_help=False)
    commands.add_parser("psql", help="open the portal's database", add_help=False)
    _up(made["up"])
    made["status"].add_argument("--json", action="store_true", help="print it as JSON")
    made["logs"].add_argument("name", nargs="?", metavar="NAME", help="one part only, such as ckan or worker")
    made["logs"].add_argument("-f", "--follow", action="store_true", help="go on showing new lines")
    made["reset"].add_argument("--yes", action="store_true", help="do not ask")
    made["test"].add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="fast, full, faults, browser, nightly, frost, a path or a pytest -k expression",
    )
    made["bench"].add_argument("name", metavar="NAME", help="its own options may follow: see bench/README.md")
    return parser


def _up(up: argparse.ArgumentParser) -> None:
    up.add_argument(
        "--demo",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="with or without the demo city (default: with it, the first time; then as before)",
    )
    up.add_argument("--port", type=int, help="the portal's port on this machine (default: 5000 if it is free)")
    up.add_argument("--foreground", action="store_true", help="stay attached; Ctrl-C stops the portal")
    up.add_argument("--postgres", metavar="URL", help="use this PostgreSQL database instead of our own")
    up.add_argument("--solr", metavar="URL", help="use this Solr core instead of our own")
    up.add_argument("--redis", metavar="URL", help="use this Redis or Valkey instead of our own")
