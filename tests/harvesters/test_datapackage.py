"""Frictionless Data Packages: real ones, careless ones and hostile ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response
from world_datapackage import Package

from ckanext.digitalcity.core.errors import Fatal, RecipeError, Refused, Skippable
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.datapackage import DataPackage
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.inline import as_file

Door = Callable[..., Http]
GOODTABLES = "frictionlessdata__goodtables-py/data/datapackages"


@pytest.fixture
def world(httpserver: HTTPServer) -> Package:
    found = Package(httpserver)
    found.add("x1")
    return found


@pytest.fixture
def source(world: Package, door: Door) -> DataPackage:
    return DataPackage(world.recipe(), door())


def bring(source: DataPackage) -> tuple[Ref, Record]:
    (ref,) = source.gather()
    return ref, source.fetch(ref, None)


def with_resource(world: Package, **facts: Any) -> None:
    world.package["resources"] = [{"name": "data", "path": "data.csv"} | facts]


# -- real packages


def real(folder: Path, world: Package) -> dict[str, bytes]:
    """Serves a folder of the cases."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    world.files = found
    world.package = json.loads(found["datapackage.json"])
    return found


def test_a_real_package_comes_with_its_schemas_and_foreign_keys(
    cases: Path, world: Package, source: DataPackage
) -> None:
    real(cases / "feeds" / "frictionlessdata__frictionless-py/data/package", world)
    ref, record = bring(source)
    assert (ref.remote_id, record.title) == ("testing", "testing")
    data, data2 = record.files
    assert (data.key, data2.key, data.format, data2.filename) == ("data", "data2", "CSV", "data2.csv")
    assert data.schema is not None
    assert data.schema["primaryKey"] == "id"
    assert data2.schema is not None
    assert data2.schema["foreignKeys"][0]["reference"] == {"resource": "data", "fields": "id"}
    assert b"".join(data.read()) == world.files["data.csv"]


def test_a_real_package_in_several_languages_keeps_what_its_fields_say(
    cases: Path, world: Package, source: DataPackage
) -> None:
    folder = cases / "feeds" / "frictionlessdata__frictionless-py/data/zipped-resources"
    real(folder, world)
    _, record = bring(source)
    assert [file.format for file in record.files] == ["CSV", "ZIP", "ZIP"]
    assert record.files[0].schema == world.package["resources"][0]["schema"]


def test_schemas_of_a_real_package_that_are_files_of_their_own_are_read_and_watched(
    cases: Path, world: Package, source: DataPackage
) -> None:
    world.package = json.loads((cases / "feeds" / "etalab__schema-irve" / "datapackage.json").read_bytes())
    fields = {"fields": [{"name": "id_pdc_itinerance", "type": "string"}]}
    for name in ("statique", "dynamique"):
        world.files[f"{name}/schema-{name}.json"] = json.dumps(fields).encode()
        world.files[f"{name}/exemple-valide-{name}.csv"] = b"id_pdc_itinerance\nFRA\n"
    ref, record = bring(source)
    assert ref.remote_id == "datapackage-irve"
    assert [file.key for file in record.files] == ["irve-statique", "irve-dynamique"]
    assert [file.schema for file in record.files] == [fields, fields]
    world.files["statique/schema-statique.json"] = b'{"fields": []}'
    assert bring(source)[0].version != ref.version


def test_a_real_package_in_parts_is_refused_and_says_why(cases: Path, world: Package, source: DataPackage) -> None:
    real(cases / "feeds" / GOODTABLES / "multipart", world)
    with pytest.raises(Skippable, match=r"Resource 1 .* several files") as caught:
        bring(source)
    assert caught.value.reason == "multipart"


# -- paths


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../secret.csv", "a/../../b.csv", "%2e%2e/b.csv", "..%2fb.csv", "a\\b.csv", "..\\b.csv", "c:/x",
        "file:///etc/passwd", "//evil.example/x.csv", "ftp://evil.example/x.csv", "javascript:alert(1)",
        "%2fetc/passwd",
    ],
)  # fmt: skip
@pytest.mark.parametrize("member", ["path", "schema"])
def test_a_path_that_leads_out_of_the_package_is_refused(
    world: Package, source: DataPackage, path: str, member: str
) -> None:
    with_resource(world, **{member: path})
    (ref,) = source.gather()
    world.server.clear_log()
    with pytest.raises(Refused) as caught:
        source.fetch(ref, None)
    assert caught.value.reason == "unsafe-path"
    assert [request.path for request, _ in world.server.log] == [world.path]


def test_another_server_is_read_only_if_the_recipe_says_so(world: Package, source: DataPackage, door: Door) -> None:
    with_resource(world, path=world.server.url_for("/elsewhere.csv").replace("localhost", "127.0.0.1"))
    address = world.server.url_for(world.path).replace("127.0.0.1", "localhost")
    careful = DataPackage(world.recipe(address=address), door())
    with pytest.raises(Refused) as caught:
        bring(careful)
    assert caught.value.reason == "other-host"
    world.files["/elsewhere.csv"] = b"a\n1\n"
    open_ = DataPackage(world.recipe(address=address, options={"other_hosts": True}), door())
    assert b"".join(bring(open_)[1].files[0].read()) == b"a\n1\n"


def test_a_full_address_on_the_same_server_needs_no_option(world: Package, source: DataPackage) -> None:
    with_resource(world, path=world.server.url_for("/trees/data.csv"))
    assert b"".join(bring(source)[1].files[0].read()) == world.files["data.csv"]


@pytest.mark.parametrize("path", ["a b.csv", "what?.csv", "no#1.csv", "ärger/ö.csv", "sub/..x.csv", "a%20b.csv"])
def test_an_odd_but_relative_path_leads_to_its_own_file(world: Package, source: DataPackage, path: str) -> None:
    world.files[path.replace("%20", " ")] = b"a\n1\n"
    with_resource(world, path=path)
    (file,) = bring(source)[1].files
    assert b"".join(file.read()) == b"a\n1\n"
    assert "/" not in file.filename


@pytest.mark.parametrize("id_", ["../../etc", "a b", "x'y", "ü/ö?#%", "1) or (1", "-", "é" * 40, "a,b;c"])
def test_an_odd_name_stays_what_it_is_and_its_file_has_a_harmless_one(
    world: Package, source: DataPackage, id_: str
) -> None:
    world.package["id"] = id_
    with_resource(world, name=id_)
    ref, record = bring(source)
    (file,) = record.files
    assert ref.remote_id == file.key == id_
    assert b"".join(file.read())
    assert "/" not in file.filename


# -- inline data


@pytest.mark.parametrize(
    ("data", "format_", "expected"),
    [
        ([["a", "b"], [1, None], [True, "x,y"]], "", (b'a,b\r\n1,\r\ntrue,"x,y"\r\n', "CSV")),
        ([{"a": 1}, {"a": 2, "b": [3]}], "", (b"a,b\r\n1,\r\n2,[3]\r\n", "CSV")),
        ([{"a": "é"}], "JSON", ('[{"a": "é"}]'.encode(), "JSON")),
        ({"type": "FeatureCollection", "features": []}, "", (b'{"type": "FeatureCollection", "features": []}', "JSON")),
        ("a;b\n1;2\n", "CSV", (b"a;b\n1;2\n", "CSV")),
        ([], "", (b"[]", "JSON")),
        ([1, [2]], "CSV", (b"[1, [2]]", "JSON")),
        (7, "", (b"7", "JSON")),
        ([["\ud800"]], "", (b"?\r\n", "CSV")),
    ],
)
def test_inline_data_becomes_the_file_that_it_would_be(data: Any, format_: str, expected: tuple[bytes, str]) -> None:
    assert as_file(data, format_) == expected


def test_numbers_of_inline_data_stay_as_they_were_written(world: Package, source: DataPackage) -> None:
    with_resource(world)
    world.package["resources"] = [{"name": "inline", "data": [["a"], ["@"], [12345678901234567890]]}]
    body = json.dumps(world.package).replace('"@"', "1.10")
    world.list_fault = Response(body)
    ref, record = bring(source)
    (file,) = record.files
    assert b"".join(file.read()) == b"".join(file.read()) == b"a\r\n1.10\r\n12345678901234567890\r\n"
    assert (file.filename, file.format, ref.version is None) == ("inline.csv", "CSV", False)


# -- what it says


def test_what_the_package_states_is_taken_and_nothing_else(world: Package, source: DataPackage) -> None:
    world.package |= {
        "licenses": [{"name": "OGL-UK-3.0", "path": "https://example.org/ogl"}],
        "keywords": ["trees", "trees", None, 7, {"x": 1}],
        "version": "1.2.0",
        "created": "2026-03-01T00:00:00Z",
        "homepage": "about.html",
        "contributors": [
            {"title": "A. Person", "email": "a.person@example.org", "role": "author"},
            {"title": "Aberfal Council", "roles": ["publisher"]},
            {"title": "Trees team", "email": "trees@example.org", "role": "maintainer"},
        ],
    }
    metadata = bring(source)[1].metadata
    assert metadata == {
        "license": "OGL-UK-3.0",
        "keyword": ["trees", "7"],
        "issued": "2026-03-01T00:00:00Z",
        "landingPage": world.server.url_for("/trees/about.html"),
        "publisher": "Aberfal Council",
        "contact_name": "Trees team",
        "contact_email": "trees@example.org",
    }


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        ([{"path": "https://example.org/l"}], "https://example.org/l"),
        ([{"title": "Open"}], "Open"),
        ([{"name": "ODbL-1.0"}, {"name": "CC-BY-4.0"}], "ODbL-1.0; CC-BY-4.0"),
        ([None, {}, {"name": None}], None),
        ("CC0-1.0", None),
    ],
)
def test_licences_are_taken_as_they_are_written(
    world: Package, source: DataPackage, licenses: Any, expected: str | None
) -> None:
    world.package["licenses"] = licenses
    assert bring(source)[1].metadata.get("license") == expected


@pytest.mark.parametrize("odd", [7, "x", {"a": None}, [[[]]], [None, 7], True])
def test_members_of_the_wrong_type_state_nothing(world: Package, source: DataPackage, odd: Any) -> None:
    world.package |= dict.fromkeys(("description", "keywords", "licenses", "contributors", "created"), odd)
    with_resource(world, title=odd, description=odd, format=odd, mediatype=odd)
    _, record = bring(source)
    assert record.title
    assert "publisher" not in record.metadata


def test_a_package_goes_by_its_id_else_its_name_else_the_recipe(world: Package, source: DataPackage) -> None:
    world.package |= {"id": "10.1234/x", "name": "trees"}
    assert bring(source)[0].remote_id == "10.1234/x"
    del world.package["id"]
    assert bring(source)[0].remote_id == "trees"
    del world.package["name"]
    assert bring(source)[0].remote_id == "test"


def test_a_package_that_became_another_since_it_was_listed_is_left_for_the_next_run(
    world: Package, source: DataPackage
) -> None:
    (ref,) = source.gather()
    world.package["id"] = "other"
    with pytest.raises(Skippable) as caught:
        source.fetch(ref, None)
    assert caught.value.reason == "other-id"


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ([{"name": "a", "path": "data.csv"}, {"name": "a", "path": "b.csv"}], "duplicate-id"),
        ([None], "no-address"),
        ([{"name": "a"}], "no-address"),
        ([{"name": "a", "path": None, "data": None}], "no-address"),
        ([{"name": "a", "path": {"x": 1}}], "no-address"),
        ([{"name": "a", "path": []}], "multipart"),
        (["datapackage2.json"], "no-address"),
        ([{"name": f"n{n}", "data": [["a"]]} for n in range(1001)], "too-many-files"),
    ],
)
def test_resources_that_cannot_be_used_are_named(
    world: Package, source: DataPackage, resources: list[Any], reason: str
) -> None:
    world.package["resources"] = resources
    with pytest.raises(Skippable) as caught:
        bring(source)
    assert caught.value.reason == reason


@pytest.mark.parametrize("resources", [None, {}, "x", 7])
def test_json_without_resources_is_no_package(world: Package, source: DataPackage, resources: Any) -> None:
    world.package["resources"] = resources
    with pytest.raises(Fatal, match="no data package"):
        list(source.gather())


def test_the_option_is_yes_or_no(world: Package, door: Door) -> None:
    with pytest.raises(RecipeError, match="other_hosts"):
        DataPackage(world.recipe(options={"other_hosts": "yes"}), door())
