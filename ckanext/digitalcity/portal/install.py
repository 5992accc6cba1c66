"""Makes the Python environment: venv, pinned packages, the project itself. Standard library only.

A mark is written after each finished step and holds what it was made from, so that a half-finished or outdated
step is done again, and a finished one takes no time.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ckanext.digitalcity.portal.children import disk_full, run_logged, why
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.marks import Mark
from ckanext.digitalcity.portal.steps import Progress, Steps

OLDEST, NEWEST = (3, 11), (3, 14)
ROOM_BYTES = 1_500_000_000  # measured: environment 0.7 GB, jars 0.1 GB, database and index 0.1 GB, and some air
ASTRAY = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV")
NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ProxyError|Temporary failure in name resolution|dns error|ConnectTimeout"
)
PARTS = ("ckanext", "schemas", "harvesters", "i18n", "demo")
PACKAGE_FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE")


def environment(folders: Folders, checkout: Path, steps: Steps, *, tests: bool) -> None:
    """Bring the environment up to date.

    Args:
        folders: the data folder.
        checkout: the project's own files.
        steps: where to show it.
        tests: with the tests' packages, and the project used in place instead of copied.

    Raises:
        PortalError: with what to do about it.
    """
    log = folders.root / "install.log"
    lock = checkout / "requirements" / ("test.txt" if tests else "portal.txt")
    python, packages = Mark(folders, "venv"), Mark(folders, "packages")
    whole = packages.exists() and python.is_made_of(str(folders.venv)) and _runs(folders.python)
    if not whole:  # an installer that was cut short leaves packages that look finished and are not
        if shutil.disk_usage(folders.root).free < ROOM_BYTES:
            raise disk_full(folders.root)
        with steps.step("Making a Python environment"):
            _make_venv(folders, log, everyone=os.geteuid() == 0 and not tests)
        python.made_of(str(folders.venv))
    if not packages.is_made_of(_digest([lock])):
        packages.forget()
        with steps.step("Installing the packages, each at its pinned version") as progress:
            _install(folders, log, lock, progress)
        packages.made_of(_digest([lock]))
    project = Mark(folders, "project")
    wanted = project_id(checkout, tests=tests)
    if not project.is_made_of(wanted):
        with steps.step("Installing the project itself"):
            _install_project(folders, log, checkout, tests=tests)
        project.made_of(project_id(checkout, tests=tests))  # installing in place compiles the catalogues there


def project_id(checkout: Path, *, tests: bool) -> str:
    """Changes whenever the project has to be installed again."""
    if tests:  # used in place: only its place, its packaging and the catalogues that are compiled there matter
        catalogues = sorted((checkout / "i18n").rglob("*.po"))
        compiled = all(catalogue.with_suffix(".mo").exists() for catalogue in catalogues)
        return f"{checkout} {_digest([*(checkout / name for name in PACKAGE_FILES[:2]), *catalogues])} {compiled}"
    files = [path for part in PARTS for path in _package_files(checkout / part)]
    return _digest([*files, *(checkout / name for name in PACKAGE_FILES)])


def find_python(*, everyone: bool) -> Path:
    """A Python that can make the environment.

    Args:
        everyone: it must be one that other users can run too, because the services run as another user.
    """
    reasons: list[str] = []
    for path in _pythons():
        reason = _unfit(path, everyone)
        if not reason:
            return path
        reasons.append(reason)
    raise PortalError(
        "No usable Python was found: " + "; ".join(dict.fromkeys(reasons)) + ".",
        "On Debian or Ubuntu: apt-get install python3 python3-venv. Then run this again.",
    )


def _pythons() -> Iterator[Path]:
    yield Path(sys.executable)
    for folder in [*os.environ.get("PATH", "").split(":"), "/usr/local/bin", "/usr/bin"]:
        for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
            path = Path(folder) / f"python3.{minor}"
            if folder and path.is_file() and os.access(path, os.X_OK):
                yield path


def _unfit(path: Path, everyone: bool) -> str:
    program = "import sys, venv, ensurepip; print(sys.version_info[:2]); print(sys.base_prefix)"
    answer = subprocess.run([path, "-I", "-c", program], capture_output=True, text=True)
    if answer.returncode:
        missing = re.search(r"No module named '(\w+)'", answer.stderr)
        return f"{path} lacks {missing[1]}" if missing else f"{path} does not run"
    version, prefix = answer.stdout.splitlines()
    if not str(OLDEST) <= version <= str(NEWEST):
        return f"{path} is version {version}, not 3.{OLDEST[1]} to 3.{NEWEST[1]}"
    if everyone and not _open_to_all(Path(prefix)):
        return f"{path} is in a folder that only root can enter"
    return ""


def _open_to_all(path: Path) -> bool:
    return all(step.stat().st_mode & stat.S_IXOTH for step in [path.resolve(), *path.resolve().parents])


def _runs(python: Path) -> bool:
    try:
        return subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv(folders: Folders, log: Path, *, everyone: bool) -> None:
    python = find_python(everyone=everyone)
    shutil.rmtree(folders.venv, ignore_errors=True)
    for name in ("venv", "packages", "project"):
        Mark(folders, name).forget()
    if run_logged([python, "-m", "venv", folders.venv], log, _clean()):
        raise PortalError(
            f"The Python environment could not be made: {why(log)}",
            "On Debian or Ubuntu: apt-get install python3-venv. Then run this again.",
        )


def _install(folders: Folders, log: Path, lock: Path, progress: Progress) -> None:
    """Install with uv, which is five times as fast; with pip alone where uv cannot be had or does not get through."""
    pip = [str(folders.python), "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
    uv = [str(folders.venv / "bin" / "uv"), "pip", "install", "--python", str(folders.python), "--compile-bytecode"]
    checked = ["--require-hashes", "-r"]
    wanted = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    progress.look = lambda: f"{len(list(folders.venv.glob('lib/*/site-packages/*.dist-info')))} of {wanted}"
    if run_logged([*pip, "--quiet", *checked, str(lock.with_name("uv.txt"))], log, _clean()) == 0:
        if run_logged([*uv, *checked, str(lock)], log, _clean() | _for_uv()) == 0:
            return
        why(log)  # pip would not find more room on a full disk either
        progress.say("with pip")
    if run_logged([*pip, "--force-reinstall", *checked, str(lock)], log, _clean()):
        words = f"The packages could not be installed: {why(log)}"
        if NO_NETWORK.search(log.read_text(encoding="utf-8", errors="replace")[-20_000:]):
            words = "The packages could not be downloaded: the package index cannot be reached."
        hint = f"Check the internet connection and its proxy settings, then run this again. Details: {log}"
        raise PortalError(words, hint)


def _install_project(folders: Folders, log: Path, checkout: Path, *, tests: bool) -> None:
    pip = [str(folders.python), "-m", "pip", "--disable-pip-version-check", "install"]
    pip += ["--no-deps", "--no-build-isolation"]
    with tempfile.TemporaryDirectory(dir=folders.root, prefix="build-") as name:
        source = Path(name) / "source"
        if not tests:  # a copy: nothing is generated in the checkout, and the services need not be able to read it
            for part in PARTS:
                shutil.copytree(checkout / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
            for part in PACKAGE_FILES:
                shutil.copy(checkout / part, source / part)
        what = ["-e", str(checkout)] if tests else ["--force-reinstall", str(source)]
        if run_logged([*pip, *what], log, _clean()):
            raise PortalError(f"The project itself could not be installed: {why(log)}", f"Details: {log}")


def _clean() -> dict[str, str]:
    """Our environment without what would lead Python or pip astray."""
    return {name: value for name, value in os.environ.items() if name not in ASTRAY}


def _for_uv() -> dict[str, str]:
    """uv keeps settings of its own: give it the machine's certificates and pip's package index."""
    found = {"UV_SYSTEM_CERTS": "1", "UV_NO_PROGRESS": "1", "UV_NO_CONFIG": "1"}
    for ours, theirs in (("PIP_CERT", "SSL_CERT_FILE"), ("PIP_INDEX_URL", "UV_DEFAULT_INDEX")):
        if ours in os.environ and theirs not in os.environ:
            found[theirs] = os.environ[ours]
    return found


def _package_files(folder: Path) -> list[Path]:
    made = ("__pycache__", ".mypy_cache")
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".mo") and not set(path.parts) & set(made)
    )


def _digest(paths: list[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        if path.exists():
            whole.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()
