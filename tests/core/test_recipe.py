"""Recipes: read, written, and refused with everything that is wrong at once."""

from __future__ import annotations

import string
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import Policy, Recipe
from ckanext.digitalcity.core.recipe import read, write

TEXT = """\
name: aberfal-air
title: Air quality sensors of Aberfal
kind: sensorthings
address: https://sensors.example.org/v1.1/
organisation: aberfal-council
licence: OGL-UK-3.0
schedule: every day at 02:00
frequency: DAILY
contact: {name: Open data team, email: opendata@aberfal.example}
schemas:
  "*": sensor-observations
"""


def test_a_recipe_is_read_as_it_is_written() -> None:
    recipe = read(TEXT)
    assert recipe.name == "aberfal-air"
    assert recipe.policy is Policy.HOLD
    assert recipe.schemas == {"*": "sensor-observations"}


def test_all_that_is_wrong_is_said_at_once_with_its_line_and_a_suggestion() -> None:
    wrong = TEXT.replace("kind:", "kinf:").replace("DAILY", "DAYLY").replace("https://", "ftp://")
    with pytest.raises(RecipeError) as refused:
        read(wrong)
    text = str(refused.value)
    assert "Line 3" in text
    assert "Did you mean “kind”?" in text
    assert "Line 4" in text
    assert "Did you mean “DAILY”?" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a list of keys"),
        ("just text", "not a list of keys"),
        ("name: [", "not readable YAML"),
        (TEXT + "name: again\n", "twice"),
        ("a: &x [1]\nb: *x\n", "aliases"),
        ("x" * 200_000, "longer than"),
        (TEXT.replace("aberfal-air", "Aberfal Air"), "is no name"),
        (TEXT.replace("https://sensors", "https://user:secret@sensors"), "password"),
        (TEXT.replace("every day at 02:00", "now and then"), "not a schedule"),
        (TEXT + "policy: publish\n", "no policy"),
        (TEXT.replace("OGL-UK-3.0", "the usual one"), "SPDX"),
        (TEXT.replace("title: Air quality sensors of Aberfal", "title: 7"), "must be text"),
        (TEXT.replace('  "*": sensor-observations', "  - x"), "list of names"),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(text: str, says: str) -> None:
    with pytest.raises(RecipeError) as refused:
        read(text)
    assert says in str(refused.value)


def test_a_secret_in_an_address_is_not_repeated() -> None:
    with pytest.raises(RecipeError) as refused:
        read(TEXT.replace("https://sensors", "https://user:secret@sensors"))
    assert "secret" not in str(refused.value)


def test_kinds_and_schemas_that_do_not_exist_are_named() -> None:
    with pytest.raises(RecipeError) as refused:
        read(TEXT, kinds=["sensorthings-2"], schemas=["sensor-observation"])
    assert "no kind of source “sensorthings”" in str(refused.value)
    assert "no Table Schema “sensor-observations”" in str(refused.value)


@given(st.text(max_size=300))
def test_no_text_whatever_makes_reading_break(text: str) -> None:
    try:
        read(text)
    except RecipeError as refused:
        assert refused.message


words = st.text(string.ascii_letters + " äŵ", min_size=1, max_size=20).map(str.strip).filter(bool)


@given(words, words, st.sampled_from(Policy), st.dictionaries(words, words, max_size=3))
def test_what_is_written_reads_back_the_same(title: str, name: str, policy: Policy, schemas: dict[str, str]) -> None:
    recipe = Recipe(
        name="a-name", title=title, kind="csv-index", address="https://example.org/", organisation="org",
        policy=policy, schemas=schemas, contact={"name": name},
    )  # fmt: skip
    assert read(write(recipe)) == recipe


def test_every_example_recipe_can_be_read() -> None:
    folder = files("ckanext.digitalcity.harvesters") / "recipes"
    examples = [entry for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    assert examples
    for entry in examples:
        assert read(entry.read_text("utf-8"), name=entry.name).kind
