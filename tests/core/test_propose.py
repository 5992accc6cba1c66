"""Proposals of schemas: by the names of columns, however they are written."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from ckanext.digitalcity.core.propose import propose
from ckanext.digitalcity.core.shipped import names, shipped

SCHEMAS = {name: shipped(name) for name in names()}


@pytest.mark.parametrize("name", names())
def test_the_valid_example_of_each_schema_is_proposed_that_schema_first(name: str) -> None:
    text = (files("ckanext.digitalcity.schemas") / "table" / name / "valid.csv").read_text("utf-8-sig")
    header = next(csv.reader(text.splitlines()))
    best = propose([column.upper().replace(" ", "_") for column in header], SCHEMAS)[0]
    assert best.schema == name
    assert best.shared == len(header)


def test_columns_that_no_schema_knows_get_no_proposal() -> None:
    assert propose(["colour", "taste", "smell"], SCHEMAS) == []
    assert propose([], SCHEMAS) == []
    assert propose(["", " "], {"empty": {"fields": []}}) == []
