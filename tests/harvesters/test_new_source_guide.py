"""The guide to a new kind of source, run as it stands: installed as a package of its own and used against a server."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.errors import ConfigError, IncompleteGather, RecipeError, Skippable
from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.registry import GROUP, kinds, make

Door = Callable[..., Http]
GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "new-source.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(found)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Installs a module as a package of somebody else's, with the entry point of the guide."""

    def put(code: str) -> None:
        (tmp_path / "aberfal_sources.py").write_text(code, "utf-8")
        facts = tmp_path / "aberfal_sources-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: aberfal-sources\nVersion: 1.0\n", "utf-8")
        entry = block("toml").partition("\n")[2].replace('"', "")
        (facts / "entry_points.txt").write_text(f"[{GROUP}]\n{entry}", "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "aberfal_sources", raising=False)

    return put


@pytest.fixture
def recipe(httpserver: HTTPServer, install: Callable[[str], None]) -> Recipe:
    """The guide's recipe, for the guide's class, read as any recipe is."""
    install(block("python"))
    text = block("yaml").replace("https://example.org", httpserver.url_for("").rstrip("/"))
    return recipes.read(text, kinds=kinds())


def test_the_class_of_the_guide_is_shorter_than_sixty_lines() -> None:
    assert len(block("python").splitlines()) <= 62
    assert len([row for row in block("python").splitlines() if row.strip()]) < 60


def test_a_package_of_somebody_else_brings_the_kind_of_the_guide(recipe: Recipe, door: Door) -> None:
    assert f'entry-points."{GROUP}"' in block("toml")
    source = make(recipe, door())
    assert (source.kind, type(source).__module__) == ("json-list", "aberfal_sources")
    with pytest.raises(RecipeError, match="Did you mean “topic”"):
        make(Recipe("x", "X", "json-list", recipe.address, "x", options={"topics": 1}), door())


def test_the_kind_of_the_guide_reads_the_list_of_the_guide(recipe: Recipe, door: Door, httpserver: HTTPServer) -> None:
    first = json.loads(block("json"))
    first["files"][0]["topic"] = "nature"
    second: dict[str, Any] = {"files": [{"id": "x", "topic": "nature"}, {"id": "y", "topic": "other"}, 7, {}]}
    httpserver.expect_request("/list.json", query_string="").respond_with_json(first)
    httpserver.expect_request("/list.json", query_string="page=2").respond_with_json(second)
    httpserver.expect_request("/trees.csv").respond_with_data(b"a\r\n1\r\n")
    source = make(recipe, door())
    trees, without_file = source.gather()
    record = source.fetch(trees, None)
    assert (record.remote_id, record.title, trees.version) == ("trees", "Street trees", "2026-03-01")
    assert record.metadata == {"license": "OGL-UK-3.0", "modified": "2026-03-01"}
    assert [b"".join(file.read()) for file in record.files] == [b"a\r\n1\r\n"]
    with pytest.raises(Skippable):
        source.fetch(without_file, None)


def test_the_kind_of_the_guide_never_takes_half_a_list(recipe: Recipe, door: Door, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/list.json", query_string="").respond_with_json(json.loads(block("json")))
    httpserver.expect_request("/list.json", query_string="page=2").respond_with_data("", status=500)
    with pytest.raises(IncompleteGather):
        list(make(recipe, door()).gather())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("JsonList = 7", "is no kind|is not a kind"),
        ("import nothing_of_that_name", "cannot be loaded"),
        ("x = 1", "cannot be loaded"),
        (
            "from ckanext.digitalcity.harvesters.file import File\nclass JsonList(File):\n    pass",
            "Two packages bring",
        ),
    ],
)
def test_a_package_that_brings_no_usable_kind_is_named(install: Callable[[str], None], code: str, words: str) -> None:
    install(code)
    with pytest.raises(ConfigError, match=words):
        kinds()
