"""Marks of bytes say what a loop over the bytes says."""

from __future__ import annotations

import numpy as np
from generated import CASES
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.core.validate.fast.marks import (
    after,
    before,
    count,
    enclosed,
    first_bytes,
    length,
    marks,
    places,
    widest,
)

RUNS = settings(max_examples=5 * CASES, deadline=None)
# long enough for several words, with stretches of nothing
TEXTS = st.lists(
    st.sampled_from([b'"', b"a", b"\n", b'"a"', b"a" * 60, b"a" * 64, b'""']), min_size=1, max_size=20
).map(b"".join)


def of(text: bytes, byte: bytes = b'"') -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return marks(np.frombuffer(text, np.uint8), byte[0])


@RUNS
@given(text=TEXTS)
def test_what_stands_where(text: bytes) -> None:
    found = [place for place, byte in enumerate(text) if byte == ord('"')]
    quotes = of(text)
    assert places(quotes).tolist() == found
    assert count(quotes) == len(found)
    assert length(quotes) == (found[-1] + 1 if found else 0)
    size = len(text)
    assert [place for place in places(after(quotes)).tolist() if place < size] == [
        place + 1 for place in found if place + 1 < size
    ]
    assert places(before(quotes)).tolist() == [place - 1 for place in found if place]


@RUNS
@given(text=TEXTS)
def test_what_quotes_enclose_is_where_their_number_is_odd(text: bytes) -> None:
    odd = [place for place in range(len(text)) if text[: place + 1].count(b'"') % 2]
    assert [place for place in places(enclosed(of(text))).tolist() if place < len(text)] == odd


@RUNS
@given(text=TEXTS, size=st.integers(0, 200))
def test_marks_beyond_a_length_are_taken_away(text: bytes, size: int) -> None:
    expected = [place for place, byte in enumerate(text[:size]) if byte == ord('"')]
    assert places(first_bytes(of(text), min(size, len(text)))).tolist() == expected


@RUNS
@given(text=TEXTS)
def test_no_gap_is_wider_than_said(text: bytes) -> None:
    found = [place for place, byte in enumerate(text) if byte == ord('"')]
    gaps = np.diff(found, prepend=-1).tolist() if found else [len(text)]
    assert max(gaps) <= widest(of(text)) <= max(gaps) + 127
