"""A catalogue in RDF that pages with Hydra, three datasets a page."""

from __future__ import annotations

import builtins
from typing import Any
from urllib.parse import quote, unquote

from pytest_httpserver import HTTPServer
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF
from werkzeug import Request, Response
from worlds import World

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
OWN = Namespace("https://example.org/terms#")
TERMS = {"title": DCTERMS.title, "modified": DCTERMS.modified, "notes": DCTERMS.description}


class Dcat(World):
    """Datasets without addresses, known by their identifiers, each with one file.

    Attributes:
        format: as rdflib calls it: ``turtle``, ``xml`` or ``json-ld``.
    """

    kind = "dcat"
    path = "/catalog"

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.format = "turtle"
        self.datasets: builtins.list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.broken_page = self.round = False

    def is_file(self, request: Request) -> bool:
        return "/files/" in request.path

    def list(self, request: Request) -> Response:
        number = int(request.args.get("page", 1))
        if number > 1 and self.broken_page:
            return Response("out of order", 500)
        graph = Graph()
        catalogue, view = URIRef(self.server.url_for("/catalog#it")), BNode()
        graph.add((catalogue, RDF.type, DCAT.Catalog))
        graph.add((view, RDF.type, HYDRA.PartialCollectionView))
        if number * 3 < len(self.datasets):
            following = 1 if number > 1 and self.round else number + 1
            address = self.path + (f"?page={following}" if following > 1 else "")
            graph.add((view, HYDRA.next, URIRef(self.server.url_for(address))))
        for facts in self.datasets[number * 3 - 3 : number * 3]:
            graph.add((catalogue, DCAT.dataset, self._describe(graph, facts)))
        return Response(graph.serialize(format=self.format), content_type="text/turtle")

    def _describe(self, graph: Graph, facts: dict[str, Any]) -> BNode:
        node = BNode()
        graph.add((node, RDF.type, DCAT.Dataset))
        for name, value in facts.items():
            if name == "file":
                file = BNode()
                graph.add((node, DCAT.distribution, file))
                graph.add((file, DCAT.downloadURL, URIRef(self.server.url_for("/files/") + quote(value, safe=""))))
                graph.add((file, DCTERMS["format"], Literal("CSV")))
            else:
                graph.add((node, name if isinstance(name, URIRef) else TERMS.get(name, OWN[name]), Literal(value)))
        return node

    def file(self, request: Request) -> Response:
        name = unquote(request.path.partition("/files/")[2])
        if name not in self.files:
            return Response("gone", 404)
        response = Response(self.files[name], content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)

    def add(self, id_: str, **facts: Any) -> None:
        self.files[f"{id_}.csv"] = b"name,height\r\nOak,20\r\n"
        stated = {"title": f"Dataset {id_}", "notes": "Data", **facts}
        self.datasets.append({DCTERMS.identifier: id_, "file": f"{id_}.csv", **stated})

    def dataset(self, id_: str) -> dict[str, Any]:
        return next(facts for facts in self.datasets if facts.get(DCTERMS.identifier) == id_)

    def change(self, id_: str, **facts: Any) -> None:
        self.dataset(id_).update(facts)

    def change_file(self, id_: str) -> None:
        self.files[f"{id_}.csv"] += b"Ash,25\r\n"

    def remove(self, id_: str) -> None:
        self.datasets.remove(self.dataset(id_))

    def repeat(self, id_: str) -> None:
        self.datasets.append(self.dataset(id_))

    def break_off(self) -> None:
        self.broken_page = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response("@prefix dcat: <http://www.w3.org/ns/dcat#> .\n<#it> a dcat:Catalog ; dcat:dataset [ .")

    def blank(self) -> None:
        names = (DCTERMS.identifier, DCTERMS.title, DCAT.keyword, DCTERMS.publisher, DCAT.contactPoint,
                 DCAT.distribution, DCTERMS.spatial, DCTERMS.license, DCTERMS.issued, DCAT.landingPage)  # fmt: skip
        self.datasets += [{}, dict.fromkeys(names, ""), {DCTERMS.identifier: "e"}]
