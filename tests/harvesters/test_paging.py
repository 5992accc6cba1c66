"""Following links from page to page (reference/faults.md, 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckanext.digitalcity.core.errors import IncompleteGather, Retriable, Skippable
from ckanext.digitalcity.harvesters.paging import follow, unique

START = "https://h.example/Things?$top=2"


def pages(answers: dict[str, Any]) -> Callable[[str], Any]:
    def read(url: str) -> Any:
        answer = answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return read


def page(*ids: int, link: Any = None) -> dict[str, Any]:
    return {"value": [{"@iot.id": id_} for id_ in ids], "@iot.nextLink": link}


def ids(answers: dict[str, Any], **options: Any) -> list[int]:
    return [item["@iot.id"] for item in follow(START, pages(answers), **options)]


def test_links_are_followed_to_the_end_relative_ones_too() -> None:
    answers = {START: page(1, 2, link="?$skip=2"), "https://h.example/Things?$skip=2": page(3, link="/T?$skip=4"),
               "https://h.example/T?$skip=4": page(4)}  # fmt: skip
    assert ids(answers) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "link",
    ["http://h.example/x", "https://h.example:8443/x", "https://h.example.evil.example/x", "https://evil.example/x",
     "//evil.example/x", "file:///etc/passwd", "https://[::1", "https://h.example@evil.example/", 7, ["x"], {"a": 1}],
)  # fmt: skip
def test_a_link_to_another_server_is_not_followed(link: Any) -> None:
    with pytest.raises(IncompleteGather, match="leads away"):
        ids({START: page(1, link=link)})


def test_the_same_server_is_the_same_with_its_usual_port_written_out() -> None:
    answers = {START: page(1, link="https://H.example:443/x"), "https://H.example:443/x": page(2)}
    assert ids(answers) == [1, 2]


@pytest.mark.parametrize("link", [START, f"{START}#again", "/a"])
def test_a_circle_is_noticed(link: str) -> None:
    second = "https://h.example/a"
    with pytest.raises(IncompleteGather, match="circle"):
        ids({START: page(1, link="/a"), second: page(2, link=link if link != "/a" else second)})


def test_a_list_without_end_is_given_up() -> None:
    def read(url: str) -> Any:
        return page(1, link=f"?n={int(url.rpartition('=')[2]) + 1}")

    with pytest.raises(IncompleteGather, match="more than 10 pages"):
        list(follow(START, read, most=10))


@pytest.mark.parametrize("fault", [Retriable("busy", after=7.0), Skippable("gone"), {"value": None}, {}, [], None, "x"])
def test_a_later_page_that_cannot_be_read_makes_the_list_incomplete(fault: Any) -> None:
    got: list[int] = []
    with pytest.raises(IncompleteGather, match="Page 2") as caught:
        for item in follow(START, pages({START: page(1, 2, link="?b"), "https://h.example/Things?b": fault})):
            got.append(item["@iot.id"])
    assert got == [1, 2]
    assert caught.value.after == getattr(fault, "after", None)


def test_a_first_page_that_cannot_be_read_is_reported_as_it_is() -> None:
    with pytest.raises(Skippable, match="gone"):
        ids({START: Skippable("gone")})


def test_what_is_no_item_is_left_out() -> None:
    assert list(follow(START, pages({START: {"value": [None, 1, "x", {"@iot.id": 1}]}}))) == [{"@iot.id": 1}]


def test_the_first_page_may_have_come_with_something_else() -> None:
    first = page(1, link="/more")
    assert ids({"https://h.example/more": page(2)}, first=first) == [1, 2]


def test_repeated_items_are_dropped_whatever_type_their_id_has_this_time() -> None:
    items: list[dict[str, Any]] = [
        {"@iot.id": 1},
        {"@iot.id": "1"},
        {"@iot.id": 1},
        {"name": "no id"},
        {"name": "no id"},
        {"@iot.id": [1]},
    ]
    assert list(unique(items, "@iot.id")) == [items[0], items[3], items[4], items[5]]
