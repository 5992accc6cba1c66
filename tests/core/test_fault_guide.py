"""The guide to faults names every fault, and tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide" / "faults.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \|.*$", GUIDE, re.MULTILINE)
NAMED = re.findall(r"`(tests/[^`]+\.py)::(\w+)`", GUIDE)


def test_every_fault_has_its_row_and_every_row_a_test() -> None:
    assert [str(number) for number in range(1, 23)] == ROWS
    rows = [line for line in GUIDE.splitlines() if re.match(r"\| \d+ \|", line)]
    assert all(re.search(r"`tests/[^`]+::\w+` \|$", row) for row in rows)


@pytest.mark.parametrize(("file", "test"), NAMED, ids=lambda part: part)
def test_every_test_that_the_guide_names_exists(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
