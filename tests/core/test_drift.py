"""A file without a schema changes its structure: the difference is shown, and never blocks anything."""

from __future__ import annotations

from typing import Any

from frictionless import Schema
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.validate.drift import Change, drift, structure_of


def structure(*columns: str) -> dict[str, Any]:
    """``name:type`` for each column."""
    return {"fields": [dict(zip(("name", "type"), column.split(":"), strict=True)) for column in columns]}


TREES = structure("id:integer", "kind:string", "planted:date")


def test_the_same_structure_has_no_drift() -> None:
    assert drift(TREES, TREES) == ()


def test_a_new_column_is_named_with_its_place() -> None:
    now = structure("id:integer", "height:number", "kind:string", "planted:date")
    assert drift(TREES, now) == (Change("added", "height", now=2),)


def test_a_column_that_is_gone_is_named() -> None:
    assert drift(TREES, structure("id:integer", "planted:date")) == (Change("removed", "kind", was=2),)


def test_another_name_in_the_same_place_with_the_same_type_counts_as_renamed() -> None:
    now = structure("id:integer", "species:string", "planted:date")
    assert drift(TREES, now) == (Change("renamed", "species", was="kind"),)


def test_another_name_with_another_type_is_one_column_gone_and_one_new() -> None:
    now = structure("id:integer", "height:number", "planted:date")
    assert drift(TREES, now) == (Change("added", "height", now=2), Change("removed", "kind", was=2))


def test_another_type_is_said_with_both_types() -> None:
    now = structure("id:integer", "kind:string", "planted:string")
    assert drift(TREES, now) == (Change("retyped", "planted", "date", "string"),)


def test_only_the_column_that_really_moved_is_said_to_have_moved() -> None:
    now = structure("planted:date", "id:integer", "kind:string")
    assert drift(TREES, now) == (Change("moved", "planted", 3, 1),)


def test_a_new_first_column_moves_no_other() -> None:
    assert drift(TREES, {"fields": [{"name": "no", "type": "integer"}, *TREES["fields"]]}) == (
        Change("added", "no", now=1),
    )


def test_columns_of_the_same_name_are_told_apart_by_their_order() -> None:
    twice = structure("a:string", "a:integer")
    assert drift(twice, twice) == ()
    assert drift(twice, structure("a:string")) == (Change("removed", "a", was=2),)


def test_what_is_kept_of_an_inferred_schema_holds_no_value_and_no_untrusted_name() -> None:
    schema = Schema.from_descriptor(
        {
            "fields": [
                {"name": "jane@example.org", "type": "string", "constraints": {"enum": ["Jane"]}, "example": "Jane"},
                {"name": "b", "type": "date", "format": "%d/%m/%Y"},
            ]
        }
    )
    assert structure_of(schema.fields, "column {}".format) == {
        "fields": [{"name": "column 1", "type": "string"}, {"name": "column 2", "type": "date", "format": "%d/%m/%Y"}]
    }


COLUMNS = st.lists(
    st.builds("{}:{}".format, st.sampled_from("abcdef"), st.sampled_from(["string", "date"])), max_size=7
)
STRUCTURES = COLUMNS.map(lambda columns: structure(*columns))


@given(STRUCTURES, STRUCTURES)
def test_there_is_drift_exactly_where_two_structures_differ(last: dict[str, Any], now: dict[str, Any]) -> None:
    assert bool(drift(last, now)) == (last != now)


@given(STRUCTURES, STRUCTURES)
def test_the_way_back_undoes_what_was_added_removed_and_retyped(last: dict[str, Any], now: dict[str, Any]) -> None:
    there, back = drift(last, now), drift(now, last)
    for one, other in (("added", "removed"), ("removed", "added")):
        assert sorted(c.field for c in there if c.kind == one) == sorted(c.field for c in back if c.kind == other)
    assert {(c.field, c.was, c.now) for c in there if c.kind == "retyped"} == {
        (c.field, c.now, c.was) for c in back if c.kind == "retyped"
    }
    assert sum(c.kind == "moved" for c in there) == sum(c.kind == "moved" for c in back)


@given(STRUCTURES, STRUCTURES)
def test_the_number_of_columns_now_follows_from_the_drift(last: dict[str, Any], now: dict[str, Any]) -> None:
    kinds = [change.kind for change in drift(last, now)]
    assert len(now["fields"]) == len(last["fields"]) + kinds.count("added") - kinds.count("removed")
