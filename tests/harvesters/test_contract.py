"""What every kind of source must do, whatever its server does. Each kind brings a world (``worlds.py``)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import test_contract_faults
from reading import Reader
from werkzeug import Response
from worlds import PAGE, WORLDS, World

from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, RecipeError, Retriable, Skippable
from ckanext.digitalcity.core.recipe_form import fill, merge
from ckanext.digitalcity.core.yaml_text import read_mapping
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.registry import kinds, make
from ckanext.digitalcity.harvesters.urls import server_of

Door = Callable[..., Http]


def test_every_kind_has_a_world_and_a_name_that_agrees() -> None:
    assert set(WORLDS) == set(kinds())
    assert all(name == source.kind and source.title for name, source in kinds().items())


def test_whatever_cannot_be_asked_of_a_kind_is_a_test_here_and_has_a_reason() -> None:
    asked = {name for module in (sys.modules[__name__], test_contract_faults) for name in vars(module)}
    for world in WORLDS.values():
        assert set(world.cannot) <= {name for name in asked if name.startswith("test_")}, world.kind
        assert all(len(reason) > 10 for reason in world.cannot.values()), world.kind


# -- the list


def test_an_empty_source_lists_nothing(world: World, reader: Reader) -> None:
    assert list(reader.source.gather()) == []


def test_one_record_is_listed_and_brought_with_its_file(world: World, reader: Reader) -> None:
    world.add("x1")
    ((id_, ref),) = reader.refs().items()
    record = reader.fetch(ref)
    assert (id_, record.remote_id, record.title) == ("x1", "x1", ref.title)
    (file,) = record.files
    assert file.url.startswith(server_of(world.recipe().address) + "/")
    assert b"".join(file.read()).count(b"\n") >= 2


def test_a_record_comes_in_its_own_words_and_its_file_with_its_format(world: World, reader: Reader) -> None:
    world.add("x1", title="Toilets", notes="Where they are")
    ref = reader.refs()["x1"]
    record = reader.fetch(ref)
    assert (ref.title, record.title, record.notes) == ("Toilets", "Toilets", "Where they are")
    assert record.files[0].format == "CSV"
    assert record.files[0].filename.endswith(".csv")


def test_every_record_of_many_pages_is_listed_once(world: World, reader: Reader) -> None:
    for number in range(25):
        world.add(f"x{number}")
    listed = [ref.remote_id for ref in reader.source.gather()]
    assert sorted(listed) == sorted(f"x{number}" for number in range(25))


def test_a_list_that_breaks_off_in_the_middle_is_incomplete(world: World, reader: Reader) -> None:
    for number in range(7):
        world.add(f"x{number}")
    world.break_off()
    with pytest.raises(IncompleteGather):
        list(reader.source.gather())


def test_a_list_that_goes_round_in_a_circle_ends_with_an_error(world: World, reader: Reader) -> None:
    for number in range(7):
        world.add(f"x{number}")
    world.go_round()
    with pytest.raises((IncompleteGather, Fatal)):
        list(reader.source.gather())


def test_a_record_listed_again_never_counts_as_another(world: World, reader: Reader) -> None:
    world.add("x1")
    world.add("x2")
    world.repeat("x1")
    world.repeat("x1")
    good = [ref.remote_id for ref in reader.source.gather() if "error" not in ref.hint]
    assert sorted(good) == ["x1", "x2"]
    again = reader.faults()
    assert len(again) <= 1
    for ref in again:
        with pytest.raises(Skippable) as caught:
            reader.fetch(ref)
        assert caught.value.reason == "duplicate-id"


@pytest.mark.parametrize(("status", "after"), [(429, 7.0), (500, None), (503, 7.0)])
def test_a_list_on_a_server_in_trouble_is_incomplete(
    world: World, reader: Reader, status: int, after: float | None
) -> None:
    world.list_fault = Response(status=status, headers={"Retry-After": str(int(after))} if after else {})
    with pytest.raises(IncompleteGather) as caught:
        list(reader.source.gather())
    assert caught.value.after == after


@pytest.mark.parametrize("status", [404, 410, 403])
def test_an_address_without_a_list_needs_a_person(world: World, reader: Reader, status: int) -> None:
    world.list_fault = Response(status=status)
    with pytest.raises(Fatal, match=str(status)):
        list(reader.source.gather())


def test_a_web_page_instead_of_a_list_is_named_as_such(world: World, reader: Reader) -> None:
    world.list_fault = Response(PAGE)
    with pytest.raises(Fatal, match="web page"):
        list(reader.source.gather())


def test_a_garbled_list_is_no_list(world: World, reader: Reader) -> None:
    world.list_fault = world.garble()
    with pytest.raises(Fatal):
        list(reader.source.gather())


@pytest.mark.parametrize(
    "body", [b"", b"\0" * 100, b"null", b"[]", b"{}", b'{"value": 7}', b"\xff\xfe" * 50, b"\x1f\x8b" * 9]
)
def test_an_absurd_list_is_no_list(world: World, reader: Reader, body: bytes) -> None:
    world.list_fault = Response(body)
    with pytest.raises((Fatal, IncompleteGather)):
        list(reader.source.gather())


def test_a_list_that_is_too_large_is_not_read(world: World, reader: Reader) -> None:
    world.list_fault = Response(b" " * (65 << 20))
    with pytest.raises(Fatal, match="larger than"):
        list(reader.source.gather())


def test_a_private_address_is_not_read_unless_it_is_allowed(world: World, door: Door) -> None:
    world.add("x1")
    with pytest.raises(Fatal, match="private network"):
        list(make(world.recipe(), door(allowed=(), secrets=world.secrets)).gather())
    assert world.server.log == []


# -- changes


def test_an_unchanged_record_keeps_its_version(world: World, reader: Reader) -> None:
    world.add("x1")
    first, second = reader.refs(), reader.refs()
    assert first["x1"].version == second["x1"].version is not None
    assert reader.bring(first["x1"]) == reader.bring(second["x1"])
    assert reader.fetch(first["x1"]).metadata == reader.fetch(second["x1"]).metadata


def test_a_changed_record_has_another_version(world: World, reader: Reader) -> None:
    world.add("x1")
    before = reader.refs()["x1"]
    world.change("x1", title="Another title")
    after = reader.refs()["x1"]
    assert before.version != after.version
    assert reader.fetch(after).title == "Another title"


def test_a_file_that_changes_under_the_same_record_gives_it_another_version(world: World, reader: Reader) -> None:
    world.add("x1")
    before = reader.refs()["x1"]
    old = reader.bring(before)
    world.change_file("x1")
    after = reader.refs()["x1"]
    assert before.version != after.version
    new = reader.bring(after)
    assert old.keys() == new.keys()
    assert old != new


def test_a_record_that_vanishes_is_no_longer_listed(world: World, reader: Reader) -> None:
    world.add("x1")
    world.add("x2")
    world.remove("x1")
    assert list(reader.refs()) == ["x2"]


def test_what_is_read_with_a_cursor_and_what_is_kept_is_all_there_is(world: World, reader: Reader) -> None:
    world.add("x1")
    ref = reader.refs()["x1"]
    first = reader.fetch(ref)
    again = reader.fetch(ref, first.cursor)
    assert {*(file.key for file in again.files), *again.kept} == {file.key for file in first.files}
    assert not set(again.kept) & {file.key for file in again.files}


@pytest.mark.parametrize("cursor", ["", "null", "[]", "{}", '{"x1-no2": 7}', "not JSON", '{"a": {"newest": "x"}}'])
def test_a_cursor_that_is_none_of_ours_reads_everything_again(world: World, reader: Reader, cursor: str) -> None:
    world.add("x1")
    ref = reader.refs()["x1"]
    assert reader.bring(ref, cursor) == reader.bring(ref)


# -- files


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone_is_reported_as_gone(world: World, reader: Reader, status: int) -> None:
    world.add("x1")
    ref = reader.refs()["x1"]
    world.file_fault = Response(status=status)
    with pytest.raises(Skippable) as caught:
        reader.bring(ref)
    assert caught.value.reason == "file-gone"


@pytest.mark.parametrize(("status", "after"), [(429, 7.0), (500, None)])
def test_a_file_on_a_server_in_trouble_is_worth_another_try(
    world: World, reader: Reader, status: int, after: float | None
) -> None:
    world.add("x1")
    ref = reader.refs()["x1"]
    world.file_fault = Response(status=status, headers={"Retry-After": str(int(after))} if after else {})
    with pytest.raises(Retriable) as caught:
        reader.bring(ref)
    assert caught.value.after == after


def test_nothing_of_a_file_is_asked_before_its_bytes_are_taken(world: World, reader: Reader) -> None:
    world.add("x1")
    ref = reader.refs()["x1"]
    world.file_fault = Response(status=500)
    chunks = reader.fetch(ref).files[0].read()
    with pytest.raises(Retriable):
        next(chunks)


def test_a_file_can_be_read_twice(world: World, reader: Reader) -> None:
    world.add("x1")
    (file,) = reader.fetch(reader.refs()["x1"]).files
    assert b"".join(file.read()) == b"".join(file.read()) != b""


# -- odd records


def test_records_in_which_everything_is_empty_do_no_harm(world: World, reader: Reader) -> None:
    world.blank()
    world.add("x1")
    refs = reader.refs()
    assert "x1" in refs
    for ref in refs.values():
        record = reader.fetch(ref)
        assert record.title
        reader.bring(ref)


def test_members_and_columns_that_nobody_knows_are_left_alone(world: World, reader: Reader) -> None:
    world.add("x1", unheard_of="what is this", private="true", owner_org="other", state="deleted")
    record = reader.fetch(reader.refs()["x1"])
    assert not {"private", "owner_org", "state", "unheard_of"} & set(record.metadata)


def test_markup_in_a_title_stays_the_text_that_it_is(world: World, reader: Reader) -> None:
    world.add("x1", title="<script>alert(1)</script> & Söhne")
    ref = reader.refs()["x1"]
    assert ref.title == reader.fetch(ref).title == "<script>alert(1)</script> & Söhne"


def test_a_title_is_one_line_of_bearable_length_without_tricks(world: World, reader: Reader) -> None:
    world.add("x1", title="Two\nlines \u202ereversed" + "!" * 10_000)
    title = reader.fetch(reader.refs()["x1"]).title
    assert title.startswith("Two lines reversed!!")
    assert len(title) <= 300


@pytest.mark.parametrize("id_", ["a b", "x'y", "1) or (1", "-", "é" * 40, "a,b;c", "ö?#%"])
def test_an_odd_id_stays_what_it_is_and_leads_to_its_own_file(world: World, reader: Reader, id_: str) -> None:
    stays_and_leads_to_its_own_file(world, reader, id_)


@pytest.mark.parametrize("id_", ["../../etc", "ü/ö?#%"])
def test_an_id_that_looks_like_a_path_stays_what_it_is(world: World, reader: Reader, id_: str) -> None:
    stays_and_leads_to_its_own_file(world, reader, id_)


def stays_and_leads_to_its_own_file(world: World, reader: Reader, id_: str) -> None:
    world.add("plain")
    world.add(id_, url="files/plain.csv")
    refs = reader.refs()
    assert set(refs) == {"plain", id_}
    (file,) = reader.fetch(refs[id_]).files
    assert b"".join(file.read())
    assert "/" not in file.filename
    assert ".." not in file.filename


# -- recipes


def test_an_option_that_nobody_knows_is_refused_with_a_suggestion(world: World, door: Door) -> None:
    option = next(iter(kinds()[world.kind].options))
    with pytest.raises(RecipeError, match=f"Did you mean “{option}”"):
        make(world.recipe(options={option[:-1]: 1}), door())


def test_making_a_source_asks_nothing_of_the_network(world: World, door: Door) -> None:
    make(world.recipe(), door())
    assert world.server.log == []


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_the_example_recipe_is_a_good_one_and_shows_every_option(kind: str, door: Door) -> None:
    source = kinds()[kind]
    text = (files("ckanext.digitalcity.harvesters") / "recipes" / f"{source.example}.yaml").read_text("utf-8")
    schemas = [folder.name for folder in (files("ckanext.digitalcity.schemas") / "table").iterdir()]
    recipe = recipes.read(text, kinds=kinds(), schemas=schemas)
    assert isinstance(make(recipe, door()), source)
    assert recipe.kind == kind
    assert "://example.org" in recipe.address
    assert set(recipe.options) == set(source.options)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_setting_of_the_example_recipe_can_be_typed_into_the_form(kind: str) -> None:
    text = (files("ckanext.digitalcity.harvesters") / "recipes" / f"{kinds()[kind].example}.yaml").read_text("utf-8")
    given = read_mapping(text, "example")[0]
    typed = fill(given, (), kinds()[kind].options)
    assert merge({}, typed, (), kinds()[kind].options).get("options", {}) == given.get("options", {})


def test_an_unknown_kind_is_refused_with_a_suggestion(world: World, door: Door) -> None:
    with pytest.raises(RecipeError, match="Did you mean"):
        make(world.recipe(kind=f"{world.kind}s"), door())


def test_another_package_can_bring_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    from ckanext.digitalcity.harvesters import registry

    entry: Any = EntryPoint("x", "ckanext.digitalcity.harvesters.csv_index:CsvIndex", registry.GROUP)
    monkeypatch.setattr(registry, "BUILT_IN", ())
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry] if group == registry.GROUP else [])
    assert list(kinds()) == ["csv-index"]
