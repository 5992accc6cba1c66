"""What a recipe states of how files are written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import Workbook

from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.check import check_file
from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import Outcome
from ckanext.digitalcity.core.reading import stated_for
from ckanext.digitalcity.core.validate.sift import sift

RECIPE = {"name": "aaa", "title": "A", "kind": "file", "address": "https://example.org/a.csv", "organisation": "aa"}


def read(reading: Any) -> recipes.Recipe:
    return recipes.read(yaml.safe_dump({**RECIPE, "reading": reading}, sort_keys=False))


def test_an_exact_key_wins_over_a_pattern_and_the_first_pattern_over_the_others() -> None:
    recipe = read({"a*": {"delimiter": "tab"}, "*": {"encoding": "windows-1252"}, "abc": {"header_row": "none"}})
    assert stated_for("abc", recipe.reading) == {"header_row": -1}
    assert stated_for("ab", recipe.reading) == {"delimiter": "\t"}
    assert stated_for("x", recipe.reading) == {"encoding": "cp1252"}
    assert stated_for("x", read({"y": {"header_row": 2}}).reading) == {}


def test_a_recipe_with_stated_files_survives_being_written_and_read() -> None:
    recipe = read({"*": {"encoding": "utf-16", "delimiter": ";", "header_row": 3}})
    assert recipes.read(recipes.write(recipe)) == recipe


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        ("utf-8", "“reading” must name files"),
        ({"*": "utf-8"}, "“reading” must name files"),
        ({"*": {"encoding": "klingon"}}, "“klingon” is no encoding"),
        ({"*": {"encoding": "base64"}}, "“base64” is no encoding"),
        ({"*": {"delimiter": "::"}}, "“delimiter” must be one character"),
        ({"*": {"header_row": 0}}, "“header_row” must be a number from 1"),
        ({"*": {"header_row": True}}, "“header_row” must be a number from 1"),
        ({"*": {"quotes": "x"}}, "nobody knows “quotes” under “reading”"),
        ({"*": {"quote": "xx"}}, "“quote” must be one character"),
        ({"*": {"quote": ";"}}, "“quote” must not be a delimiter"),
        ({"*": {"sheet": 0}}, "“sheet” must be the name of a sheet"),
    ],
)
def test_what_cannot_be_meant_is_said_in_words(reading: Any, said: str) -> None:
    with pytest.raises(RecipeError, match=said.replace("(", r"\(")):
        read(reading)


def test_a_file_is_read_as_stated_and_the_record_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Kept by | the parks team\n\nname|n\nCaf\xe9|1\nTy \xe2|2\nParc|3\n".encode("cp1252"))
    stated = stated_for("a", read({"a": {"encoding": "windows-1252", "delimiter": "pipe", "header_row": 3}}).reading)
    result = check_file(path, **stated)
    assert (result.outcome, result.stats["rows"]) == (Outcome.PASSED, 3)
    found = result.detected
    assert (found["encoding"], found["dialect"]["delimiter"], found["header_row"]) == ("cp1252", "|", 3)
    assert result.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_statement_that_cannot_be_true_is_an_error_and_never_a_pass(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name,n\nCaf\xe9,1\nTy,2\n".encode("cp1252"))
    result = check_file(path, encoding="utf-8")
    assert (result.outcome, result.reason) == (Outcome.ERROR, "wrong-encoding")
    assert check_file(path, encoding="cp1252", header_row=50).outcome is Outcome.ERROR


def test_cells_are_quoted_as_stated(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,n\n'Caf, bar',1\n'O''Neill',2\n" + "'a',3\n" * 20)
    assert check_file(path).outcome is Outcome.FAILED
    stated = stated_for("a", read({"*": {"quote": "'"}}).reading)
    result = check_file(path, **stated)
    assert (result.outcome, result.stats["errors"]) == (Outcome.PASSED, 0)
    assert result.detected["dialect"]["quoteChar"] == "'"


def test_a_quote_that_is_part_of_the_text_stays_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('pipe,length\n"5,1\n6",2\n' + "7,3\n" * 20)
    stated = stated_for("a", read({"*": {"quote": "~"}}).reading)
    result = check_file(path, **stated)
    assert (result.outcome, result.stats["rows"]) == (Outcome.PASSED, 22)
    assert list(sift(path, result.detected, {2})) == [b"", b"pipe,length\n", b'6",2\n', *[b"7,3\n"] * 20]


@pytest.mark.parametrize("sheet", ["Parks", 2])
def test_the_stated_sheet_of_a_workbook_is_read(tmp_path: Path, sheet: str | int) -> None:
    path = tmp_path / "a.xlsx"
    book = Workbook()
    assert book.active is not None
    book.active.append(["not", "this"])
    parks = book.create_sheet("Parks")
    for row in (["name", "area"], ["Quay", 3], ["Hill", 4]):
        parks.append(row)
    book.save(path)
    result = check_file(path, sheet=sheet)
    assert (result.stats["rows"], result.detected["sheet"]) == (2, sheet)
    assert [field["name"] for field in result.inferred["fields"]] == ["name", "area"]
    assert result.reason == "several-sheets"
    missing = check_file(path, sheet="Trees")
    assert (missing.outcome, missing.reason) == (Outcome.ERROR, "no-sheet")
