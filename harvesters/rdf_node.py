"""What an RDF graph says of one node: words in the wanted language, links, and a hash of it all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF, RDFS, SKOS, Namespace
from rdflib.term import Node as Term

from .text import line, prose

DCAT = Namespace("http://www.w3.org/ns/dcat#")  # rdflib's own stops at version 2
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
NAMES = (FOAF.name, SKOS.prefLabel, RDFS.label, DCTERMS.title, VCARD.fn, RDF.value)
RECORDS = {DCAT.Catalog, DCAT.Dataset, DCAT.DatasetSeries}  # they speak for themselves
DEPTH = 5  # links that a hash follows, such as dataset, distribution, licence


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a graph.

    Attributes:
        language: what texts should be in; else those without a language are taken, else any.
        known: hashes of nodes, shared by all nodes of a graph.
    """

    graph: Graph
    term: Term
    language: str = "en"
    known: dict[tuple[Term, int], str] = field(default_factory=dict)

    def all(self, *predicates: URIRef) -> list[Node]:
        """What the first of these predicates that is stated leads to, in an order that stays."""
        for predicate in predicates:
            if found := list(self.graph.objects(self.term, predicate)):
                return [replace(self, term=term) for term in sorted(found, key=self._order)]
        return []

    def one(self, *predicates: URIRef) -> Node | None:
        """The first of them, if any."""
        return next(iter(self.all(*predicates)), None)

    def text(self, *predicates: URIRef, most: int = 300) -> str:
        """One line in the wanted language; a node's is its name, else its address."""
        return next(iter(self.texts(*predicates, most=most)), "")

    def texts(self, *predicates: URIRef, most: int = 300) -> list[str]:
        """All lines in the best language there is."""
        nodes = self.all(*predicates)
        ranks = [node._rank() for node in nodes]
        best = [node for node, rank in zip(nodes, ranks, strict=True) if rank == min(ranks)]
        return list(dict.fromkeys(filter(None, (node.name(most) for node in best))))

    def words(self, *predicates: URIRef) -> str:
        """Text of any length, made harmless."""
        found = next((n for n in sorted(self.all(*predicates), key=Node._rank) if isinstance(n.term, Literal)), None)
        return prose(str(found.term)) if found else ""

    def name(self, most: int = 300) -> str:
        """A literal's text, a node's name, or its address; "" for a nameless blank node."""
        if isinstance(self.term, Literal):
            return line(str(self.term), most)
        return self.text(*NAMES, most=most) or self.address(most)

    def address(self, most: int = 2_000) -> str:
        """The node's own address; "" if it has none."""
        return line(str(self.term), most) if isinstance(self.term, URIRef) else ""

    def link(self, *predicates: URIRef) -> str:
        """The address that a predicate leads to, also one written as text."""
        found = self.one(*predicates)
        return line(str(found.term), 2_000) if found and not isinstance(found.term, BNode) else ""

    def code(self, *predicates: URIRef) -> str:
        """The last part of the address that a predicate leads to; of a text, the text."""
        found = self.one(*predicates)
        stated = found.address() if found else ""
        return stated.rstrip("/#").replace("#", "/").rpartition("/")[2] if stated else self.text(*predicates)

    def digest(self) -> str:
        """A hash of all that the graph says of this node and of what it leads to; names of blank nodes do not count."""
        return self._digest(self.term, DEPTH)

    def _digest(self, term: Term, depth: int) -> str:
        """By node and depth, so that it does not matter where it was asked for first, and circles end."""
        if (term, depth) not in self.known:
            facts = sorted(f"{p.n3()} {self._object(o, depth)}" for p, o in self.graph.predicate_objects(term))
            text = "\n".join(facts).encode("utf-8", "surrogatepass")
            self.known[term, depth] = hashlib.sha256(text).hexdigest()
        return self.known[term, depth]

    def _object(self, term: Term, depth: int) -> str:
        own = "" if isinstance(term, BNode) else term.n3()
        if isinstance(term, Literal) or depth == 0 or not RECORDS.isdisjoint(self.graph.objects(term, RDF.type)):
            return own
        return f"{own} {self._digest(term, depth - 1)}"

    def _rank(self) -> int:
        tag = (self.term.language or "").lower() if isinstance(self.term, Literal) else ""
        return 0 if tag.partition("-")[0] == self.language else 2 if tag else 1

    def _order(self, term: Term) -> tuple[str, str]:
        if isinstance(term, BNode):
            return "", self._digest(term, DEPTH)
        return str(term), str(getattr(term, "language", ""))


def of_type(graph: Graph, type_: URIRef, language: str) -> Iterator[Node]:
    """The nodes of a type, in an order that stays while they do."""
    any_ = Node(graph, type_, language)
    found = sorted(set(graph.subjects(RDF.type, type_)), key=any_._order)
    yield from (replace(any_, term=term) for term in found)
