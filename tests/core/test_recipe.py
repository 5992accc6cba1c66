"""Recipes: read, written, and refused with everything that is wrong at once."""

from __future__ import annotations

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
        ("a: &x [1]\nb: *x\n", "alias"),
        ("[" * 50_000, "nested too deeply"),
        ("? " * 20_000, "nested too deeply"),
        (TEXT + "fields: {id: a, id: b}\n", "twice (line 12)"),
        (TEXT + "options: {since: !!timestamp tomorrow}\n", "YAML tag"),
        (TEXT + "options: {most: " + "9" * 5000 + "}\n", "not readable YAML"),
        (TEXT + "<<: {title: Another}\n", "nobody knows a key “<<”"),
        (TEXT + "7: x\n", "no text in line 12"),
        (TEXT + 'description: "\\0"\n', "cannot be shown in line 12"),
        (TEXT + 'description: "\\ud800"\n', "cannot be shown in line 12"),
        (TEXT + "fields: {id: 7}\n", "Line 12: “id” under “fields” must be text"),
        (TEXT.replace("email: opendata", "e-mail: opendata"), "Line 9: nobody knows a key “e-mail” under “contact”"),
        (TEXT.replace("opendata@aberfal.example", "the team"), "no e-mail address"),
        (TEXT.replace("sensors.example.org", "sensors.example.org:port"), "must be an address"),
        (TEXT.replace("every day at 02:00", "0 0 31 2 *"), "never comes"),
        (TEXT.replace("frequency: DAILY", "frequency: daily"), "Did you mean “DAILY”?"),
        ("x" * 200_000, "longer than"),
        (TEXT.replace("aberfal-air", "Aberfal Air"), "is no name"),
        (TEXT.replace("https://sensors", "https://user:secret@sensors"), "password"),
        (TEXT.replace("every day at 02:00", "now and then"), "not a schedule"),
        (TEXT + "policy: publish\n", "no policy"),
        (TEXT + "repair_schema: 'yes'\n", "Line 12: “repair_schema” must be true or false"),
        (TEXT.replace("OGL-UK-3.0", "the usual one"), "SPDX"),
        (TEXT.replace("title: Air quality sensors of Aberfal", "title: 7"), "must be text"),
        (TEXT.replace('  "*": sensor-observations', "  - x"), "list of names"),
        (TEXT + "".join(f"k{i}: x\n" for i in range(99)), "There are 69 faults more"),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(text: str, says: str) -> None:
    with pytest.raises(RecipeError) as refused:
        read(text)
    assert says in str(refused.value)


def test_a_key_without_a_value_counts_as_left_out() -> None:
    assert read(TEXT + "policy: ''\ndescription:\n") == read(TEXT)


def test_a_day_in_the_options_is_read_as_it_is_written() -> None:
    assert read(TEXT + "options: {since: 2026-01-31, most: 7, all: true}\n").options == {
        "since": "2026-01-31", "most": 7, "all": True,
    }  # fmt: skip


def test_an_organisation_may_have_any_name_that_ckan_allows() -> None:
    assert read(TEXT.replace("aberfal-council", "aberfal_council")).organisation == "aberfal_council"


def test_long_mistakes_are_not_repeated_at_length() -> None:
    with pytest.raises(RecipeError) as refused:
        read(TEXT.replace("OGL-UK-3.0", "no licence " * 500))
    assert len(str(refused.value)) < 300


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


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=40)
texts = st.dictionaries(words, words, max_size=3)
plain = st.none() | st.booleans() | st.integers() | words
options = st.dictionaries(words, st.recursive(plain, lambda inner: st.lists(inner) | texts, max_leaves=5))


@given(words, words, st.sampled_from(Policy), texts, texts, options, st.booleans())
def test_what_is_written_reads_back_the_same(
    title: str,
    name: str,
    policy: Policy,
    schemas: dict[str, str],
    fields: dict[str, str],
    chosen: dict[str, object],
    repair: bool,
) -> None:
    recipe = Recipe(
        name="a-name", title=title, kind="csv-index", address="https://example.org/", organisation="org", policy=policy,
        description=f"{title}\n\n{name}", schemas=schemas, fields=fields, contact={"name": name}, options=chosen,
        repair_schema=repair,
    )  # fmt: skip
    assert read(write(recipe)) == recipe


def test_every_example_recipe_can_be_read() -> None:
    folder = files("ckanext.digitalcity.harvesters") / "recipes"
    examples = [entry for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    assert examples
    for entry in examples:
        assert read(entry.read_text("utf-8"), name=entry.name).kind
