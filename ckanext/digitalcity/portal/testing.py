"""``./portal test`` and ``./portal bench``: the project's own tests and measurements, on services of their own."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import IO

from ckanext.digitalcity.portal import frost, postgres, settings, solr, valkey
from ckanext.digitalcity.portal.bootstrap import complain
from ckanext.digitalcity.portal.children import run_logged
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import LOCKED, Folders
from ckanext.digitalcity.portal.program import library_paths
from ckanext.digitalcity.portal.stack import Stack
from ckanext.digitalcity.portal.steps import Progress, Steps
from ckanext.digitalcity.portal.supervise import stop_strays

MAPPED = ("schemas", "harvesters", "i18n", "demo")
PURE = ("core", "harvesters", "demo", "portal")
ON_CKAN = ("packaging", "ckan", "docs")  # the longest test first
WITHOUT_CKAN = ["-p", "no:ckan", "-p", "no:ckan_fixtures"]
WITH_CKAN = ["--ckan-ini=test.ini"]
EVERY_CORE = ["--numprocesses=auto", "--dist=worksteal"]
# Each process that tests on CKAN has a database and a search index of its own (tests/support/apart.py).
APART = [f"ckan_gw{number}" for number in range(min(os.cpu_count() or 1, 4))]
SHARED_OUT = [f"--numprocesses={len(APART)}", "--dist=worksteal"]
ALONE = ("fast", "nightly", "selected tests without CKAN")  # need no services
NIGHT = "DIGITALCITY_DIFFERENTIAL_CASES=20000"  # how many generated tables are compared; others every night
NOTHING_RAN = 5  # pytest's exit code when no test was selected


@dataclass(frozen=True)
class Run:
    """One command of a group; its exit codes in ``fine`` count as passed.

    One that runs ``beside`` all that follow does not need every core; what it prints is shown at its end.
    """

    command: list[str]
    fine: tuple[int, ...] = (0,)
    beside: bool = False


def test(args: argparse.Namespace, folders: Folders, checkout: Path, steps: Steps) -> int:
    """Run groups of tests, or those that the names select. Exit code 1 if any failed, 69 if FROST cannot be had."""
    groups = _groups(args.names, folders, checkout)
    if not groups:
        raise PortalError("There are no such tests here.", "Try: ./portal test fast")
    if "browser" in groups:
        _bring_chromium(folders, steps)
    _one_tree(folders, checkout)
    results: list[tuple[str, bool, float]] = []
    alone = {name: runs for name, runs in groups.items() if name in ALONE}
    results += _run(alone, folders, checkout, steps, _variables(folders))
    if runs := groups.pop("frost", None):
        try:
            with frost.services(folders, steps) as variables:
                results += _run({"frost": runs}, folders, checkout, steps, _variables(folders) | variables)
        except frost.Unavailable as missing:
            complain(missing)
            return frost.UNAVAILABLE
    if rest := {name: runs for name, runs in groups.items() if name not in alone}:
        with _services(folders, steps, ("ckan", *APART)) as variables:
            results += _run(rest, folders, checkout, steps, variables)
    steps.say()
    for name, passed, seconds in results:
        steps.say(f"  {'passed' if passed else 'FAILED'}  {name}  in {seconds:.0f} s")
    return 0 if all(passed for _, passed, _ in results) else 1


def bench(args: argparse.Namespace, folders: Folders, checkout: Path, steps: Steps) -> int:
    """Run ``bench/NAME.py`` on fresh services."""
    script = checkout / "bench" / f"{args.name}.py"
    if not script.exists():
        known = sorted(path.stem for path in script.parent.glob("[!_]*.py"))
        raise PortalError(f"There is no measurement called {args.name!r}.", f"There are: {', '.join(known) or 'none'}.")
    with _services(folders, steps) as variables:
        return _call([str(folders.python), str(script), *args.rest], variables, Path.cwd())


def _groups(names: Sequence[str], folders: Folders, checkout: Path) -> dict[str, list[Run]]:
    pytest = [
        str(folders.venv / "bin" / "pytest"),
        "--durations=15",
        "-o",
        f"cache_dir={folders.root / 'cache' / 'pytest'}",
    ]
    tests = checkout / "tests"

    def on(parts: Sequence[str], *options: str) -> list[Run]:
        found = [f"tests/{part}" for part in parts if any((tests / part).rglob("test_*.py"))]
        return [Run([*pytest, *options, *found])] if found else []

    tools = folders.venv / "bin"
    style = [
        Run([str(tools / "ruff"), "check", "."]),
        # what it remembers of one checkout misleads it about another
        Run([str(tools / "mypy"), "--strict", "--no-incremental", "-p", "ckanext.digitalcity"]),
    ]
    slow = [Run(run.command, (0, NOTHING_RAN), beside=True) for run in on(PURE, *WITHOUT_CKAN, "-m", "slow")]
    all_ = {
        "fast": style + on(PURE, *WITHOUT_CKAN, *EVERY_CORE, "-m", "not slow"),
        "full": on(ON_CKAN, *WITH_CKAN, *SHARED_OUT) + slow,
        "faults": on(["faults"], *WITH_CKAN, *SHARED_OUT),
        "browser": on(["browser"], *WITH_CKAN, *SHARED_OUT),
    }
    known = all_ | {"nightly": [Run(["env", NIGHT, *run.command]) for run in on(["core/fast"], *WITHOUT_CKAN)]}
    known |= {"frost": on(["frost"], *WITHOUT_CKAN)}
    chosen = {name: known[name] for name in known if name in (names or all_)}
    if others := [name for name in names if name not in known]:
        paths = [name for name in others if (checkout / name.split("::")[0]).exists()]
        if absent := [name for name in others if "/" in name and name not in paths]:
            raise PortalError(f"There is no {absent[0]} here.", "Try: ./portal test fast")
        words = ["-k", " or ".join(name for name in others if name not in paths)] if len(paths) < len(others) else []
        fine = (0, NOTHING_RAN) if words else (0,)
        pure = [path for path in paths if path.startswith(tuple(f"tests/{part}" for part in PURE))]
        ckan = [path for path in paths if path not in pure]
        if not paths:
            pure, ckan = ([f"tests/{part}" for part in parts if (tests / part).exists()] for parts in (PURE, ON_CKAN))
        if pure:
            chosen["selected tests without CKAN"] = [Run([*pytest, *WITHOUT_CKAN, *words, *pure], fine)]
        if ckan:
            chosen["selected tests on CKAN"] = [Run([*pytest, *WITH_CKAN, *words, *ckan], fine)]
    return {name: runs for name, runs in chosen.items() if runs}


def _run(
    groups: dict[str, list[Run]], folders: Folders, checkout: Path, steps: Steps, variables: dict[str, str]
) -> list[tuple[str, bool, float]]:
    passed, seconds = dict.fromkeys(groups, True), dict[str, float]()
    with ExitStack() as begun:
        beside = [
            (name, run, *_begin(begun, run.command, variables, checkout))
            for name, runs in groups.items()
            for run in runs
            if run.beside
        ]
        for name, runs in groups.items():
            began = monotonic()
            steps.say(f"\n== {name}")
            for run in runs:
                if not run.beside:
                    steps.say(_shown(run.command))
                    passed[name] &= _call(run.command, variables, checkout) in run.fine
            seconds[name] = monotonic() - began
        for name, run, process, output in beside:
            passed[name] &= process.wait() in run.fine
            output.seek(0)
            steps.say(f"\n== {name}, beside the others\n{_shown(run.command)}\n{output.read()}")
    return [(name, passed[name], seconds[name]) for name in groups]


def _shown(command: list[str]) -> str:
    return f"$ {' '.join([Path(command[0]).name, *command[1:]])}"


def _begin(
    begun: ExitStack, command: list[str], variables: dict[str, str], folder: Path
) -> tuple[subprocess.Popen[bytes], IO[str]]:
    """Start a command that writes into a file; it is stopped with ``begun`` if it still runs then."""
    output: IO[str] = begun.enter_context(TemporaryFile("w+", errors="replace"))  # noqa: SIM115 - the stack closes it
    process = subprocess.Popen(
        command, env=variables, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
    )
    begun.callback(_stop, process)
    return process, output


def _call(command: list[str], variables: dict[str, str], folder: Path) -> int:
    process = subprocess.Popen(command, env=variables, cwd=folder, stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def _services(folders: Folders, steps: Steps, names: Sequence[str] = ("ckan",)) -> Iterator[dict[str, str]]:
    known = settings.load(folders)
    stack = Stack(folders, known, site=False, durable=False, names=names)
    stop_strays(folders, known)
    searching = Progress()
    try:
        with steps.step("Starting PostgreSQL and Valkey for the tests"):
            stack.configure()
            settings.save(folders, known)
            stack.launch()
        stack.begin_search(searching)
        with steps.step("Starting Solr for the tests", searching):
            stack.finish_search()
        yield _variables(folders) | {
            "CKAN_SQLALCHEMY_URL": postgres.url(known),
            "CKAN_SOLR_URL": solr.url_with_password(known),
            "CKAN_REDIS_URL": valkey.url(known, 1),
            "CKAN_STORAGE_PATH": str(folders.root / "storage"),
        }
    finally:
        with steps.step("Stopping the tests' services"):
            stack.stop()


def _variables(folders: Folders) -> dict[str, str]:
    """The tests' environment: nothing is written into the checkout."""
    cache = folders.root / "cache"
    for folder in (cache, folders.root / "storage"):
        folder.mkdir(exist_ok=True)
    own = ("CKAN_", "DIGITALCITY_DATA", LOCKED, "PYTHONPATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return kept | {
        "PATH": f"{folders.venv / 'bin'}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(cache / "hypothesis"),
        "RUFF_CACHE_DIR": str(cache / "ruff"),
        "MYPYPATH": str(folders.root / "tree"),
        **library_paths(),
    }


def _one_tree(folders: Folders, checkout: Path) -> None:
    """Links that show the type checker the package as it is when installed, mapped folders included."""
    package = folders.root / "tree" / "ckanext" / "digitalcity"
    shutil.rmtree(folders.root / "tree", ignore_errors=True)
    package.mkdir(parents=True)
    for path in [*(checkout / "ckanext" / "digitalcity").iterdir(), *(checkout / name for name in MAPPED)]:
        if path.name != "__pycache__":
            (package / path.name).symlink_to(path)


def _bring_chromium(folders: Folders, steps: Steps) -> None:
    if shutil.which("chromium"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        log = folders.root / "install.log"
        environ = dict(os.environ) | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
        with steps.step("Installing Debian's chromium"):
            run_logged(["apt-get", "update"], log, environ)
            run_logged(install, log, environ)
    if not shutil.which("chromium"):
        steps.say("  Chromium is not installed (apt-get install chromium): the browser tests will be skipped.")
