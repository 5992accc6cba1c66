"""DCAT catalogues: three notations, identity, what datasets state, hostile documents, and real catalogues."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from rdflib import Graph
from rdflib.namespace import DCAT, RDF
from werkzeug import Response
from world_dcat import Dcat as World

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, RecipeError
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.dcat import Dcat
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]
PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix locn: <http://www.w3.org/ns/locn#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@pytest.fixture
def catalogue(httpserver: HTTPServer) -> World:
    return World(httpserver)


def listed(catalogue: World, door: Door, **options: Any) -> list[Ref]:
    return list(Dcat(catalogue.recipe(options=options), door()).gather())


def fetched(catalogue: World, door: Door, **options: Any) -> list[Record]:
    source = Dcat(catalogue.recipe(options=options), door())
    return [source.fetch(ref, None) for ref in source.gather() if "error" not in ref.hint]


def of(catalogue: World, door: Door, turtle: str, **options: Any) -> Record:
    """The one dataset of a document, whose node is ``<#d>``."""
    catalogue.list_fault = Response(f"{PREFIXES} <#d> a dcat:Dataset . {turtle}")
    (record,) = fetched(catalogue, door, **{"ask_files": False, **options})
    return record


# -- notations and pages


@pytest.mark.parametrize("format_", ["turtle", "xml", "json-ld"])
def test_every_notation_says_the_same(catalogue: World, door: Door, format_: str) -> None:
    for number in range(7):
        catalogue.add(f"x{number}", title="Coed & <llwyni>")
    before = {ref.remote_id: (ref.title, ref.version) for ref in listed(catalogue, door)}
    catalogue.format = format_
    assert {ref.remote_id: (ref.title, ref.version) for ref in listed(catalogue, door)} == before
    assert len(before) == 7


@pytest.mark.parametrize(
    "link", ['hydra:nextPage "http://elsewhere.example/2"', "hydra:next <http://elsewhere.example/2>"]
)
def test_a_next_page_on_another_server_is_not_read(catalogue: World, door: Door, link: str) -> None:
    catalogue.list_fault = Response(f"{PREFIXES} <#c> a dcat:Catalog ; {link} .")
    with pytest.raises(IncompleteGather, match="leads away"):
        listed(catalogue, door)


def test_a_dataset_that_comes_on_two_pages_is_listed_once(catalogue: World, door: Door) -> None:
    page = f"{PREFIXES} <#c> a dcat:Catalog . <https://example.org/d> a dcat:Dataset; dct:title 'D' ."
    following = catalogue.server.url_for("/catalog?page=2")
    pages = {"": f"{page} <> hydra:next <{following}> .", "page=2": page}
    catalogue.list = lambda request: Response(pages[request.query_string.decode()])  # type: ignore[method-assign]
    assert [ref.remote_id for ref in listed(catalogue, door)] == ["https://example.org/d"]


# -- identity


def test_an_address_is_the_identity_then_the_identifier_then_the_content(catalogue: World, door: Door) -> None:
    catalogue.list_fault = Response(
        f"{PREFIXES} <https://example.org/d> a dcat:Dataset; dct:identifier 'x'; dct:title 'A' . "
        "[] a dcat:Dataset; dct:identifier 'y'; dct:title 'B' . [] a dcat:Dataset; dct:title 'C' ."
    )
    ids = {ref.title: ref.remote_id for ref in listed(catalogue, door)}
    assert (ids["A"], ids["B"]) == ("https://example.org/d", "y")
    assert ids["C"].startswith("without address: ")
    assert {ref.title: ref.remote_id for ref in listed(catalogue, door)} == ids


def test_names_and_order_of_blank_nodes_change_nothing(catalogue: World, door: Door) -> None:
    first = "_:a a dcat:Dataset; dct:title 'A'; dcat:distribution _:b, _:c . _:b dct:title 'B' . _:c dct:title 'C' ."
    second = "_:x dct:title 'C' . _:y a dcat:Dataset; dcat:distribution _:x, _:z; dct:title 'A' . _:z dct:title 'B' ."
    found = []
    for turtle in (first, second):
        catalogue.list_fault = Response(PREFIXES + turtle)
        found.append([(ref.remote_id, ref.version) for ref in listed(catalogue, door)])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ("<#d> dct:title 'Other' .", False),
        ("<#f> dct:title 'Other file' .", False),
        ("<#p> foaf:name 'Other publisher' .", False),
        ("<#other> dct:title 'Another dataset' .", True),
        ("<#c> dct:title 'Other catalogue' .", True),
    ],
)
def test_a_version_covers_all_that_is_said_of_a_dataset_and_no_other(
    catalogue: World, door: Door, change: str, same: bool
) -> None:
    base = (
        f"{PREFIXES} <#c> a dcat:Catalog; dcat:dataset <#d>, <#other> . "
        "<#other> a dcat:Dataset . "
        "<#d> a dcat:Dataset; dct:title 'D'; dct:isPartOf <#c>; dcat:distribution <#f>; dct:publisher <#p>; "
        "dct:relation <#other> . <#p> foaf:based_near [ foaf:name 'Here'; foaf:maker <#p> ] ."
    )
    versions = []
    for turtle in (base, base + change):
        catalogue.list_fault = Response(turtle)
        versions.append(next(ref.version for ref in listed(catalogue, door) if ref.remote_id.endswith("#d")))
    assert (versions[0] == versions[1]) is same


def test_an_address_too_long_to_identify_is_reported(catalogue: World, door: Door) -> None:
    catalogue.list_fault = Response(f"{PREFIXES} <https://example.org/{'x' * 600}> a dcat:Dataset; dct:title 'D' .")
    assert [ref.hint for ref in listed(catalogue, door)] == [{"error": "no-id"}]


# -- what datasets state


def test_metadata_is_what_the_dataset_states_and_nothing_else(catalogue: World, door: Door) -> None:
    assert of(catalogue, door, "<#d> dct:title 'D' .").metadata == {}
    record = of(
        catalogue,
        door,
        """<#d> dct:title "Trees"@en, "Coed"@cy; dct:description "About trees"@en;
        dcat:keyword "trees"@en, "coed"@cy; dct:issued "2020-01-31"^^xsd:date;
        dct:license <https://creativecommons.org/licenses/by/4.0/>;
        dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/MONTHLY>;
        dcat:landingPage <https://user:secret@example.org/trees>;
        dct:language <http://publications.europa.eu/resource/authority/language/CYM>;
        dct:publisher [ foaf:name "Aberfal Council" ]; dct:creator [ foaf:name "A person" ];
        dcat:contactPoint [ vcard:fn "Open data team"; vcard:hasEmail <mailto:opendata@example.org> ];
        dct:spatial <http://sws.geonames.org/1>,
          [ locn:geometry "POLYGON((-4.2 52.3, -4.0 52.3, -4.0 52.5, -4.2 52.3))" ];
        dcat:inSeries <#s> . <#s> a dcat:DatasetSeries, dcat:Dataset; dct:title "Nature of Aberfal" .""",
    )
    assert (record.title, record.notes) == ("Trees", "About trees")
    assert record.metadata == {
        "accrualPeriodicity": "MONTHLY",
        "contact_email": "opendata@example.org",
        "contact_name": "Open data team",
        "isPartOf": "Nature of Aberfal",
        "issued": "2020-01-31",
        "keyword": ["trees"],
        "landingPage": "https://example.org/trees",
        "language": "CYM",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "publisher": "Aberfal Council",
        "spatial": {"type": "Polygon", "coordinates": [[[-4.2, 52.3], [-4.0, 52.3], [-4.0, 52.5], [-4.2, 52.3]]]},
    }


@pytest.mark.parametrize(("language", "title"), [("cy", "Coed"), ("en", "Trees"), ("fr", "Bäume?")])
def test_texts_are_in_the_wanted_language_else_in_none(catalogue: World, door: Door, language: str, title: str) -> None:
    turtle = '<#d> dct:title "Trees"@en-GB, "Coed"@cy, "Bäume?" .'
    assert of(catalogue, door, turtle, language=language).title == title


def test_an_accessurl_is_a_page_and_no_file(catalogue: World, door: Door) -> None:
    record = of(
        catalogue,
        door,
        """<#d> dcat:distribution <#page>, <#csv>, [ dcat:downloadURL <https://example.org/b>; dct:license <#l>;
          dcat:mediaType <https://www.iana.org/assignments/media-types/application/json> ],
          [ dcat:downloadURL "https://example.org/c.xlsx" ], [ dcat:downloadURL <javascript:alert(1)> ] .
        <#page> dcat:accessURL <https://example.org/page.csv> .
        <#csv> dcat:downloadURL <https://example.org/a>; dct:title "A"; dcat:accessURL <https://example.org/page>;
          dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> .""",
    )
    key = catalogue.server.url_for("/catalog#csv")
    assert {(file.key, file.url, file.format) for file in record.files} == {
        (key, "https://example.org/a", "CSV"),
        ("https://example.org/b", "https://example.org/b", "JSON"),
        ("https://example.org/c.xlsx", "https://example.org/c.xlsx", "XLSX"),
    }
    assert record.metadata == {"license": catalogue.server.url_for("/catalog#l")}


def test_datasets_of_nested_catalogues_are_listed_but_neither_they_nor_series(catalogue: World, door: Door) -> None:
    catalogue.list_fault = Response(
        f"{PREFIXES} <#c> a dcat:Catalog; dcat:catalog <#inner> . <#inner> a dcat:Catalog, dcat:Dataset; "
        "dct:title 'Inner'; dcat:dataset <#d> . <#d> a dcat:Dataset; dct:title 'D' . "
        "<#s> a dcat:DatasetSeries, dcat:Dataset; dct:title 'S' . <#mentioned> a dcat:Dataset ."
    )
    assert [ref.title for ref in listed(catalogue, door)] == ["D"]


@pytest.mark.parametrize(
    "place",
    ['"POLYGON((1 2, 3))"', '"POINT(999 1)"', '"<http://x/4326> POINT(1 2)"', '"{"', '"POINT(a b)"', "[]", '"((("'],
)
def test_a_place_that_is_no_certain_shape_is_not_stated(catalogue: World, door: Door, place: str) -> None:
    turtle = f"<#d> dct:title 'D'; dct:spatial [ locn:geometry {place} ] ."
    assert of(catalogue, door, turtle).metadata == {}


def test_geojson_and_points_are_places(catalogue: World, door: Door) -> None:
    point = {"type": "Point", "coordinates": [-4.1, 52.4]}
    for literal in ("POINT (-4.1 52.4)", json.dumps(point).replace('"', '\\"')):
        turtle = f"""<#d> dct:title 'D'; dct:spatial [ dcat:centroid "{literal}" ] ."""
        assert of(catalogue, door, turtle).metadata == {"spatial": point}


# -- hostile documents

BOMB = "<!DOCTYPE x [" + "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9)) + ' <!ENTITY e0 "ha">]>'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f'<?xml version="1.0"?>{BOMB}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "DOCTYPE"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "DOCTYPE"),
        ("<rdf:RDF><open></rdf:RDF>", "not well-formed"),
        ('<r xmlns="x"/>', "neither a catalogue"),
        ("[" * 50_000, "broken"),
        ('{"a":' * 200 + "1" + "}" * 200, "broken"),
        (f"{PREFIXES} <#d> a dcat:Dataset; dct:relation {'[ dct:relation ' * 20_000}", "broken"),
        (f"{PREFIXES} <#d> a dcat:Dataset; dct:title 'x", "broken"),
        ("@prefix dcat: <http://www.w3.org/ns/dcat#> . <#a> <#b> <#c> .", "neither a catalogue"),
        ("é".encode("latin-1"), "broken"),
        ("x" * 20_000_001, "larger than"),
    ],
)
def test_a_hostile_or_broken_document_ends_the_run(catalogue: World, door: Door, body: str | bytes, words: str) -> None:
    catalogue.list_fault = Response(body)
    with pytest.raises(Fatal, match=words):
        listed(catalogue, door)


@pytest.mark.parametrize(
    "context",
    ["{0}", ["{0}"], [{"@vocab": "x:"}, ["{0}"]], {"@import": "{0}"}, {"t": {"@id": "x:t", "@context": "{0}"}}],
)
def test_a_context_at_another_address_is_never_fetched(catalogue: World, door: Door, context: Any) -> None:
    document = {"@context": context, "@type": "http://www.w3.org/ns/dcat#Catalog"}
    catalogue.list_fault = Response(json.dumps(document).replace("{0}", catalogue.server.url_for("/context")))
    with pytest.raises(Fatal, match="not fetched"):
        listed(catalogue, door)
    assert [request.path for request, _ in catalogue.server.log] == ["/catalog"]


@pytest.mark.parametrize("language", ["", 7, "en-GB; x"])
def test_a_language_that_makes_no_sense_is_refused(catalogue: World, door: Door, language: Any) -> None:
    with pytest.raises(RecipeError, match="language"):
        Dcat(catalogue.recipe(options={"language": language}), door())


# -- real catalogues

REAL = [
    "ckan__ckanext-dcat/examples/dcat/" + name
    for name in ("catalog.rdf", "catalog_datasets_list.rdf", "catalog_with_at_graph.jsonld", "dataset.rdf",
                 "dataset_afs.ttl", "dataset_deri.ttl", "dataset_gob_es.ttl", "dataset_gov_de.rdf",
                 "dataset_health.ttl", "dataset_multilingual.ttl", "dataset_sweden.rdf")
] + [
    "mjanez__ckan-mqa/ckan2mqa/assets/samples/" + name
    for name in ("dcatap-ch_catalog.ttl", "dcatap-de_catalog.rdf", "dcatap_catalog.ttl")
]  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_every_dataset_of_a_real_catalogue_is_read(catalogue: World, door: Door, cases: Path, name: str) -> None:
    body = (cases / "feeds" / name).read_bytes()
    format_ = {"rdf": "xml", "ttl": "turtle", "jsonld": "json-ld"}[name.rpartition(".")[2]]
    graph = Graph().parse(data=body, format=format_)
    own = catalogue.server.url_for("/catalog").encode()
    pages = [body.replace(b"https://data.stadt-zuerich.ch/catalog.ttl", own)]
    pages.append(b"\n".join(row for row in pages[0].splitlines() if b"hydra:nextPage" not in row))
    catalogue.list = lambda request: Response(pages["page" in request.args])  # type: ignore[method-assign]
    records = fetched(catalogue, door, ask_files=False)
    assert len(records) == len(set(graph.subjects(RDF.type, DCAT.Dataset)))
    urls = {str(url) for url in graph.objects(None, DCAT.downloadURL)}
    assert {file.url for record in records for file in record.files} <= urls
    for record in records:
        assert record.title
        json.dumps(record.metadata, allow_nan=False)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ckan__ckanext-dcat/examples/dcat/dataset.ttl", "broken"),
        ("mjanez__ckan-mqa/ckan2mqa/assets/samples/geodcat-ap_catalog.rdf", "neither a catalogue"),
    ],
)
def test_a_real_document_that_is_no_catalogue_is_named_as_such(
    catalogue: World, door: Door, cases: Path, name: str, words: str
) -> None:
    catalogue.list_fault = Response((cases / "feeds" / name).read_bytes())
    with pytest.raises(Fatal, match=words):
        listed(catalogue, door)
