"""The form for people and the recipe are the same thing: what goes through the form comes back whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.reading import KEYS
from ckanext.digitalcity.core.recipe import read
from ckanext.digitalcity.core.recipe_form import field_of, fill, merge, rows, slug
from ckanext.digitalcity.core.recipe_text import dump, rewritten
from ckanext.digitalcity.core.yaml_text import read_mapping

FIELDS = ("id", "url", "title")
OPTIONS = ("since", "layers", "skip")
RECIPE = """\
# Kept by the parks team.
name: trees
title: Trees   # as the public calls them
kind: csv-index
address: https://example.org/index.csv
organisation: aberfal

# by month
schedule: every weekday at 06:00
schemas:
  trees: trees   # all of them
checks:
  trees:
    - duplicates: {columns: [id]}
"""

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
plain = st.one_of(words, st.booleans(), st.integers(-99, 99), st.none(), st.floats(allow_nan=False))
anything = st.one_of(plain, st.lists(plain, max_size=3), st.dictionaries(words, plain, max_size=3))
schedules = st.sampled_from(
    [
        "every hour",
        "every 15 minutes",
        "every Monday at 07:30",
        "every month on the 22nd at 3:05",
        "*/7 * * * *",
        "soon",
    ]
)
recipes = st.fixed_dictionaries(
    {},
    optional={
        "title": st.one_of(words, anything),
        "description": st.one_of(words, st.just("two\nlines\n")),
        "organisation": words,
        "policy": st.sampled_from(["hold", "warn", "valid-rows", "sell"]),
        "most_rejected": st.one_of(st.floats(0.1, 99), st.integers(1, 99), words),
        "repair_schema": st.one_of(st.booleans(), words),
        "schedule": schedules,
        "blackout": words,
        "robots": st.one_of(st.just("agreed"), words),
        "reading": st.one_of(
            st.dictionaries(st.sampled_from(["*", "trees"]), st.dictionaries(st.sampled_from(KEYS), plain)), plain
        ),
        "contact": st.one_of(st.dictionaries(st.sampled_from(["name", "email", "telephone"]), words), words),
        "schemas": st.one_of(st.dictionaries(words, words, max_size=4), plain),
        "fields": st.dictionaries(st.sampled_from([*FIELDS, "colour"]), words),
        "options": st.dictionaries(st.sampled_from([*OPTIONS, "other"]), anything),
        "checks": anything,
        "of another version": anything,
    },
)


@given(recipes)
def test_a_recipe_that_goes_through_the_form_untouched_is_the_same_recipe(values: dict[str, Any]) -> None:
    assert merge(values, fill(values, FIELDS, OPTIONS), FIELDS, OPTIONS) == values


@given(recipes, words, st.sampled_from(["title", "contact_name", "field_id", "address"]))
def test_what_is_typed_is_in_the_recipe_and_all_else_is_as_it_was(values: dict[str, Any], text: str, name: str) -> None:
    form = {**fill(values, FIELDS, OPTIONS), name: text}
    found = merge(values, form, FIELDS, OPTIONS)
    assert fill(found, FIELDS, OPTIONS)[name].strip() == text.strip()
    section = {"contact_name": "contact", "field_id": "fields"}.get(name, name)
    assert {key: value for key, value in found.items() if key != section} == {
        key: value for key, value in values.items() if key != section
    }


@given(st.dictionaries(words, anything, max_size=5), st.dictionaries(words, anything, max_size=5))
def test_a_rewritten_text_says_exactly_the_new_values(old: dict[str, Any], new: dict[str, Any]) -> None:
    text = rewritten(dump(old), {**old, **new})
    if old or new:
        assert read_mapping(text, "recipe")[0] == {**old, **new}


def test_a_rewritten_recipe_keeps_its_comments_and_changes_only_what_changed() -> None:
    values = {**read_mapping(RECIPE, "recipe")[0], "schedule": "every hour", "licence": "OGL-UK-3.0"}
    expected = RECIPE.replace("every weekday at 06:00", "every hour") + "licence: OGL-UK-3.0\n"
    assert rewritten(RECIPE, values) == expected


def test_a_key_that_is_taken_out_goes_with_its_own_comments() -> None:
    values = read_mapping(RECIPE, "recipe")[0]
    del values["schedule"]
    assert rewritten(RECIPE, values) == RECIPE.replace("\n# by month\nschedule: every weekday at 06:00\n", "")


@pytest.mark.parametrize("text", ["{name: a, title: b}", "name:\n  a\n", "'name': a\n", "name: a\n# the end\n", ""])
def test_recipes_in_any_style_can_be_rewritten(text: str) -> None:
    assert read_mapping(rewritten(text, {"name": "c", "title": "b"}), "recipe")[0] == {"name": "c", "title": "b"}


@pytest.mark.parametrize(
    ("typed", "schedule"),
    [
        ({"schedule_often": "hour"}, "every hour"),
        ({"schedule_often": "monday", "schedule_time": "07:30"}, "every Monday at 07:30"),
        (
            {"schedule_often": "month", "schedule_time": "03:00", "schedule_day": "22"},
            "every month on the 22nd at 03:00",
        ),
        (
            {"schedule_often": "month", "schedule_time": "03:00", "schedule_day": "12"},
            "every month on the 12th at 03:00",
        ),
        ({"schedule_often": "other", "schedule_other": "30 4 * * 1,4"}, "30 4 * * 1,4"),
    ],
)
def test_a_schedule_is_chosen_in_words(typed: dict[str, str], schedule: str) -> None:
    found = merge(read_mapping(RECIPE, "recipe")[0], typed, FIELDS, OPTIONS)
    assert found["schedule"] == schedule
    assert read(dump(found)).schedule == schedule


def test_a_schema_without_a_pattern_is_for_every_file_and_emptied_rows_go() -> None:
    form = {"schema_file_0": "", "schema_name_0": "", "schema_file_1": " ", "schema_name_1": "public-toilets"}
    assert merge({"schemas": {"a": "b"}}, form, (), ())["schemas"] == {"*": "public-toilets"}
    assert [number for _, _, number in rows(form)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("typed", "value"),
    [("{uk-ogl: OGL-UK-3.0}", {"uk-ogl": "OGL-UK-3.0"}),
     ("[0, 2]", [0, 2]), ("3", 3), ("true", True), ("2026-01-01", "2026-01-01"), ("*.csv", "*.csv"), ("a: b", "a: b"),
     ('"12"', "12"), ("publisher:Aberfal", "publisher:Aberfal")],
)  # fmt: skip
def test_settings_are_numbers_lists_or_texts_as_they_look(typed: str, value: object) -> None:
    assert merge({}, {"option_since": typed}, FIELDS, OPTIONS)["options"] == {"since": value}


def test_another_organisation_does_not_keep_the_title_of_the_first() -> None:
    values = {"organisation": "aberfal", "organisation_title": "Aberfal Council"}
    assert merge(values, {"organisation": "harbour"}, (), ()) == {"organisation": "harbour"}


def test_a_name_is_made_of_the_title() -> None:
    assert slug("  Public toilets (Môr) of Aberfal! ") == "public-toilets-mor-of-aberfal"


def test_how_every_file_is_read_can_be_typed_and_other_files_stay_as_they_were() -> None:
    values = {"reading": {"trees": {"encoding": "utf-16"}, "*": {"header_row": 3, "sheet": "2024"}}}
    shown = fill(values, (), ())
    assert (shown["reading_header_row"], shown["reading_sheet"], shown["reading_encoding"]) == ("3", "'2024'", "")
    found = merge(values, {**shown, "reading_header_row": "none", "reading_encoding": "windows-1252"}, (), ())
    every = {"header_row": "none", "sheet": "2024", "encoding": "windows-1252"}
    assert found["reading"] == {"trees": {"encoding": "utf-16"}, "*": every}
    emptied = {key: "" if key.startswith("reading_") else value for key, value in shown.items()}
    assert merge(values, emptied, (), ())["reading"] == {"trees": {"encoding": "utf-16"}}
    assert "reading" not in merge({"reading": {"*": {"sheet": 2}}}, {"reading_sheet": ""}, (), ())


def test_a_fault_in_how_files_are_read_is_shown_at_its_field() -> None:
    form = fill({}, (), ())
    assert field_of(("reading", "*", "sheet"), form) == "reading_sheet"
    assert field_of(("reading", "trees", "sheet"), form) == ""
    assert field_of(("blackout",), form) == "blackout"
    assert field_of(("robots",), form) == "robots"
