"""Folders on the web. Listings have no words that could change, so what the contract suite asks is asked here."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, RecipeError, Retriable, Skippable
from ckanext.digitalcity.core.model import Recipe, Record, Ref
from ckanext.digitalcity.harvesters.folder_html import entries
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.web_folder import WebFolder

Door = Callable[..., Http]
WAF = "feeds/ckan__ckanext-spatial/ckanext/spatial/tests"
APACHE = '<img src="/icons/text.gif" alt="[TXT]"> <a href="{0}">{0}</a>  2026-03-01 10:00  {1}K  \n'
TABLE = '<tr><td><a href="{0}">{0}</a></td><td align="right">2026-03-01 10:00  </td><td align="right">{1}K</td></tr>\n'
NGINX = '<a href="{0}">{0}</a>      01-Mar-2026 10:00      {1}\n'
IIS = ' 3/1/2026 10:00 AM          {1} <A HREF="/data/{0}">{0}</A><br>'
PLAIN = '<li><a href="{0}">{0}</a></li>\n'


class Folder:
    """A web server that lists its folders, with or without dates, or a bucket that lists three objects a page."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.files: dict[str, bytes] = {}
        self.row = NGINX
        self.extra = ""
        self.pages: dict[str, bytes | Response] = {}
        self.fault: Response | None = None
        self.bucket = self.lost = self.round = False
        server.expect_request("/data").respond_with_data(status=302, headers={"Location": "/data/"})
        for path in ("/data/", "/bucket/"):
            server.expect_request(re.compile(f"^{path}")).respond_with_handler(self.answer)

    def recipe(self, path: str = "/data/", **options: object) -> Recipe:
        address = self.server.url_for(path)
        return Recipe("folder", "Folder", "web-folder", address, "aberfal", description="All of it", options=options)

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix("/bucket/").removeprefix("/data/")
        if path in self.pages:
            page = self.pages[path]
            return page if isinstance(page, Response) else Response(page, content_type="text/html")
        if path in self.files:
            response = self.fault or Response(self.files[path])
            if self.fault is None:
                response.add_etag()
            return response
        if self.bucket:
            return self.listed(request)
        below = (name.removeprefix(path).partition("/") for name in self.files if name.startswith(path))
        inside = {name + slash for name, slash, _ in below}
        rows = "".join(self.row.format(name, len(self.files.get(path + name, b""))) for name in sorted(inside))
        return Response(f"<title>Index of /data</title><pre><a href='../'>../</a>\n{self.extra}{rows}</pre>")

    def listed(self, request: Request) -> Response:
        """ListObjectsV2 with three keys a page; the token is the number of the next."""
        assert request.args.get("list-type") in (None, "2")
        start = int(request.args.get("continuation-token", 0))
        if start and self.lost:
            return Response(status=500)
        keys = [key for key in sorted(self.files) if key.startswith(request.args.get("prefix", ""))]
        page, more = keys[start : start + 3], start + 3 < len(keys)
        encode = quote if request.args.get("encoding-type") == "url" else escape
        items = "".join(
            f"<Contents><Key>{encode(key)}</Key><LastModified>2026-03-01T10:00:00.000Z</LastModified>"
            f"<ETag>&quot;{hash(self.files[key])}&quot;</ETag><Size>{len(self.files[key])}</Size></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{3 if self.round else start + 3}</NextContinuationToken>" if more else ""
        encoding = "<EncodingType>url</EncodingType>" if encode is quote else ""
        return Response(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{encoding}{token}{items}</ListBucketResult>",
            content_type="application/xml",
        )


@pytest.fixture
def folder(httpserver: HTTPServer) -> Folder:
    return Folder(httpserver)


@pytest.fixture
def refs(folder: Folder, door: Door) -> Callable[..., dict[str, Ref]]:
    def gather(path: str = "/data/", **options: object) -> dict[str, Ref]:
        found = list(WebFolder(folder.recipe(path, **options), door()).gather())
        assert len({ref.remote_id for ref in found}) == len(found)
        return {ref.remote_id: Ref(ref.remote_id, ref.version, ref.title, json.loads(json.dumps(ref.hint)))
                for ref in found}  # fmt: skip

    return gather


def fetch(folder: Folder, door: Door, ref: Ref, **options: object) -> Record:
    return WebFolder(folder.recipe(**options), door()).fetch(ref, None)


# -- listings


@pytest.mark.parametrize("row", [APACHE, TABLE, NGINX, IIS])
def test_files_are_listed_with_their_age_in_every_usual_layout(
    folder: Folder, door: Door, refs: Callable[..., dict[str, Ref]], row: str
) -> None:
    folder.row, folder.files = row, {"b.csv": b"a\n1\n", "a.csv": b"a\n2\n", "c.exe": b"MZ"}
    first = refs()
    assert list(first) == ["a.csv", "b.csv"]
    assert not [1 for request, _ in folder.server.log if request.method == "HEAD"]
    record = fetch(folder, door, first["b.csv"])
    (file,) = record.files
    assert (record.title, file.key, file.format, file.filename) == ("b.csv", "b.csv", "CSV", "b.csv")
    assert b"".join(file.read()) == b"".join(file.read()) == b"a\n1\n"
    assert refs() == first
    folder.files["b.csv"] += b"2\n"
    after = refs()
    assert after["b.csv"].version != first["b.csv"].version
    assert after["a.csv"] == first["a.csv"]


def test_where_nothing_is_listed_of_their_age_the_server_is_asked(
    folder: Folder, refs: Callable[..., dict[str, Ref]]
) -> None:
    folder.row, folder.files = PLAIN, {"a.csv": b"a\n1\n"}
    first, again = refs(), refs()
    folder.files["a.csv"] = b"a\n2\n"
    assert first == again
    assert None not in (first["a.csv"].version, refs()["a.csv"].version)
    assert refs()["a.csv"].version != first["a.csv"].version


def test_a_server_that_never_says_is_soon_no_longer_asked(folder: Folder, refs: Callable[..., dict[str, Ref]]) -> None:
    folder.row, folder.files = PLAIN, {f"{n}.csv": b"" for n in range(9)}
    folder.fault = Response(status=405)
    assert {ref.version for ref in refs().values()} == {None}
    assert len([1 for request, _ in folder.server.log if request.method == "HEAD"]) == 3


@pytest.mark.parametrize(("server", "inside"), [("apache", "apache-folder"), ("nginx", "nginx"), ("iis", "iis-folder")])
def test_real_listings_give_their_files_and_folders_and_no_parents(cases: Path, server: str, inside: str) -> None:
    page = (cases / WAF / "waf_extract/html_files" / f"{server}-folder.html").read_text()
    found = {entry.path: entry for entry in entries(page, f"http://x.example/{inside}/")}
    assert set(found) == {"record-1.xml", "subfolder/"}
    assert found["record-1.xml"].url == f"http://x.example/{inside}/record-1.xml"
    assert found["record-1.xml"].version in (
        "2024-11-07 15:00 356K",
        "07-Nov-2024 15:00 364868",
        "11/7/2024  3:00 PM 168",
    )
    below = (cases / WAF / "waf_extract/html_files" / f"{server}-subfolder.html").read_text()
    assert [e.path for e in entries(below, f"http://x.example/{inside}/subfolder/")] == ["record-2.xml"]


def test_a_real_page_that_only_links_files_is_a_listing(cases: Path) -> None:
    page = (cases / WAF / "xml/gemini2.1-waf/index.html").read_text()
    found = entries(page, "http://x.example/waf/index.html")
    assert [(e.path, e.url, e.version) for e in found] == [
        ("wales1.xml", "http://x.example/waf/wales1.xml", ""),
        ("wales2.xml", "http://x.example/waf/wales2.xml", ""),
    ]


@pytest.mark.parametrize(
    "link",
    [
        "http://evil.example/x.csv", "//evil.example/x.csv", "ftp://h/x.csv", "javascript:x.csv", "file:///x.csv",
        "../x.csv", "/x.csv", "%2e%2e/x.csv", "..%2fx.csv", "a%2fb.csv", "..%5cx.csv", "deep/x.csv", "?C=N;O=D&x.csv",
        "x.csv?v=1", ".", "./", "", "#x.csv", "http://[/x.csv", "x%00.csv", "%E2%80%AEx.csv", "a" * 400 + ".csv",
        "http://user:pw@127.0.0.1/data/x.csv", "https://x.example/data/x.csv", "http://x.example:81/data/x.csv",
    ],
)  # fmt: skip
def test_a_link_that_leads_anywhere_else_is_passed_over(link: str) -> None:
    page = f'<a href="{link}">x.csv</a> <br><a href="good.csv">good</a>'
    assert [e.path for e in entries(page, "http://x.example/data/")] == ["good.csv"]


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("a%20b.csv", "a b.csv"), ("a b.csv", "a b.csv"), ("%C3%B6.csv", "ö.csv"), ("&amp;.csv", "&.csv"),
        ("/my%20data/x.csv", "x.csv"), ("http://X.example:80/my%20data/x.csv#top", "x.csv"), ("100%25.csv", "100%.csv"),
        ("./x.csv", "x.csv"), ("<b>.csv", "<b>.csv"),
    ],
)  # fmt: skip
def test_odd_names_are_decoded_once(link: str, path: str) -> None:
    page = f'<A HREF="{link}">x</A><a href="{link}">again</a>'
    (entry,) = entries(page, "http://x.example/my data/")
    assert entry.path == path


@pytest.mark.parametrize(
    "piece", ["<!--", "<a ", "<a href='", "<![CDATA[", "</", "<?", "&#x", "<pre>\n", "<a href=x>\n"]
)
def test_a_hostile_page_is_read_in_little_time(piece: str) -> None:
    start = time.monotonic()
    entries(piece * (1_000_000 // len(piece)), "http://x.example/")
    assert time.monotonic() - start < 10


# -- what makes the list


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["air-2025-12.csv", "air-2026-01.csv", "Air-2026-02.CSV", "note.txt"]),
        ({"pattern": "air-2026-*.csv"}, ["air-2026-01.csv", "Air-2026-02.CSV"]),
        ({"pattern": ["*.txt", "air-2025-??.csv"]}, ["air-2025-12.csv", "note.txt"]),
        ({"pattern": "*.csv", "levels": 1}, ["air-2025-12.csv", "air-2026-01.csv", "Air-2026-02.CSV", "old/x.csv"]),
        ({"pattern": "old/*", "levels": 2}, ["old/deep/y.csv", "old/x.csv"]),
    ],
)
@pytest.mark.parametrize("bucket", [False, True])
def test_patterns_and_levels_choose_the_files(
    folder: Folder, refs: Callable[..., dict[str, Ref]], options: dict[str, object], expected: list[str], bucket: bool
) -> None:
    names = ["air-2025-12.csv", "air-2026-01.csv", "Air-2026-02.CSV", "note.txt", "page.html", "old/x.csv"]
    folder.files = dict.fromkeys([*names, "old/deep/y.csv"], b"a\n1\n")
    folder.bucket = bucket
    assert sorted(refs("/bucket/" if bucket else "/data/", **options)) == sorted(expected)


@pytest.mark.parametrize("path", ["/data/", "/bucket/"])
def test_all_files_can_make_one_dataset_in_the_words_of_the_recipe(
    folder: Folder, door: Door, refs: Callable[..., dict[str, Ref]], path: str
) -> None:
    folder.bucket = path == "/bucket/"
    folder.files = {f"{n}.csv": b"a\n1\n" for n in range(7)}
    first = refs(path, dataset="folder")
    record = fetch(folder, door, first["folder"], dataset="folder")
    assert (record.title, record.notes) == ("Folder", "All of it")
    assert [file.key for file in record.files] == [f"{n}.csv" for n in range(7)]
    del folder.files["3.csv"]
    assert refs(path, dataset="folder")["folder"].version != first["folder"].version


def test_an_empty_folder_or_bucket_lists_nothing(folder: Folder, refs: Callable[..., dict[str, Ref]]) -> None:
    assert refs() == {} == refs(dataset="folder")
    folder.bucket = True
    assert refs("/bucket/") == {}


def test_a_folder_without_its_last_slash_is_the_same_folder(
    folder: Folder, refs: Callable[..., dict[str, Ref]]
) -> None:
    folder.files = {"a.csv": b"a\n1\n"}
    assert refs("/data") == refs("/data/") != {}


@pytest.mark.parametrize(
    "body",
    [
        b"<title>Back soon</title><a href='/'>Home</a><a href='contact.html'>Contact</a>", b"", b"\0" * 99, b"null",
        b"[]", b"\xff\xfe" * 50, b"<ListBucketResult", b"<ListBucketResult><Contents></ListBucketResult>",
        b'<!DOCTYPE l [<!ENTITY a "x">]><ListBucketResult>&a;</ListBucketResult>',
        b"<Error>&lt;ListBucketResult <ListBucketResult/></Error>", b"<ListBucketResult>" + b"<a>" * 99_999,
        " \n<!DOCTYPE ListBucketResult><ListBucketResult/>".encode("utf-16"),
    ],
)  # fmt: skip
def test_what_is_no_listing_needs_a_person(folder: Folder, refs: Callable[..., dict[str, Ref]], body: bytes) -> None:
    folder.pages[""] = body
    with pytest.raises(Fatal):
        refs()


@pytest.mark.parametrize("status", [404, 410, 403])
def test_an_address_without_a_list_needs_a_person(
    folder: Folder, refs: Callable[..., dict[str, Ref]], status: int
) -> None:
    folder.pages[""] = Response(status=status)
    with pytest.raises(Fatal, match=str(status)):
        refs()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_list_on_a_server_in_trouble_is_incomplete(
    folder: Folder, refs: Callable[..., dict[str, Ref]], status: int
) -> None:
    folder.pages[""] = Response(status=status)
    with pytest.raises(IncompleteGather):
        refs()


@pytest.mark.parametrize("page", [Response(status=404), Response(status=500), b"<title>Back soon</title>"])
def test_a_folder_below_that_cannot_be_read_makes_the_list_incomplete(
    folder: Folder, refs: Callable[..., dict[str, Ref]], page: bytes | Response
) -> None:
    folder.files = {"a.csv": b"", "below/b.csv": b""}
    folder.pages["below/"] = page
    with pytest.raises(IncompleteGather):
        refs(levels=1)


def test_folders_that_hold_themselves_end(folder: Folder, refs: Callable[..., dict[str, Ref]]) -> None:
    for level in range(12):
        folder.pages["me/" * level] = b"<title>Index of /</title><a href='me/'>me</a><br><a href='x.csv'>x</a>"
    assert len(refs(levels=10)) == 11


def test_a_private_address_is_not_read_unless_it_is_allowed(folder: Folder, door: Door) -> None:
    with pytest.raises(Fatal, match="private network"):
        list(WebFolder(folder.recipe(), door(allowed=())).gather())
    assert folder.server.log == []


# -- buckets


def test_every_object_of_many_pages_is_listed_once_with_its_age(
    folder: Folder, door: Door, refs: Callable[..., dict[str, Ref]]
) -> None:
    folder.bucket = True
    folder.files = {f"air/{n:02}.csv": b"a\n%d\n" % n for n in range(25)} | {
        "air/": b"",
        "x/../y.csv": b"",
        "z.csv": b"",
    }
    first = refs("/bucket/?prefix=air/")
    assert list(first) == [f"{n:02}.csv" for n in range(25)]
    assert b"".join(fetch(folder, door, first["07.csv"]).files[0].read()) == b"a\n7\n"
    assert not [1 for request, _ in folder.server.log if request.method == "HEAD"]
    folder.files["air/07.csv"] = b"a\n8\n"
    after = refs("/bucket/?prefix=air/")
    assert [name for name in first if after[name] != first[name]] == ["07.csv"]
    assert sorted(refs("/bucket", levels=5)) == sorted([*(f"air/{n:02}.csv" for n in range(25)), "z.csv"])


@pytest.mark.parametrize("key", ["a b.csv", "a+b.csv", "ö&<.csv", "100%.csv", "what?#.csv"])
def test_an_odd_key_leads_to_its_own_object(
    folder: Folder, door: Door, refs: Callable[..., dict[str, Ref]], key: str
) -> None:
    folder.bucket, folder.files = True, {key: b"a\n1\n", "plain.csv": b""}
    found = refs("/bucket/")
    assert set(found) == {key, "plain.csv"}
    assert b"".join(fetch(folder, door, found[key]).files[0].read()) == b"a\n1\n"


@pytest.mark.parametrize("fault", ["lost", "round"])
def test_a_bucket_whose_pages_fail_or_go_round_is_incomplete(
    folder: Folder, refs: Callable[..., dict[str, Ref]], fault: str
) -> None:
    folder.bucket, folder.files = True, {f"{n}.csv": b"" for n in range(10)}
    setattr(folder, fault, True)
    with pytest.raises(IncompleteGather):
        refs("/bucket/")


# -- files and recipes


def test_a_file_that_vanished_is_gone_and_one_in_trouble_is_tried_again(
    folder: Folder, door: Door, refs: Callable[..., dict[str, Ref]]
) -> None:
    folder.files = {"a.csv": b"a\n1\n"}
    ref = refs()["a.csv"]
    folder.fault = Response(status=410)
    with pytest.raises(Skippable) as caught:
        b"".join(fetch(folder, door, ref).files[0].read())
    assert caught.value.reason == "file-gone"
    folder.fault = Response(status=500)
    with pytest.raises(Retriable):
        b"".join(fetch(folder, door, ref).files[0].read())


def test_a_dataset_of_too_many_files_is_refused(folder: Folder, door: Door) -> None:
    many = Ref("folder", hint={"files": [[f"{n}.csv", "http://x.example/"] for n in range(1001)]})
    with pytest.raises(Skippable) as caught:
        fetch(folder, door, many)
    assert caught.value.reason == "too-many-files"


@pytest.mark.parametrize(
    "options",
    [{"pattern": 7}, {"pattern": []}, {"pattern": [""]}, {"pattern": ""}, {"dataset": "all"}, {"levels": -1},
     {"levels": "two"}, {"levels": 99}, {"patern": "*"}],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused(folder: Folder, door: Door, options: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        WebFolder(folder.recipe(**options), door())
