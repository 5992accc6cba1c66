"""data.json: what entries state, files against pages, hostile documents, large ones, and samples of real catalogues."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response
from world_data_json import DataJson as World

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, Skippable
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.data_json import DataJson
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]


@pytest.fixture
def council(httpserver: HTTPServer) -> World:
    return World(httpserver)


def listed(council: World, door: Door, **options: Any) -> list[Ref]:
    return list(DataJson(council.recipe(options=options), door()).gather())


def fetched(council: World, door: Door, **options: Any) -> list[Record]:
    source = DataJson(council.recipe(options=options), door())
    return [source.fetch(ref, None) for ref in source.gather() if "error" not in ref.hint]


def of(council: World, door: Door, **entry: Any) -> Record:
    council.entries = [{"identifier": "x", **entry}]
    (record,) = fetched(council, door)
    return record


# -- what entries state


def test_metadata_is_what_the_entry_states_and_nothing_else(council: World, door: Door) -> None:
    assert of(council, door).metadata == {}
    record = of(
        council,
        door,
        title="Trees",
        description="<p>Trees &amp; shrubs</p>",
        keyword=["trees", " ", None, "trees"],
        theme=["environment", {"prefLabel": "Nature"}],
        license="https://creativecommons.org/licenses/by/4.0/",
        issued="2020-01-31",
        modified="R/P1D",
        accrualPeriodicity="R/P3M",
        landingPage="https://user:secret@example.org/trees",
        language=["en", "cy"],
        publisher={"name": "Aberfal Council", "subOrganizationOf": {"name": "Wales"}},
        contactPoint={"fn": "Open data team", "hasEmail": "mailto:opendata@example.org"},
        spatial="-4.2,52.3,-4.0,52.5",
        isPartOf="collection-1",
        bureauCode=["027:00"],
    )
    assert (record.title, record.notes) == ("Trees", "Trees & shrubs")
    assert record.metadata == {
        "accrualPeriodicity": "QUARTERLY",
        "contact_email": "opendata@example.org",
        "contact_name": "Open data team",
        "isPartOf": "collection-1",
        "issued": "2020-01-31",
        "keyword": ["Nature", "environment", "trees"],
        "landingPage": "https://example.org/trees",
        "language": "en, cy",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "modified": "R/P1D",
        "publisher": "Aberfal Council",
        "spatial": {
            "type": "Polygon",
            "coordinates": [[[-4.2, 52.3], [-4.0, 52.3], [-4.0, 52.5], [-4.2, 52.5], [-4.2, 52.3]]],
        },
    }


def test_the_objects_of_dcat_us_3_are_understood(council: World, door: Door) -> None:
    council.entries = [
        {
            "@type": "Dataset",
            "@id": "https://example.org/trees",
            "identifier": {"@type": "Identifier", "@id": "https://doi.org/10.1/x", "notation": "10.1/x"},
            "title": "Trees",
            "publisher": {"@type": "Organization", "name": "Aberfal Council"},
            "contactPoint": [{"@type": "Kind", "fn": "Team", "hasEmail": "mailto:team@example.org"}],
            "theme": [{"@type": "Concept", "prefLabel": "Environment"}],
            "inSeries": [{"@id": "https://example.org/series"}],
            "accrualPeriodicity": "http://publications.europa.eu/resource/authority/frequency/MONTHLY",
            "distribution": [
                {"downloadURL": "https://example.org/t.csv", "license": "https://example.org/l", "format": "CSV"}
            ],
        },
        {"@id": "https://example.org/shrubs", "title": "Shrubs"},
    ]
    trees, shrubs = fetched(council, door)
    assert (trees.remote_id, shrubs.remote_id) == ("https://doi.org/10.1/x", "https://example.org/shrubs")
    assert trees.metadata == {
        "accrualPeriodicity": "MONTHLY",
        "contact_email": "team@example.org",
        "contact_name": "Team",
        "isPartOf": "https://example.org/series",
        "keyword": ["Environment"],
        "license": "https://example.org/l",
        "publisher": "Aberfal Council",
    }


def test_datasets_of_nested_catalogues_are_listed_too(council: World, door: Door) -> None:
    inner = {"catalog": [{"dataset": [{"identifier": "c"}]}], "dataset": [{"identifier": "b"}]}
    council.list_fault = Response(json.dumps({"dataset": [{"identifier": "a"}], "catalog": [inner]}))
    assert sorted(ref.remote_id for ref in listed(council, door)) == ["a", "b", "c"]


@pytest.mark.parametrize("spatial", ["Wales", "1,2,3", "-999,0,0,0", {"type": "Blob"}, [[1, 2], [3, 4]], 7, "{", None])
def test_a_place_that_is_no_shape_is_not_stated(council: World, door: Door, spatial: Any) -> None:
    assert of(council, door, spatial=spatial).metadata == {}


def test_an_accessurl_is_a_page_and_no_file(council: World, door: Door) -> None:
    files = [
        {"accessURL": "https://example.org/page", "format": "CSV"},
        {"downloadURL": "https://example.org/a.csv", "accessURL": "https://example.org/page", "title": "A"},
        {"downloadURL": "https://example.org/a.csv", "title": "Again"},
        {"downloadURL": "https://example.org/b", "mediaType": "application/json"},
        {"downloadURL": "javascript:alert(1)"},
        {"downloadURL": "ftp://example.org/c.csv"},
    ]
    record = of(council, door, distribution=files)
    assert [(file.key, file.name, file.format) for file in record.files] == [
        ("https://example.org/a.csv", "A", "CSV"),
        ("https://example.org/b", "b", "JSON"),
    ]


def test_entries_that_are_not_public_are_left_out(council: World, door: Door) -> None:
    for id_, level in {
        "a": "public",
        "b": "non-public",
        "c": "Non-Public",
        "d": "restricted public",
        "e": None,
    }.items():
        council.add(id_, accessLevel=level)
    assert [ref.remote_id for ref in listed(council, door)] == ["a", "d", "e"]


@pytest.mark.parametrize("id_", [None, "", " ", {}, [], True, "x" * 501, {"schemaAgency": "A"}])
def test_an_entry_without_a_usable_identifier_is_reported(council: World, door: Door, id_: Any) -> None:
    council.entries = [{"identifier": id_, "title": "Trees"}]
    (ref,) = listed(council, door)
    assert ref.hint == {"error": "no-id"}
    with pytest.raises(Skippable, match="no identifier") as caught:
        DataJson(council.recipe(), door()).fetch(ref, None)
    assert caught.value.reason == "no-id"


def test_two_datasets_of_the_same_title_are_two(council: World, door: Door) -> None:
    council.add("a", title="Trees")
    council.add("b", title="Trees")
    assert [(ref.remote_id, ref.title) for ref in listed(council, door)] == [("a", "Trees"), ("b", "Trees")]


def test_a_change_anywhere_in_an_entry_is_a_new_version(council: World, door: Door) -> None:
    council.add("a", bureauCode=["027:00"])
    (before,) = listed(council, door, ask_files=False)
    council.change("a", bureauCode=["027:01"])
    (after,) = listed(council, door, ask_files=False)
    assert before.version != after.version


# -- documents


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"dataset": [' + b"[" * 100_000, "nested too deeply"),
        (b'{"dataset": [{"a":' * 50, "nested too deeply"),
        (b'{"dataset": [{"identifier": ' + b"9" * 10_000 + b"}]}", "not JSON"),
        (b'{"dataset": [{"identifier": "' + b"x" * 9_000_000, "larger than"),
        (b'{"other": "' + b"x" * 9_000_000, "larger than"),
        ('{"dataset": [{"identifier": "é"}]}'.encode("latin-1"), "not JSON"),
        (b'{"dataset": {"identifier": "x"}}', "no list"),
        (b'{"dataset": [{"identifier": "x"}]} and more', "not JSON"),
        (b'[{"identifier": "x"}]', "no list"),
    ],
)
def test_a_hostile_or_broken_document_ends_the_run(council: World, door: Door, body: bytes, words: str) -> None:
    council.list_fault = Response(body)
    with pytest.raises(Fatal, match=words):
        listed(council, door)


def test_a_byte_order_mark_does_no_harm(council: World, door: Door) -> None:
    council.list_fault = Response(b'\xef\xbb\xbf{"dataset": [{"identifier": "x"}]}')
    assert [ref.remote_id for ref in listed(council, door)] == ["x"]


def test_a_document_that_is_cut_short_is_incomplete(council: World, door: Door) -> None:
    for number in range(50):
        council.add(f"x{number}")
    council.cut = True
    with pytest.raises(IncompleteGather):
        listed(council, door)


PEAK = """
import sys
from pathlib import Path
from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.harvesters.data_json import DataJson
from ckanext.digitalcity.harvesters.http import Http
recipe = Recipe("x", "X", "data-json", sys.argv[1], "x", options={"ask_files": False})
refs = list(DataJson(recipe, Http(allowed=["127.0.0.0/8", "::1/128"])).gather())
peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(len(refs), peak)
"""


def large(entries: int) -> Iterator[bytes]:
    yield b'{"dataset": ['
    for number in range(entries):
        file = {"downloadURL": f"https://example.org/{number}.csv", "mediaType": "text/csv", "title": f"File {number}"}
        entry = {
            "identifier": f"id-{number}", "title": f"Dataset {number}", "description": "Words about it. " * 60,
            "keyword": ["one", "two"], "distribution": [file] * 3, "publisher": {"name": "Aberfal Council"},
            "bureauCode": ["027:00"], "spatial": "POLYGON ((" + "1.5 2.5, " * 50 + "))",
        }  # fmt: skip
        yield (b"," if number else b"") + json.dumps(entry).encode()
    yield b"]}"


@pytest.mark.slow
def test_a_document_of_50_megabytes_is_read_in_150_megabytes_of_memory(httpserver: HTTPServer) -> None:
    body = b"".join(large(27_000))
    assert len(body) > 50_000_000
    httpserver.expect_request("/data.json").respond_with_data(body)
    command = [sys.executable, "-c", PEAK, httpserver.url_for("/data.json")]
    count, kilobytes = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    assert int(count) == 27_000
    assert int(kilobytes) <= 150_000


# -- real catalogues

SAMPLES = "feeds/GSA__ckanext-datajson/ckanext/datajson/tests/datajson-samples"


def sample(council: World, cases: Path, name: str) -> list[Any]:
    body = (cases / SAMPLES / f"{name}.data.json").read_bytes()
    council.list_fault = Response(body)
    found: list[Any] = json.loads(body)["dataset"]
    return found


@pytest.mark.parametrize(
    "name",
    ["arm", "collection-1-parent-2-children", "collection-2-parent-4-children", "geospatial", "large-spatial",
     "many-resources", "missing-catalog", "missing-dataset-fields", "missing-identifier-title", "null-spatial",
     "numerical-title", "ny", "reserved-title", "usda.gov"],
)  # fmt: skip
def test_every_entry_of_a_real_catalogue_is_read_or_reported(
    council: World, door: Door, cases: Path, name: str
) -> None:
    entries = sample(council, cases, name)
    refs = listed(council, door, ask_files=False)
    assert [ref.hint.get("error") for ref in refs] == [None if e.get("identifier") else "no-id" for e in entries]
    for record, entry in zip(
        fetched(council, door, ask_files=False), [e for e in entries if e.get("identifier")], strict=True
    ):
        wanted = {d["downloadURL"].strip() for d in entry.get("distribution", []) if d.get("downloadURL")}
        assert {file.url for file in record.files} == wanted
        assert record.title == str(entry.get("title") or entry["identifier"])
        json.dumps(record.metadata)


def test_children_of_a_real_collection_name_it(council: World, door: Door, cases: Path) -> None:
    sample(council, cases, "collection-2-parent-4-children")
    part_of = [record.metadata.get("isPartOf") for record in fetched(council, door, ask_files=False)]
    assert sorted(filter(None, part_of)) == ["IDF6-OPM-0001"] * 2 + ["IDF6-OPM-0001-PARENT2"] * 2
