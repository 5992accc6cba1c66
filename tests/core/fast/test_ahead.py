"""Making the next things while the last one is being used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.validate.fast.ahead import ahead


@given(st.lists(st.integers()))
def test_what_is_made_comes_in_the_order_of_the_items(items: list[int]) -> None:
    assert list(ahead(iter(items), str)) == [str(item) for item in items]


def test_what_goes_wrong_comes_after_all_that_went_right() -> None:
    def breaks() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    seen = []
    with pytest.raises(ValueError, match="third"):
        for item in ahead(breaks(), abs):
            seen.append(item)
    assert seen == [1, 2]


def test_what_cannot_be_made_comes_after_all_that_could() -> None:
    seen = []
    with pytest.raises(ZeroDivisionError):
        for item in ahead(iter([1, 2, 0, 4]), lambda divisor: 4 // divisor):
            seen.append(item)
    assert seen == [4, 2]


def test_whoever_stops_early_leaves_nothing_open() -> None:
    closed = []

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    source = endless()
    for _ in ahead(source, abs):
        break
    source.close()
    assert closed
