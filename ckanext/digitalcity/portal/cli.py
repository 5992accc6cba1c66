"""The commands of ``./portal``, inside the environment that :mod:`.bootstrap` made."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from ckanext.digitalcity.portal import options
from ckanext.digitalcity.portal.bootstrap import CHECKOUT, complain
from ckanext.digitalcity.portal.children import expected_faults
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders, lock
from ckanext.digitalcity.portal.marks import Mark
from ckanext.digitalcity.portal.program import environment
from ckanext.digitalcity.portal.settings import Settings, load
from ckanext.digitalcity.portal.stack import Stack
from ckanext.digitalcity.portal.steps import STARTED, Steps
from ckanext.digitalcity.portal.users import become_service_user

LINES = "200"


def main(argv: list[str]) -> int:
    """Run one command; the exit code is 0 if all went well."""
    args = options.parse(argv)
    folders = Folders(options.data_root(args))
    steps = Steps()
    checkout = Path(os.environ.pop(CHECKOUT, "."))
    os.environ.pop(STARTED, None)
    try:
        with expected_faults(folders.root):
            if args.command in (*options.BUILDING, "down", "reset"):
                lock(folders)
            return _run(args, folders, checkout, steps)
    except PortalError as error:
        return complain(error)


def _run(args: argparse.Namespace, folders: Folders, checkout: Path, steps: Steps) -> int:
    match args.command:
        case "up":
            from ckanext.digitalcity.portal.up import up

            return up(args, folders, steps)
        case "test" | "bench":
            from ckanext.digitalcity.portal import testing

            run = testing.test if args.command == "test" else testing.bench
            return run(args, folders, checkout, steps)
        case "status":
            from ckanext.digitalcity.portal.status import status

            return status(folders, as_json=args.json)
        case "down":
            return _down(folders, steps)
        case "logs":
            return _logs(folders, args)
        case "reset":
            return _reset(folders, args, steps)
        case "ckan":
            return _ckan(folders, args.rest)
        case _:
            return _psql(folders, args.rest)


def _down(folders: Folders, steps: Steps) -> int:
    with steps.step("Stopping the portal"):
        Stack(folders, load(folders)).stop()
    steps.say("It is stopped; nothing is lost. Start it again with: ./portal up")
    return 0


def _logs(folders: Folders, args: argparse.Namespace) -> int:
    names = sorted(path.stem for path in folders.logs.glob("*.log"))
    if args.name and args.name not in names:
        raise PortalError(f"There is no log called {args.name!r}.", f"There are: {', '.join(names) or 'none yet'}.")
    files = [str(folders.logs / f"{name}.log") for name in ([args.name] if args.name else names)]
    os.execvp("tail", ["tail", "-n", LINES, *(["-F"] if args.follow else []), *files])


def _reset(folders: Folders, args: argparse.Namespace, steps: Steps) -> int:
    if not args.yes:
        steps.say(f"This deletes every dataset, user and setting of the portal in {folders.root}.")
        try:
            answer = input("Type yes to go on: ")
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise PortalError("Nothing was deleted.", "")
    with steps.step("Stopping the portal"):
        Stack(folders, load(folders)).stop()
    with steps.step("Deleting its data"):
        for name in ("prepared", "demo", "running"):
            Mark(folders, name).forget()
        for folder in folders.of_the_portal:
            if folder.exists():
                shutil.rmtree(folder)
        folders.settings.unlink(missing_ok=True)
    steps.say("All data is gone; the installed software is kept. Begin anew with: ./portal up")
    return 0


def _running(folders: Folders) -> Settings:
    settings = load(folders)
    if not Stack(folders, settings).supervisor.is_running():
        raise PortalError("The portal is not running.", "Start it with: ./portal up")
    return settings


def _ckan(folders: Folders, words: list[str]) -> int:
    environ = environment(folders, _running(folders))
    become_service_user()
    os.execve(folders.venv / "bin" / "ckan", ["ckan", "-c", str(folders.ini), *words], environ)


def _psql(folders: Folders, words: list[str]) -> int:
    from ckanext.digitalcity.portal import postgres

    settings = _running(folders)
    environ = environment(folders, settings) | postgres.client_environment(settings)
    program = str(postgres.BIN / "psql")  # it looks for its own folder under the name it is called by
    os.execve(program, [program, *words], environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
