"""Indexes in CSV: a council's own list of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faultserver import FaultServer, reply, says
from pytest_httpserver import HTTPServer
from werkzeug import Response
from worlds import Index

from ckanext.digitalcity.core.errors import Fatal, RecipeError, Skippable
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.csv_index import CsvIndex
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.names import filename, format_of

Door = Callable[..., Http]
HYDRA = "council_csv/datagouv__hydra/tests/data/catalog.csv"
RATES = "council_csv/odileeds__business-rates/index.csv"


@pytest.fixture
def index(httpserver: HTTPServer) -> Index:
    return Index(httpserver)


@pytest.fixture
def listed(index: Index, door: Door) -> Callable[..., list[Ref]]:
    """What the index lists if its bytes are these."""

    def gather(body: str | bytes, **changes: Any) -> list[Ref]:
        index.list_fault = Response(body)
        return list(CsvIndex(index.recipe(**changes), door()).gather())

    return gather


def record(ref: Ref, index: Index, door: Door, **changes: Any) -> Record:
    return CsvIndex(index.recipe(**changes), door()).fetch(ref, None)


# -- reading the table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_any_delimiter_and_usual_encoding_is_read(listed: Callable[..., list[Ref]], encoding: str, mark: str) -> None:
    body = mark.join(["id", "title", "url"]) + "\r\n" + mark.join(["a", "Café – £", "a.csv"]) + "\r\n"
    (ref,) = listed(body.encode(encoding))
    assert (ref.remote_id, ref.title) == ("a", "Café – £")


def test_quotes_may_hold_delimiters_and_lines(listed: Callable[..., list[Ref]]) -> None:
    (ref,) = listed('\n\nid;title;url\r\na;"Trees; and\nhedges";a.csv\r\n')
    assert ref.title == "Trees; and hedges"


@pytest.mark.parametrize("cell", ['"never closed', '"closed" too early', "x" * 100_001], ids=["open", "early", "long"])
def test_a_list_that_cannot_be_told_apart_is_not_read_in_part(listed: Callable[..., list[Ref]], cell: str) -> None:
    with pytest.raises(Fatal, match="cannot be read as CSV after line 2"):
        listed(f"id,title,url\na,{cell},a.csv\n" + "b,B,b.csv\n" * (cell[0] != '"'))


@pytest.mark.parametrize("body", ["", "\n\n", ";", "\ufeff"])
def test_an_index_without_a_header_is_empty(listed: Callable[..., list[Ref]], body: str) -> None:
    with pytest.raises(Fatal, match="empty"):
        listed(body)


def test_rows_that_are_short_or_long_are_read_as_far_as_they_go(listed: Callable[..., list[Ref]]) -> None:
    refs = listed("url,id,title\na.csv\nb.csv,b,B,more,and more\n,,\n")
    assert [(ref.remote_id, ref.title) for ref in refs] == [("a.csv", "a.csv"), ("b", "B")]


def test_usual_column_names_are_recognised(listed: Callable[..., list[Ref]], index: Index, door: Door) -> None:
    header = "Dataset_ID,Dataset Title,Summary,downloadUrl,File Type,License,last-modified,Tags,updateFrequency"
    (ref,) = listed(f"{header}\na,Trees,All of them,t.csv,csv,OGL-UK-3.0,2026-03-01T10:00,trees; parks ;,Monthly\n")
    found = record(ref, index, door)
    assert (found.title, found.notes, found.files[0].format) == ("Trees", "All of them", "CSV")
    assert found.metadata == {
        "license": "OGL-UK-3.0",
        "keyword": ["parks", "trees"],
        "modified": "2026-03-01T10:00",
        "accrualPeriodicity": "Monthly",
    }


def test_the_recipe_says_which_column_is_which(listed: Callable[..., list[Ref]]) -> None:
    refs = listed("id,Ref No,url,Where\n1,a,x,a.csv\n1,b,x,b.csv\n", fields={"id": "ref no", "url": "Where"})
    assert [ref.remote_id for ref in refs] == ["a", "b"]


def test_a_column_that_is_not_there_is_named_with_those_that_are(listed: Callable[..., list[Ref]]) -> None:
    with pytest.raises(Fatal, match=r"“Reference”, which the recipe names for “id”.*“Ref”, “url”"):
        listed("Ref,url\na,a.csv\n", fields={"id": "Reference"})


def test_an_index_without_a_recognisable_address_says_what_to_do(listed: Callable[..., list[Ref]]) -> None:
    with pytest.raises(Fatal, match=r"under fields, as “url”.*“id”, “where”"):
        listed("id,where\na,a.csv\n")


def test_a_field_that_nobody_knows_is_refused_with_a_suggestion(index: Index, door: Door) -> None:
    with pytest.raises(RecipeError, match="Did you mean “licence”"):
        CsvIndex(index.recipe(fields={"lisence": "x"}), door())


# -- identity


def test_a_row_without_an_id_goes_by_its_address(listed: Callable[..., list[Ref]]) -> None:
    assert [ref.remote_id for ref in listed("id,url\n,a.csv\nb,b.csv\n")] == ["a.csv", "b"]
    assert [ref.remote_id for ref in listed("url\na.csv\nb.csv\n")] == ["a.csv", "b.csv"]


def test_the_second_row_with_an_id_is_an_error_and_the_first_is_kept(
    listed: Callable[..., list[Ref]], index: Index, door: Door
) -> None:
    good, bad = listed("id,title,url\na,First,a.csv\na,Second,b.csv\na,Third,c.csv\n")
    assert (good.remote_id, good.title, bad.remote_id, bad.hint) == ("a", "First", "a", {"error": "duplicate-id"})
    with pytest.raises(Skippable, match="twice") as caught:
        record(bad, index, door)
    assert caught.value.reason == "duplicate-id"


def test_a_row_that_names_no_file_is_an_error_unless_the_recipe_says_otherwise(
    listed: Callable[..., list[Ref]], index: Index, door: Door
) -> None:
    body = "id,url\na,\nb,b.csv\n"
    good, bad = listed(body)
    assert (good.remote_id, bad.remote_id, bad.hint) == ("b", "a", {"error": "no-address"})
    with pytest.raises(Skippable, match="blank_url: skip"):
        record(bad, index, door)
    assert [ref.remote_id for ref in listed(body, options={"blank_url": "skip"})] == ["b"]


def test_no_id_is_listed_both_as_good_and_as_missing_its_file(listed: Callable[..., list[Ref]]) -> None:
    refs = listed("id,url\na,\na,a.csv\n")
    assert [(ref.remote_id, "error" in ref.hint) for ref in refs] == [("a", False)]


# -- several files


GROUPED = (
    "Collection,Collection title,id,title,description,url,licence,keywords,modified\n"
    "parks,Parks,trees,Trees,Each tree,trees.csv,,a,2026-01-01\n"
    "parks,,ponds,Ponds,Each pond,ponds.json,OGL-UK-3.0,b,2026-02-01\n"
    ",,alone,Alone,By itself,alone.csv,,,\n"
)
FIELDS = {"dataset": "Collection", "dataset_title": "Collection title"}


def test_rows_of_one_dataset_become_its_files(listed: Callable[..., list[Ref]], index: Index, door: Door) -> None:
    parks, alone = listed(GROUPED, fields=FIELDS)
    found = record(parks, index, door, fields=FIELDS)
    assert (found.remote_id, found.title, found.notes) == ("parks", "Parks", "")
    assert [(f.key, f.name, f.format, f.description) for f in found.files] == [
        ("trees", "Trees", "CSV", "Each tree"),
        ("ponds", "Ponds", "JSON", "Each pond"),
    ]
    assert found.metadata == {"license": "OGL-UK-3.0", "keyword": ["a", "b"], "modified": "2026-02-01"}
    single = record(alone, index, door, fields=FIELDS)
    assert (single.remote_id, single.title, single.notes) == ("alone", "Alone", "By itself")


def test_without_the_recipes_word_every_row_is_a_dataset(listed: Callable[..., list[Ref]]) -> None:
    assert [ref.remote_id for ref in listed(GROUPED)] == ["trees", "ponds", "alone"]


# -- files


def test_addresses_count_from_the_indexs_own_and_may_be_elsewhere(
    listed: Callable[..., list[Ref]], index: Index, door: Door
) -> None:
    refs = listed("id,url\na,a.csv\nb,../b.csv\nc,/c.csv\nd,https://example.org/d.csv\ne,//example.org/e.csv\n")
    urls = [record(ref, index, door).files[0].url for ref in refs]
    root = index.server.url_for("/")
    assert urls == [
        f"{root}data/a.csv",
        f"{root}b.csv",
        f"{root}c.csv",
        "https://example.org/d.csv",
        "http://example.org/e.csv",
    ]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "http://[::1", "http://127.0.0.1:1/",
                                 "ftp://h/x", "http://h:99999/", "data:text/csv,a"])  # fmt: skip
def test_an_address_that_may_not_be_read_is_an_error_of_its_file_alone(
    listed: Callable[..., list[Ref]], index: Index, door: Door, url: str
) -> None:
    good, bad = listed(f"id,url\na,a.csv\nb,{url}\n".replace("data:text/csv,a", '"data:text/csv,a"'))
    assert good.remote_id == "a"
    source = CsvIndex(index.recipe(), door(allowed=()))
    with pytest.raises(Skippable):
        list(source.fetch(bad, None).files[0].read())


def test_a_password_in_an_address_is_not_published(listed: Callable[..., list[Ref]], index: Index, door: Door) -> None:
    (ref,) = listed("id,url\na,http://user:s3cret@h.example/a.csv?x=1\n", options={})
    assert record(ref, index, door).files[0].url == "http://h.example/a.csv?x=1"


def test_a_git_lfs_pointer_is_not_the_file(listed: Callable[..., list[Ref]], index: Index, door: Door) -> None:
    index.add("a")
    index.files["a.csv"] = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    (ref,) = CsvIndex(index.recipe(), door()).gather()
    with pytest.raises(Skippable) as caught:
        b"".join(record(ref, index, door).files[0].read())
    assert caught.value.reason == "lfs-pointer"


@pytest.mark.parametrize(
    ("claim", "url", "expected"),
    [("csv", "x", "CSV"), (".CSV", "x.json", "CSV"), ("text/csv; charset=utf-8", "x", "CSV"),
     ("", "a/b.GeoJSON?x=1", "GEOJSON"),
     ("", "a/b", ""), ("", "a.csv/download", ""), ("application/json", "", "JSON"), ("application/x-odd", "", ""),
     ("<b>", "x", "B"), ("", "x.verylongextension", ""), ("application/vnd.ms-excel", "", "XLS")],
)  # fmt: skip
def test_the_claimed_format_is_the_columns_word_or_the_addresss_extension(claim: str, url: str, expected: str) -> None:
    assert format_of(claim, url) == expected


@pytest.mark.parametrize(
    ("url", "key", "format_", "expected"),
    [("http://h/a/trees%20of%202026.csv?v=1", "t", "CSV", "trees-of-2026.csv"),
     ("http://h/files?name=t.csv", "t", "CSV", "t.csv"),
     ("http://h/", "../../etc/passwd", "CSV", "etc-passwd.csv"), ("http://h/", "", "", "file"),
     ("http://h/é.csv", "t", "CSV", "t.csv"),
     ("http://h/..%2F..%2Fx.csv", "t", "CSV", "x.csv"), ("http://[::1", "t", "CSV", "t.csv")],
)  # fmt: skip
def test_a_download_gets_a_safe_name(url: str, key: str, format_: str, expected: str) -> None:
    assert filename(url, key, format_) == expected


# -- versions


def test_a_server_that_offers_no_validator_leaves_the_version_open(
    listed: Callable[..., list[Ref]], faulty: Callable[..., FaultServer]
) -> None:
    server = faulty(says(reply(b"a,b\n1,2\n")))
    rows = "\n".join(f"{n},{server.url(f'/{n}.csv')}" for n in range(20))
    refs = listed(f"id,url\n{rows}\n")
    assert len(refs) == 20
    assert {ref.version for ref in refs} == {None}
    assert len(server.heads) == 3, "a host that never answers the question is not asked for ever"


def test_one_file_without_a_validator_does_not_silence_the_others(index: Index, door: Door) -> None:
    for id_ in ("a", "b", "c", "d"):
        index.add(id_)
    del index.files["b.csv"]
    versions = {ref.remote_id: ref.version for ref in CsvIndex(index.recipe(), door()).gather()}
    assert [id_ for id_, version in versions.items() if version is None] == ["b"]


def test_any_change_of_any_row_or_file_of_a_dataset_changes_its_version(index: Index, door: Door) -> None:
    index.extra = ("Collection",)
    for id_ in ("a", "b"):
        index.add(id_, Collection="c")

    def version() -> str | None:
        (ref,) = CsvIndex(index.recipe(fields={"dataset": "Collection"}), door()).gather()
        return ref.version

    seen = [version(), version()]
    index.change_file("b")
    seen.append(version())
    index.change("b", description="Other words")
    seen.append(version())
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


# -- real indexes


def test_a_real_index_of_business_rates_is_read(
    listed: Callable[..., list[Ref]], index: Index, door: Door, cases: Path
) -> None:
    body = (cases / RATES).read_bytes()
    fields = {"id": "ONS code", "title": "Local Authority", "url": "GeoJSON"}
    refs = listed(body, fields=fields, options={"blank_url": "skip"})
    assert refs
    assert all("error" not in ref.hint for ref in refs)
    leicester = next(ref for ref in refs if ref.remote_id == "E06000016")
    found = record(leicester, index, door, fields=fields)
    assert (found.title, found.files[0].format) == ("Leicester", "GEOJSON")
    assert found.files[0].url == index.server.url_for("/data/data/leicester.geojson")
    everything = listed(body, fields=fields)
    assert len(everything) > len(refs)
    assert hashlib.sha256(body).digest() == hashlib.sha256((cases / RATES).read_bytes()).digest()


def test_a_real_catalogue_of_datagouv_is_read(
    listed: Callable[..., list[Ref]], index: Index, door: Door, cases: Path
) -> None:
    fields = {"dataset": "dataset.id", "dataset_title": "dataset.title", "format": "format"}
    refs = listed((cases / HYDRA).read_bytes().replace(b"https://example.com", b"http://127.0.0.1:1"), fields=fields)
    assert [ref.remote_id for ref in refs] == ["601ddcfc85a59c3a45c2435a", "601ddcfc85a59c3a45c2435b"]
    (file,) = record(refs[0], index, door, fields=fields).files
    assert file.key == "c4e3a9fb-4415-488e-ba57-d05269b27adf"


# -- Table Schemas that come with the data


SCHEMA = b'{"fields": [{"name": "a", "required": true}]}'


def test_a_table_schema_that_a_row_names_comes_with_its_file_as_it_is(index: Index, door: Door) -> None:
    index.add("a", spec="files/schema.json")
    index.files["schema.json"] = SCHEMA
    fields = {"schema": "spec"}
    (ref,) = CsvIndex(index.recipe(fields=fields), door()).gather()
    (file,) = record(ref, index, door, fields=fields).files
    assert file.schema == {"fields": [{"name": "a", "required": True}]}


def test_a_column_called_schema_is_nothing_unless_the_recipe_says_so(index: Index, door: Door) -> None:
    index.add("a", schema="public")
    (ref,) = CsvIndex(index.recipe(), door()).gather()
    assert record(ref, index, door).files[0].schema is None


def test_a_changed_table_schema_changes_the_version_of_its_files(index: Index, door: Door) -> None:
    index.add("a", spec="files/schema.json")
    versions = []
    for content in (SCHEMA, b'{"fields": []}'):
        index.files["schema.json"] = content
        (ref,) = CsvIndex(index.recipe(fields={"schema": "spec"}), door()).gather()
        versions.append(ref.version)
    assert None not in versions
    assert versions[0] != versions[1]


@pytest.mark.parametrize(("content", "reason"), [(None, "file-gone"), (b"<html></html>", "html"), (b"{", "not-json")])
def test_a_table_schema_that_cannot_be_had_is_no_reason_to_check_without_it(
    index: Index, door: Door, content: bytes | None, reason: str
) -> None:
    index.add("a", spec="files/schema.json")
    if content is not None:
        index.files["schema.json"] = content
    fields = {"schema": "spec"}
    (ref,) = CsvIndex(index.recipe(fields=fields), door()).gather()
    with pytest.raises(Skippable) as refused:
        record(ref, index, door, fields=fields)
    assert refused.value.reason == reason
