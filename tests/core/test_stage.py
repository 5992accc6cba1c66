from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.errors import Retriable, Skippable
from ckanext.digitalcity.core.stage import receive


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_bytes_are_kept_as_they_came_under_their_hash(chunks: list[bytes]) -> None:
    with TemporaryDirectory() as name:
        staged = receive(chunks, Path(name), limit=10_000)
        content = b"".join(chunks)
        assert staged.path.read_bytes() == content
        assert staged.path.name == staged.sha256 == hashlib.sha256(content).hexdigest()
        assert staged.size == len(content)
        assert list(Path(name).iterdir()) == [staged.path]


def test_the_same_bytes_again_leave_the_kept_file_untouched(tmp_path: Path) -> None:
    first = receive([b"id\n", b"1\n"], tmp_path, limit=100)
    before = first.path.stat()
    second = receive([b"id\n1\n"], tmp_path, limit=100)
    assert second == first
    assert (before.st_ino, before.st_mtime_ns) == (second.path.stat().st_ino, second.path.stat().st_mtime_ns)
    assert list(tmp_path.iterdir()) == [first.path]


def test_one_byte_too_many_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    assert receive([b"12345"], tmp_path, limit=5).size == 5
    with pytest.raises(Skippable) as refused:
        receive([b"12345", b"6"], tmp_path, limit=5)
    assert refused.value.reason == "too-large"
    assert len(list(tmp_path.iterdir())) == 1


def test_an_endless_stream_is_cut_off_at_the_limit(tmp_path: Path) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    with pytest.raises(Skippable):
        receive(endless(), tmp_path, limit=1_000_000)
    assert list(tmp_path.iterdir()) == []


def test_a_connection_that_breaks_leaves_nothing_behind(tmp_path: Path) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"half of it"
        raise Retriable("The connection broke.")

    with pytest.raises(Retriable):
        receive(breaking(), tmp_path, limit=100)
    assert list(tmp_path.iterdir()) == []
