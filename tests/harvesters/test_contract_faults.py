"""More that every kind of source must stand: encodings, sizes, times, changes at the wrong moment, stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest
from reading import Reader
from werkzeug import Response
from worlds import World

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, Retriable, Skippable
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.registry import make

Door = Callable[..., Http]


@pytest.fixture
def fresh(world: World, door: Door) -> Callable[[], Reader]:
    """Reads as another process would, which knows nothing of what was read before."""
    return lambda: Reader(make(world.recipe(), door(secrets=world.secrets)))


# -- changes at the wrong moment


def test_a_record_that_vanishes_after_it_was_listed_is_gone_or_as_it_was(world: World, reader: Reader) -> None:
    world.add("x1", title="Toilets")
    world.add("x2")
    ref = reader.refs()["x1"]
    world.remove("x1")
    try:
        record = reader.fetch(ref)
    except Skippable:
        return
    assert (record.remote_id, record.title) == ("x1", ref.title)


def test_an_answer_about_another_record_never_becomes_this_one(world: World, reader: Reader) -> None:
    world.add("x1", title="Mine")
    world.add("x2", title="Theirs")
    ref = reader.refs()["x1"]
    world.list = lambda request, answer=world.list: _as_if_for(answer, request)  # type: ignore[method-assign]
    try:
        record = reader.fetch(ref)
    except (Skippable, Retriable):
        return
    assert (record.remote_id, record.title) == ("x1", ref.title)


def _as_if_for(answer: Callable[..., Response], request: object) -> Response:
    """The server's answer with the two records' names exchanged."""
    body = answer(request).get_data()
    return Response(body.replace(b"x1", b"x\0").replace(b"x2", b"x1").replace(b"x\0", b"x2"))


def test_the_cursor_of_another_source_does_no_harm(world: World, reader: Reader) -> None:
    for id_ in ("x1", "x2"):
        world.add(id_)
    refs = reader.refs()
    other = reader.fetch(refs["x2"]).cursor
    assert reader.bring(refs["x1"], other) == reader.bring(refs["x1"])


# -- encodings, sizes, times


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig"])
def test_a_list_in_another_encoding_is_read_rightly_or_not_at_all(world: World, reader: Reader, encoding: str) -> None:
    world.add("x1", title="Café Söhne")
    answer = world.list

    def encoded(request: object) -> Response:
        response = answer(request)  # type: ignore[arg-type]
        text = response.get_data().decode("unicode-escape" if b"\\u00e9" in response.get_data() else "utf-8")
        return Response(text.encode(encoding), response.status_code)

    world.list = encoded  # type: ignore[method-assign]
    try:
        refs = reader.refs()
        record = reader.fetch(refs["x1"])
    except (Fatal, IncompleteGather, Skippable):
        return
    assert record.title == "Café Söhne"


def test_a_file_larger_than_is_read_is_named_as_such(world: World, door: Door) -> None:
    world.add("x1")
    reader = Reader(make(world.recipe(), door(secrets=world.secrets, bytes=20, json=64 << 20)))
    try:
        ref = reader.refs()["x1"]
    except Fatal as problem:  # where the list itself is read like a file
        assert "larger than" in problem.message
        return
    world.file_fault = Response(b"a,b\r\n" + b"1,2\r\n" * 100)
    with pytest.raises(Skippable) as caught:
        reader.bring(ref)
    assert caught.value.reason in ("too-large", "not-json")


def test_words_of_absurd_length_are_cut_or_refused(world: World, reader: Reader) -> None:
    world.add("x1", title="t" * 1_000_000, notes="n" * 1_000_000)
    try:
        record = reader.fetch(reader.refs()["x1"])
    except Fatal:  # a cell of a CSV index may not be as long as that
        return
    assert len(record.title) <= 300
    assert len(record.notes) <= 10_000


def test_a_time_without_a_zone_gets_none(world: World, reader: Reader) -> None:
    world.add("x1", modified="2026-03-01T08:00:00")
    modified = reader.fetch(reader.refs()["x1"]).metadata.get("modified", "")
    assert modified.removeprefix("2026-03-01T08:00:00") in ("", modified)  # other servers state a time of their own


# -- a stop after each step


def test_a_list_that_was_left_in_its_middle_is_read_anew_in_full(world: World, fresh: Callable[[], Reader]) -> None:
    for number in range(7):
        world.add(f"x{number}")
    begun: Iterator[object] = fresh().source.gather()
    assert len(list(islice(begun, 2))) == 2
    del begun
    assert sorted(fresh().refs()) == [f"x{number}" for number in range(7)]


def test_each_step_can_be_done_by_another_process(world: World, fresh: Callable[[], Reader]) -> None:
    world.add("x1")
    world.add("x2")
    ref = fresh().refs()["x1"]
    whole = fresh().bring(ref)
    (file,) = fresh().fetch(ref).files
    next(iter(file.read()))  # and then it stops
    assert fresh().bring(ref) == whole
    record = fresh().fetch(ref)
    again = fresh().fetch(ref, record.cursor)
    assert {*(file.key for file in again.files), *again.kept} == set(whole)


def test_a_list_can_be_read_twice_by_the_same_source(world: World, reader: Reader) -> None:
    for number in range(4):
        world.add(f"x{number}")
    first, second = ({id_: (ref.version, ref.title) for id_, ref in reader.refs().items()} for _ in range(2))
    assert first == second
    assert len(first) == 4
