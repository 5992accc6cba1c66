"""Drop folders on a real SFTP server. Files have no words to change, so what the contract asks is asked here."""

from __future__ import annotations

import gc
import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from sftp_server import Drop

from ckanext.digitalcity.core.errors import IncompleteGather, RecipeError, Refused, Retriable, Skippable
from ckanext.digitalcity.core.model import Recipe, Ref
from ckanext.digitalcity.harvesters import sftp as module
from ckanext.digitalcity.harvesters.csv_index import CsvIndex
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.sftp import Sftp


def refs(source: Sftp) -> dict[str, Ref]:
    return {ref.remote_id: ref for ref in source.gather()}


def bring(source: Sftp, ref: Ref) -> dict[str, bytes]:
    kept = Ref(ref.remote_id, ref.version, ref.title, json.loads(json.dumps(ref.hint)))
    return {file.key: b"".join(file.read()) for file in source.fetch(kept, None).files}


# -- the list


def test_an_empty_folder_lists_nothing(drop_folder: Callable[..., Sftp]) -> None:
    assert refs(drop_folder()) == {}


def test_each_file_is_a_dataset_known_by_its_path(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("a.csv", "a\n1\n")
    drop.put("ü b#?%.csv", "a\n2\n")
    drop.put("notes.part", "half")
    found = refs(drop_folder())
    assert sorted(found) == ["a.csv", "ü b#?%.csv"]
    record = drop_folder().fetch(found["a.csv"], None)
    (file,) = record.files
    assert (record.title, file.format, file.filename) == ("a.csv", "CSV", "a.csv")
    assert bring(drop_folder(), found["ü b#?%.csv"]) == {"ü b#?%.csv": b"a\n2\n"}


def test_all_files_can_be_one_dataset(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("2026/01/a.csv", "a\n1\n")
    drop.put("b.csv", "a\n2\n")
    one = drop_folder(dataset="folder", levels=2)
    (ref,) = one.gather()
    assert bring(one, ref) == {"2026/01/a.csv": b"a\n1\n", "b.csv": b"a\n2\n"}


def test_folders_below_are_read_as_far_down_as_is_wanted(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("one/two/a.csv", "a\n")
    drop.put("one/b.csv", "a\n")
    assert sorted(refs(drop_folder())) == []
    assert sorted(refs(drop_folder(levels=1))) == ["one/b.csv"]
    assert sorted(refs(drop_folder(levels=2))) == ["one/b.csv", "one/two/a.csv"]


def test_every_file_of_many_is_listed_once(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    for number in range(1200):
        drop.put(f"{number}.csv", "")
    assert len(list(drop_folder().gather())) == len(refs(drop_folder())) == 1200


def test_a_link_is_not_followed(drop: Drop, drop_folder: Callable[..., Sftp], tmp_path: Path) -> None:
    drop.put("a.csv", "a\n")
    (drop.folder / "latest.csv").symlink_to("a.csv")
    (drop.folder / "etc").symlink_to("/etc")
    assert sorted(refs(drop_folder(levels=3))) == ["a.csv"]


def test_a_list_without_end_is_given_up(
    drop: Drop, drop_folder: Callable[..., Sftp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WANTED", 10)
    for number in range(12):
        drop.put(f"{number}.csv", "")
    with pytest.raises(IncompleteGather, match="more than 10 files"):
        list(drop_folder().gather())


@pytest.mark.parametrize("name", ["/etc/passwd", "../secret.csv", "a\nb.csv", "x/../y.csv", ""])
def test_a_name_that_leads_elsewhere_is_passed_over(drop: Drop, drop_folder: Callable[..., Sftp], name: str) -> None:
    class Liar(asyncssh.SFTPServer):
        async def scandir(self, path: bytes) -> Any:
            for one in (name.encode(), b"good.csv"):
                yield asyncssh.SFTPName(one, attrs=asyncssh.SFTPAttrs(size=3, permissions=0o100644, mtime=1, atime=1))

    drop.handler = Liar
    assert sorted(refs(drop_folder(pattern="*"))) == ["good.csv"]


def test_a_name_that_is_no_text_makes_the_list_incomplete(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    (drop.folder / os.fsdecode(b"\xff.csv")).write_text("a\n")
    with pytest.raises(IncompleteGather):
        list(drop_folder().gather())


# -- changes


def test_the_version_follows_time_and_size(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("a.csv", "a\n1\n")
    first, again = refs(drop_folder())["a.csv"].version, refs(drop_folder())["a.csv"].version
    assert first == again is not None
    drop.put("a.csv", "a\n1\n", age=7200)
    assert refs(drop_folder())["a.csv"].version != first


def test_a_file_that_is_still_being_uploaded_is_left_alone(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("a.csv", "a\n1\n", age=5)
    with pytest.raises(Retriable, match=r"a\.csv is still being written") as caught:
        bring(drop_folder(), refs(drop_folder())["a.csv"])
    assert caught.value.after == 60


def test_a_clock_that_is_wrong_keeps_no_file_out_for_ever(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("a.csv", "a\n1\n", age=-86_400)
    ref = refs(drop_folder())["a.csv"]
    with pytest.raises(Retriable):
        bring(drop_folder(), ref)
    version, at = ref.hint["seen"]["a.csv"]
    later = Ref(ref.remote_id, ref.version, ref.title, {**ref.hint, "seen": {"a.csv": [version, at - 61]}})
    assert bring(drop_folder(), later) == {"a.csv": b"a\n1\n"}
    drop.put("a.csv", "a\n1\n2\n", age=-86_400)
    with pytest.raises(Retriable):
        bring(drop_folder(), later)


def test_a_file_that_changes_while_it_is_read_is_not_taken(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    place = drop.put("a.csv", "a\n" * 2_000_000)
    (file,) = drop_folder().fetch(refs(drop_folder())["a.csv"], None).files
    chunks = file.read()
    next(chunks)
    with place.open("a") as more:
        more.write("a\n")
    with pytest.raises(Retriable, match="changed while it was read"):
        list(chunks)


def test_a_large_file_comes_whole(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    text = "".join(f"{number}\n" for number in range(500_000))
    drop.put("a.csv", text)
    assert bring(drop_folder(), refs(drop_folder())["a.csv"])["a.csv"].decode() == text


def test_memory_stays_flat_over_a_large_file(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("a.csv", "0123456\n" * (4 << 20))
    (file,) = drop_folder().fetch(refs(drop_folder())["a.csv"], None).files
    chunks = file.read()
    size = len(next(chunks))
    tracemalloc.start()
    size += sum(map(len, chunks))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 32 << 20
    assert peak < 16 << 20  # the server's share, which lives in this process, included


def test_a_file_that_is_too_large_is_not_read(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("a.csv", "a\n" * 100)
    with pytest.raises(Skippable) as caught:
        bring(drop_folder(limits={"bytes": 100}), refs(drop_folder())["a.csv"])
    assert caught.value.reason == "too-large"


def test_a_file_that_is_gone_is_reported_as_gone(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    place = drop.put("a.csv", "a\n")
    ref = refs(drop_folder())["a.csv"]
    place.unlink()
    with pytest.raises(Skippable) as caught:
        bring(drop_folder(), ref)
    assert caught.value.reason == "file-gone"


def test_nothing_is_asked_before_the_bytes_are_taken(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("a.csv", "a\n")
    ref = refs(drop_folder())["a.csv"]
    before = drop.connections
    file = drop_folder().fetch(ref, None).files[0]
    file.read()
    assert drop.connections == before


def test_one_conversation_serves_many_files(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    for number in range(5):
        drop.put(f"{number}.csv", f"{number}")
    one = drop_folder()
    found = refs(one)
    assert [bring(one, found[f"{n}.csv"])[f"{n}.csv"] for n in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
    assert drop.connections == 1


def test_a_file_that_is_not_read_to_its_end_does_not_disturb_the_next(
    drop: Drop, drop_folder: Callable[..., Sftp]
) -> None:
    drop.put("a.csv", "a\n" * 1_000_000)
    drop.put("b.csv", "b\n")
    one = drop_folder()
    found = refs(one)
    chunks = one.fetch(found["a.csv"], None).files[0].read()
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert bring(one, found["b.csv"]) == {"b.csv": b"b\n"}


def test_a_conversation_ends_with_its_source(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    one = drop_folder()
    list(one.gather())
    transport = one.door._client.get_channel().get_transport()  # type: ignore[union-attr]
    assert transport.is_active()
    del one
    gc.collect()
    assert not transport.is_active()


# -- recipes


@pytest.mark.parametrize("value", ["md5:aa", 7, ["SHA256:x"]])
def test_a_fingerprint_that_is_none_is_refused(drop_folder: Callable[..., Sftp], value: Any) -> None:
    with pytest.raises(RecipeError, match="host_key"):
        drop_folder(host_key=value)


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(RecipeError, match="sftp://"):
        Sftp(Recipe("drop", "Drop", "sftp", "https://example.org/", "aberfal"), Http())
    with pytest.raises(RecipeError, match="https://"):
        CsvIndex(Recipe("drop", "Drop", "csv-index", "sftp://example.org/", "aberfal"), Http())


def test_sftp_is_never_asked_over_http() -> None:
    with pytest.raises(Refused):
        Http().get_bytes("sftp://example.org/a.csv", 10)
