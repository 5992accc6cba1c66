"""Making the environment: when it has to be done again, and with which Python."""

from __future__ import annotations

import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ckanext.digitalcity.portal import install
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.marks import Mark

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the parts of the project that are installed."""
    copy = tmp_path / "checkout"
    for part in install.PARTS:
        shutil.copytree(CHECKOUT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in install.PACKAGE_FILES:
        shutil.copy(CHECKOUT / name, copy / name)
    return copy


def test_a_changed_template_has_the_project_installed_again(checkout: Path) -> None:
    before = install.project_id(checkout, tests=False)
    template = next((checkout / "ckanext").rglob("*.html"))
    template.write_text(template.read_text() + "<!-- new -->")
    assert install.project_id(checkout, tests=False) != before


def test_a_moved_checkout_or_a_compiled_file_changes_nothing(checkout: Path) -> None:
    before = install.project_id(checkout, tests=False)
    cache = checkout / "ckanext" / "digitalcity" / "__pycache__"
    cache.mkdir()
    (cache / "plugin.cpython-311.pyc").write_bytes(b"compiled")
    (checkout / "i18n" / "digitalcity.mo").write_bytes(b"compiled")
    assert install.project_id(checkout.rename(checkout.with_name("moved")), tests=False) == before


def test_a_moved_checkout_has_the_tests_environment_point_to_its_new_place(checkout: Path) -> None:
    before = install.project_id(checkout, tests=True)
    assert install.project_id(checkout.rename(checkout.with_name("moved")), tests=True) != before


def test_catalogues_that_changed_or_were_never_compiled_have_the_tests_environment_compile_them(checkout: Path) -> None:
    catalogue = next((checkout / "i18n").rglob("*.po"))
    for each in (checkout / "i18n").rglob("*.po"):
        each.with_suffix(".mo").write_bytes(b"compiled")
    before = install.project_id(checkout, tests=True)
    catalogue.with_suffix(".mo").unlink()
    assert install.project_id(checkout, tests=True) != before, "as in a fresh clone at the place of an old one"
    catalogue.with_suffix(".mo").write_bytes(b"compiled")
    assert install.project_id(checkout, tests=True) == before
    catalogue.write_text(catalogue.read_text() + "# new\n")
    assert install.project_id(checkout, tests=True) != before


def test_the_locks_name_every_package_with_its_checksums() -> None:
    for name in ("portal.txt", "test.txt", "uv.txt"):
        lines = (CHECKOUT / "requirements" / name).read_text().splitlines()
        pinned = [line for line in lines if "==" in line and not line.startswith("#")]
        assert pinned
        assert all(line.endswith("\\") for line in pinned), f"{name} has a package without a checksum"


def test_the_portals_lock_needs_no_compiler() -> None:
    lock = (CHECKOUT / "requirements" / "portal.txt").read_text()
    assert "psycopg2-binary==" in lock
    assert "\npsycopg2==" not in lock


def test_a_usable_python_is_found() -> None:
    assert install.find_python(everyone=False) == Path(sys.executable)


def test_why_no_python_is_usable_is_said_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_venv = tmp_path / "python3.11"
    without_venv.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'ensurepip'\" >&2\nexit 1\n")
    too_old = tmp_path / "python3.12"
    too_old.write_text("#!/bin/sh\necho '(3, 9)'\necho /usr\n")
    for path in (without_venv, too_old):
        path.chmod(0o755)
    monkeypatch.setattr(install, "_pythons", lambda: [without_venv, too_old])
    with pytest.raises(PortalError) as said:
        install.find_python(everyone=False)
    assert "lacks ensurepip" in said.value.message
    assert "is version (3, 9)" in said.value.message
    assert "apt-get install python3 python3-venv" in said.value.hint


def test_a_python_that_only_root_can_reach_does_not_do_for_the_services(tmp_path: Path) -> None:
    inside = tmp_path / "closed" / "bin"
    inside.mkdir(parents=True)
    assert install._open_to_all(Path("/usr/bin"))
    inside.parent.chmod(0o700)
    assert not install._open_to_all(inside)


def test_a_mark_holds_only_for_what_it_was_made_of(folders: Folders) -> None:
    mark = Mark(folders, "packages")
    assert not mark.exists()
    mark.made_of("lock 1")
    assert mark.is_made_of("lock 1")
    assert not mark.is_made_of("lock 2")
    mark.forget()
    assert not mark.exists()


@pytest.mark.parametrize(("lock", "extras"), [("portal.txt", ["portal"]), ("test.txt", ["portal", "dev"])])
def test_the_locks_hold_what_the_package_asks_for(lock: str, extras: list[str]) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    lines = (CHECKOUT / "requirements" / lock).read_text().splitlines()
    pinned = dict(line.split(" ")[0].split("==") for line in lines if "==" in line and not line.startswith("#"))
    for requirement in map(Requirement, wanted):
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier, requirement
