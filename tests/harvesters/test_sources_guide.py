"""The guide to sources says what the sources are: nothing is left out, and nothing is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckanext.digitalcity.core.explain_fetching import FETCHING
from ckanext.digitalcity.harvesters.index_columns import FIELDS
from ckanext.digitalcity.harvesters.registry import kinds

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide" / "sources.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## `([\w-]+)`.*?\n(.*?)(?=^## )", GUIDE, re.M | re.S))


def names(table: str, heading: str) -> set[str]:
    """What stands in the first column of the tables that begin with this heading."""
    rows = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", table, re.M)
    return {name for row in "".join(rows).splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def raised() -> Iterator[str]:
    """Every reason for which a source leaves something out: of Skippable and Refused, and of a Ref that is at fault."""
    for path in sorted((ROOT / "harvesters").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Skippable", "Refused"):
                given = [word.value for word in node.keywords if word.arg == "reason"] + node.args[2:3]
                yield from (one.value for one in given if isinstance(one, ast.Constant))
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                yield from (
                    str(value.value)
                    for key, value in pairs
                    if isinstance(key, ast.Constant) and key.value == "error" and isinstance(value, ast.Constant)
                )


def test_the_guide_has_every_kind_there_is_in_its_table_and_a_section_of_its_own_and_no_other() -> None:
    assert names(GUIDE, "kind") == set(SECTIONS) == set(kinds())


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_section_explains_the_options_that_there_are_and_no_other(kind: str) -> None:
    assert names(SECTIONS[kind], "option") == set(kinds()[kind].options)
    assert names(SECTIONS[kind], "field") == (set(FIELDS) if kinds()[kind].fields else set())


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_section_says_what_was_proved(kind: str) -> None:
    assert "\n- Proved " in SECTIONS[kind]


def test_every_reason_for_leaving_something_out_is_explained_in_the_guide_and_no_other_is() -> None:
    found = set(raised())
    assert len(found) > 30
    explained = names(GUIDE, "reason")
    assert sorted(found - explained - set(FETCHING)) == []
    assert sorted(explained - found) == []
