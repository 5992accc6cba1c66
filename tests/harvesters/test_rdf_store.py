"""The store that catalogues in RDF are read into: it answers as rdflib's own does, with far less memory."""

from __future__ import annotations

import tracemalloc
from itertools import product
from pathlib import Path

import pytest
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.harvesters import rdf_store
from ckanext.digitalcity.harvesters.rdf import parse

TERMS = [URIRef("https://e.org/a"), URIRef("https://e.org/b"), BNode("c"), RDF.type, Literal("d"), Literal("d", "en")]
TURTLE = """@prefix d: <http://www.w3.org/ns/dcat#> . @prefix t: <http://purl.org/dc/terms/> .
{}"""
DATASET = '<https://e.org/{0}> a d:Dataset ; t:title "Title {0}"@en ; t:publisher [ t:title "Us" ] ; d:x 1, 2, 3 .\n'


def test_every_question_has_the_answer_that_rdflibs_own_store_gives() -> None:
    ours, theirs = rdf_store.graph(), Graph()
    said = list(product(TERMS[:3], (*TERMS[:2], RDF.type), TERMS))
    for triple in [*said[::2], *said[::3]]:  # some twice
        ours.add(triple)
        theirs.add(triple)
    for pattern in product([*TERMS, None], repeat=3):
        assert sorted(ours.triples(pattern)) == sorted(theirs.triples(pattern)), pattern


@pytest.mark.parametrize("name", ["dataset_health.ttl", "catalog.rdf", "catalog_with_at_graph.jsonld"])
def test_a_document_says_the_same_as_in_rdflibs_own_store(cases: Path, name: str) -> None:
    path = cases / "feeds/ckan__ckanext-dcat/examples/dcat" / name
    notation = {".ttl": "turtle", ".rdf": "xml", ".jsonld": "json-ld"}[path.suffix]
    ours = parse(path.read_bytes(), "https://e.org/")
    assert isomorphic(ours, Graph().parse(data=path.read_bytes(), format=notation, publicID="https://e.org/"))


def test_a_document_with_more_than_fits_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdf_store, "MOST", 20)
    with pytest.raises(Skippable, match="smaller pages") as caught:
        parse(TURTLE.format("".join(map(DATASET.format, range(5)))).encode(), "https://e.org/")
    assert caught.value.reason == "too-large"


def test_a_statement_takes_little_memory() -> None:
    text = TURTLE.format("".join(map(DATASET.format, range(2_000)))).encode()
    parse(text, "https://e.org/")  # what is made only once is not counted
    tracemalloc.start()
    found = parse(text, "https://e.org/")
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(found) == 2_000 * 7
    assert size / len(found) < 400  # rdflib's own: some 1,400
