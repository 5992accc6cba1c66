"""Differences of texts, line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.line_difference import Line, compare

texts = st.lists(st.sampled_from(["a", "b", "c", "", "# x"]), max_size=12)


@given(texts, texts)
def test_each_line_that_differs_is_there_with_its_number(old: list[str], new: list[str]) -> None:
    found = compare("\n".join(old), "\n".join(new))
    before, after = "\n".join(old).splitlines(), "\n".join(new).splitlines()
    assert all(before[line.was - 1] == line.text for line in found if line.was)
    assert all(after[line.now - 1] == line.text for line in found if line.now)
    left = [text for n, text in enumerate(before, 1) if n not in {line.was for line in found}]
    added = [text for n, text in enumerate(after, 1) if n not in {line.now for line in found}]
    assert left == added  # what is not shown is the same in both


def test_lines_far_from_a_change_are_left_out() -> None:
    old = [f"line {number}" for number in range(1, 11)]
    new = [*old[:8], "line nine", old[9]]
    assert compare("\n".join(old), "\n".join(new)) == [
        Line("skipped"),
        Line("same", "line 6", 6, 6),
        Line("same", "line 7", 7, 7),
        Line("same", "line 8", 8, 8),
        Line("removed", "line 9", 9, None),
        Line("added", "line nine", None, 9),
        Line("same", "line 10", 10, 10),
    ]


def test_equal_texts_do_not_differ() -> None:
    assert compare("a\nb", "a\nb") == []
