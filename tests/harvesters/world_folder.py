"""Folders of files: as a web server lists them, and as a bucket does, three objects a page."""

from __future__ import annotations

import builtins
import gzip
from typing import Any, ClassVar
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World

from ckanext.digitalcity.core.model import Recipe

WORDS = "a file in a folder has no words but its name"
FOLDER = {
    "test_a_record_comes_in_its_own_words_and_its_file_with_its_format": WORDS,
    "test_a_changed_record_has_another_version": WORDS,
    "test_members_and_columns_that_nobody_knows_are_left_alone": WORDS,
    "test_markup_in_a_title_stays_the_text_that_it_is": WORDS,
    "test_a_title_is_one_line_of_bearable_length_without_tricks": WORDS,
    "test_words_of_absurd_length_are_cut_or_refused": WORDS,
    "test_a_time_without_a_zone_gets_none": "no time that is listed is published",
    "test_a_list_in_another_encoding_is_read_rightly_or_not_at_all": WORDS,
    "test_an_id_that_looks_like_a_path_stays_what_it_is": "such a name leads elsewhere: see the kind's own tests",
}


class Folder(World):
    """A folder as nginx lists it. Files are called as the records are, without an extension."""

    kind = "web-folder"
    path = "/data/"
    cannot: ClassVar = FOLDER

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.files: builtins.list[tuple[str, bytes]] = []
        self.page_size = 3
        self.broken_page = self.round = False

    def recipe(self, **changes: Any) -> Recipe:
        return super().recipe(**{**changes, "options": {"pattern": "*", **changes.get("options", {})}})

    def is_file(self, request: Request) -> bool:
        return request.path != self.path

    def list(self, request: Request) -> Response:
        if self.round:
            return Response(status=302, headers={"Location": self.path})
        rows = "".join(f'<a href="./{quote(name, safe="")}">{escape(name)}</a>  01-Mar-2026 10:00  {len(body)}\n'
                       for name, body in self.files)  # fmt: skip
        body = f"<title>Index of /data</title><pre><a href='../'>../</a>\n{rows}</pre>".encode()
        if self.broken_page:
            return Response(gzip.compress(body)[:-12], headers={"Content-Encoding": "gzip"})
        return Response(body, content_type="text/html")

    def file(self, request: Request) -> Response:
        name = unquote(request.path.removeprefix(self.path))
        found = [body for listed, body in self.files if listed == name]
        if not found:
            return Response("gone", 404)
        response = Response(found[0], content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)

    def add(self, id_: str, **facts: Any) -> None:
        self.files.append((id_, b"a,b\r\n1,2\r\n"))

    def change(self, id_: str, **facts: Any) -> None:
        raise NotImplementedError

    def change_file(self, id_: str) -> None:
        self.files = [(name, body + b"3,4\r\n" * (name == id_)) for name, body in self.files]

    def remove(self, id_: str) -> None:
        self.files = [(name, body) for name, body in self.files if name != id_]

    def repeat(self, id_: str) -> None:
        self.files.append(next(file for file in self.files if file[0] == id_))

    def break_off(self) -> None:
        self.broken_page = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response("<html><title>Data</title><a href='/data/'>Data of the council</a>")

    def blank(self) -> None:
        self.files += [("empty", b""), (" ", b" ")]


class Bucket(Folder):
    """The same files in a bucket (ListObjectsV2). Who asks is not looked at: test_s3.py has signatures."""

    kind = "s3"
    path = "/bucket/"

    def list(self, request: Request) -> Response:
        start = int(request.args.get("continuation-token", 0))
        if start and self.broken_page:
            return Response("out of order", 500)
        page, more = self.files[start : start + self.page_size], start + self.page_size < len(self.files)
        items = "".join(
            f"<Contents><Key>{quote(name)}</Key><LastModified>2026-03-01T10:00:00.000Z</LastModified>"
            f"<ETag>&quot;{len(body)}&quot;</ETag><Size>{len(body)}</Size></Contents>"
            for name, body in page
        )
        token = self.page_size if self.round else start + self.page_size
        following = f"<NextContinuationToken>{token}</NextContinuationToken>" if more else ""
        return Response(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{following}{items}</ListBucketResult>",
            content_type="application/xml",
        )

    def garble(self) -> Response:
        return Response("<ListBucketResult><Contents><Key>x1</Key></ListBucketResult>")
