"""Data packages that are packed as one zip file: real ones, and archives that mean harm."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, Refused, Skippable
from ckanext.digitalcity.core.model import Recipe, Record, Ref
from ckanext.digitalcity.harvesters.datapackage import DataPackage
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]
FEEDS = "feeds/frictionlessdata__"


class Site:
    """A web server with one archive."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.body = b""
        self.fault: Response | None = None
        server.expect_request("/trees.zip").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        return self.fault or Response(self.body, content_type="application/zip")

    def recipe(self, **options: Any) -> Recipe:
        return Recipe("trees", "Trees", "datapackage", self.server.url_for("/trees.zip"), "aberfal", options=options)

    def pack(self, folder: str = "", **members: Any) -> None:
        """Packs files; what is no text is written as JSON. ``package`` is the descriptor."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, value in members.items():
                place = "datapackage.json" if name == "package" else name
                archive.writestr(folder + place, value if isinstance(value, str | bytes) else json.dumps(value))
        self.body = packed.getvalue()


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    return Site(httpserver)


def brought(site: Site, door: Door, **limits: Any) -> tuple[Ref, Record]:
    source = DataPackage(site.recipe(), door(**limits))
    (ref,) = source.gather()
    return ref, source.fetch(ref, None)


def resources(**facts: Any) -> dict[str, Any]:
    return {"name": "trees", "resources": [{"name": "data", "path": "data.csv", **facts}]}


@pytest.mark.parametrize("name", ["frictionless-py/data/package.zip", "goodtables-py/data/datapackages/valid.zip"])
def test_a_real_archive_is_read_with_its_schemas(site: Site, door: Door, cases: Path, name: str) -> None:
    site.body = (cases / (FEEDS + name)).read_bytes()
    ref, record = brought(site, door)
    with zipfile.ZipFile(io.BytesIO(site.body)) as archive:
        packed = {place.rpartition("/")[2]: archive.read(place) for place in archive.namelist()}
    assert ref.remote_id == json.loads(packed["datapackage.json"])["name"]
    for file in record.files:
        assert b"".join(file.read()) == b"".join(file.read()) == packed[file.filename]
        assert file.format == "CSV"
        assert file.schema is not None
        assert file.url == site.recipe().address
    assert len(record.files) == 2


def test_the_version_changes_with_any_file_and_not_before(site: Site, door: Door) -> None:
    versions = []
    for body in ("a\r\n1\r\n", "a\r\n1\r\n", "a\r\n2\r\n"):
        site.pack(package=resources(), **{"data.csv": body})
        versions.append(brought(site, door)[0].version)
    assert versions[0] == versions[1] is not None
    assert versions[1] != versions[2]


def test_a_file_in_a_folder_and_a_schema_beside_it_are_found(site: Site, door: Door) -> None:
    schema = {"fields": [{"name": "a", "type": "integer"}]}
    package = resources(path="data/ä b.csv", schema="schema.json")
    site.pack("trees/", package=package, **{"data/ä b.csv": "a\r\n1\r\n", "schema.json": schema})
    _, record = brought(site, door)
    (file,) = record.files
    assert (b"".join(file.read()), file.schema) == (b"a\r\n1\r\n", schema)
    assert len(site.server.log) == 2  # the archive for the list, and for the record


@pytest.mark.parametrize("path", ["../data.csv", "/data.csv", "a/../../data.csv", "c:data.csv", "a\\data.csv"])
def test_a_path_that_leads_out_of_the_archive_is_refused(site: Site, door: Door, path: str) -> None:
    site.pack(package=resources(path=path), **{"data.csv": "a\r\n", path: "a\r\n"})
    with pytest.raises(Refused) as caught:
        brought(site, door)
    assert caught.value.reason == "unsafe-path"


def test_a_file_that_is_missing_is_gone(site: Site, door: Door) -> None:
    site.pack(package=resources())
    _, record = brought(site, door)
    with pytest.raises(Skippable) as caught:
        list(record.files[0].read())
    assert caught.value.reason == "file-gone"


def test_a_file_that_grows_beyond_measure_is_not_unpacked_to_its_end(site: Site, door: Door) -> None:
    site.pack(package=resources(), **{"data.csv": b"0" * 5_000_000})
    _, record = brought(site, door, bytes=100_000)
    with pytest.raises(Skippable) as caught:
        list(record.files[0].read())
    assert caught.value.reason == "too-large"


def test_a_descriptor_that_grows_beyond_measure_is_not_read(site: Site, door: Door) -> None:
    site.pack(package=b" " * 21_000_000)
    with pytest.raises(Fatal, match="larger than"):
        brought(site, door)


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"<html>", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_with_a_package_needs_a_person(site: Site, door: Door, body: bytes) -> None:
    site.body = body
    with pytest.raises(Fatal):
        brought(site, door)


@pytest.mark.parametrize("place", [30, 60, -30])
def test_a_damaged_archive_is_said_to_be_broken(site: Site, door: Door, place: int) -> None:
    site.pack(package=resources(), **{"data.csv": "a\r\n1\r\n" * 50})
    body = bytearray(site.body)
    body[place] ^= 0xFF
    site.body = bytes(body)
    try:
        _, record = brought(site, door)
        found = b"".join(record.files[0].read())
    except (Skippable, Fatal):
        return
    assert found == b"a\r\n1\r\n" * 50  # a byte that says nothing of what is read


def test_a_descriptor_deep_in_the_archive_is_not_the_packages(site: Site, door: Door) -> None:
    site.pack("a/b/", package=resources())
    with pytest.raises(Fatal, match=r"datapackage\.json"):
        brought(site, door)


def test_a_server_in_trouble_makes_the_list_incomplete(site: Site, door: Door) -> None:
    site.fault = Response(status=503)
    with pytest.raises(IncompleteGather):
        brought(site, door)
