"""The guides say what the code does: every indicator, evidence kind and recipe key is documented."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.label.data import PANELS, Indicator, indicators
from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.core.recipe import read
from ckanext.digitalcity.core.schedule import parse
from ckanext.digitalcity.harvesters.registry import BUILT_IN
from ckanext.digitalcity.words_source import SOURCE_HELP

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
RECIPES = (GUIDE / "recipes.md").read_text("utf-8")
LABELS = (GUIDE / "labels.md").read_text("utf-8")
EVERY = [indicator for panel in PANELS for indicator in indicators(panel)]


@pytest.mark.parametrize("indicator", EVERY, ids=lambda indicator: indicator.id)
def test_every_indicator_is_in_the_guide_to_labels_with_how_long_its_evidence_counts(indicator: Indicator) -> None:
    row = f"| `{indicator.id}` | {indicator.question} | {indicator.evidence} |"
    counts = next(line for line in LABELS.splitlines() if line.startswith(row)).removeprefix(row)
    if indicator.counts_for:
        assert counts.startswith(f" {indicator.counts_for} days |")
    else:
        assert "days" not in counts.split("|")[0]


@pytest.mark.parametrize("kind", sorted({indicator.evidence for indicator in EVERY}))
def test_every_kind_of_evidence_is_in_the_guide_to_labels(kind: str) -> None:
    assert f"\n| {kind} |" in LABELS


@pytest.mark.parametrize("key", [field.name for field in fields(Recipe)])
def test_every_key_of_a_recipe_is_in_the_guide_to_recipes(key: str) -> None:
    assert f"\n| `{key}` |" in RECIPES


def test_the_recipe_in_the_guide_can_be_used_and_the_mistakes_it_shows_are_said_like_that() -> None:
    recipe = re.findall(r"```yaml\n(.*?)```", RECIPES, re.DOTALL)[0]
    assert read(recipe).contact["name"] == "Open data team"
    with pytest.raises(RecipeError) as refused:
        read(recipe.replace("kind:", "kinf:").replace("MONTHLY", "MONTHLEY"), name="aberfal-toilets.yaml")
    assert f"```text\n{refused.value.message}\n```" in RECIPES


def test_every_schedule_in_the_guide_is_one() -> None:
    part = RECIPES.partition("## Schedules")[2].partition("##")[0].partition("Times are")[0]
    examples = re.findall(r"`([^`]+)`", part.replace("\n", " "))
    assert len(examples) == 7
    assert all(parse(example).words() == example for example in examples)


@pytest.mark.parametrize("kind", [source.kind for source in BUILT_IN])
def test_every_kind_of_source_says_in_one_sentence_what_it_is_for(kind: str) -> None:
    assert SOURCE_HELP[kind].text.endswith(".")


@pytest.mark.parametrize(("kind", "name"), [(source.kind, name) for source in BUILT_IN for name in source.options])
def test_no_help_of_a_setting_holds_what_a_page_takes_for_a_placeholder(kind: str, name: str) -> None:
    said = next(source.options[name] for source in BUILT_IN if source.kind == kind)
    assert "%" not in said
