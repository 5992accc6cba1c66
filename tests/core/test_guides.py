"""The guides say what the code does: every indicator, evidence kind and recipe key is documented."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from ckanext.digitalcity.core.label.data import PANELS, indicators
from ckanext.digitalcity.core.model import Recipe

GUIDE = Path(__file__).parents[2] / "docs" / "guide"


@pytest.mark.parametrize("indicator", [i for panel in PANELS for i in indicators(panel)], ids=lambda i: i.id)
def test_every_indicator_is_in_the_guide_to_labels(indicator: object) -> None:
    row = f"| `{indicator.id}` | {indicator.question} | {indicator.evidence} |"  # type: ignore[attr-defined]
    assert row in (GUIDE / "labels.md").read_text("utf-8")


@pytest.mark.parametrize("key", [field.name for field in fields(Recipe)])
def test_every_key_of_a_recipe_is_in_the_guide_to_recipes(key: str) -> None:
    assert f"| `{key}` |" in (GUIDE / "recipes.md").read_text("utf-8")
