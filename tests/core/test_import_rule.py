"""The import rule of docs/adr/001: the core is pure, and sources know nothing but its values and errors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "ckanext" / "digitalcity" / "core"
HARVESTERS = ROOT / "harvesters"
OURS = "ckanext.digitalcity."
PORTAL_ONLY = {"ckan", "ckanapi", "flask", "sqlalchemy", "redis", "rq"}
ALLOWED_IN_HARVESTERS = (f"{OURS}core.model", f"{OURS}core.errors", f"{OURS}harvesters")


def imported(path: Path, package: str) -> Iterator[str]:
    """Every module a file imports, relative ones made absolute."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                folder = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*folder, node.module] if node.module else folder)
            else:
                base = node.module or ""
            # `from package import name` may name a module: report it with its name
            yield from (f"{base}.{alias.name}" for alias in node.names)


def files(folder: Path, package: str) -> list[tuple[Path, str]]:
    return [
        (path, ".".join([package, *path.relative_to(folder).parent.parts])) for path in sorted(folder.rglob("*.py"))
    ]


@pytest.mark.parametrize(("path", "package"), files(CORE, f"{OURS}core"), ids=lambda v: getattr(v, "stem", ""))
def test_the_core_imports_neither_ckan_nor_harvesters(path: Path, package: str) -> None:
    for name in imported(path, package):
        assert name.partition(".")[0] not in PORTAL_ONLY, f"{path.name} imports {name}"
        assert not name.startswith(OURS) or name.startswith(f"{OURS}core"), f"{path.name} imports {name}"


@pytest.mark.parametrize(
    ("path", "package"), files(HARVESTERS, f"{OURS}harvesters"), ids=lambda v: getattr(v, "stem", "")
)
def test_sources_import_only_values_and_errors_of_the_core(path: Path, package: str) -> None:
    for name in imported(path, package):
        assert name.partition(".")[0] not in PORTAL_ONLY, f"{path.name} imports {name}"
        assert not name.startswith(OURS) or name.startswith(ALLOWED_IN_HARVESTERS), f"{path.name} imports {name}"


def test_the_rule_notices_a_forbidden_import(tmp_path: Path) -> None:
    guilty = tmp_path / "guilty.py"
    guilty.write_text("from ckan import model\nfrom ..harvest import ledger\n")
    assert list(imported(guilty, f"{OURS}core")) == ["ckan.model", f"{OURS}harvest.ledger"]
