"""Built and installed in each way people install it, the package finds every file it needs."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Printed by the installed package itself: every file it can reach, by its place in the package.
LIST = """
from importlib.resources import files
def walk(folder, prefix):
    for entry in folder.iterdir():
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            if entry.name != "__pycache__":
                walk(entry, name)
        else:
            print(name)
for package in ("schemas", "harvesters", "i18n", "demo"):
    walk(files(f"ckanext.digitalcity.{package}"), package)
for folder in ("templates", "assets", "migration", "portal"):
    walk(files("ckanext.digitalcity").joinpath(folder), folder)
print("config_declaration.yaml" if files("ckanext.digitalcity").joinpath("config_declaration.yaml").is_file() else "")
print("py.typed" if files("ckanext.digitalcity").joinpath("py.typed").is_file() else "")
"""


def expected() -> set[str]:
    """Every file of the source tree that a running portal reads."""
    tracked = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    inside = "ckanext/digitalcity/"
    wanted = set()
    for name in tracked:
        top = name.partition("/")[0]
        if top in ("schemas", "harvesters", "i18n", "demo"):
            wanted.add(name)
            if name.endswith(".po"):
                wanted.add(name.removesuffix(".po") + ".mo")
        elif name.startswith(inside) and name.removeprefix(inside).partition("/")[0] in (
            "templates", "assets", "migration", "portal", "config_declaration.yaml", "py.typed",
        ):  # fmt: skip
            wanted.add(name.removeprefix(inside))
    return wanted


def environment(folder: Path) -> Path:
    """A bare environment of its own; returns its Python."""
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source tree as a clone would have it: nothing ignored, nothing generated."""
    target = tmp_path_factory.mktemp("clone")
    names = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())
    return target


@pytest.fixture(scope="module")
def wheel(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist, as a package index would serve it."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", out, copy, cwd=copy)
    return next(out.glob("*.whl"))


def found(python: Path, cwd: Path) -> set[str]:
    names = set(run(python, "-c", LIST, cwd=cwd).split())
    return {name for name in names if not name.endswith(".pyc")}


def test_an_installed_wheel_has_every_file(wheel: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    run(python, "-m", "pip", "install", "-q", "--no-deps", wheel, cwd=tmp_path)
    assert expected() - found(python, tmp_path) == set()


def test_an_editable_install_has_every_file(copy: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    run(python, "-m", "pip", "install", "-q", "--no-deps", "-e", copy, cwd=tmp_path)
    assert expected() - found(python, tmp_path) == set()


def test_the_installed_command_works_without_ckan(wheel: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    run(python, "-m", "pip", "install", "-q", wheel, cwd=tmp_path)
    file = tmp_path / "toilets.csv"
    file.write_text("name,opened\nHarbour Street,2020-01-31\n")
    assert "passed" in run(tmp_path / "venv" / "bin" / "digitalcity", "check", file, cwd=tmp_path).lower()
    assert "ckan==" not in run(python, "-m", "pip", "freeze", cwd=tmp_path)
