"""DCAT and DCAT-AP catalogues in RDF: one dataset a dcat:Dataset, one file a distribution with a dcat:downloadURL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rdflib import Graph, Namespace
from rdflib.namespace import DCTERMS, RDF

from ckanext.digitalcity.core.errors import RecipeError, Skippable
from ckanext.digitalcity.core.model import Json, Recipe, Record, Ref

from . import catalogue
from .base import Source
from .catalogue import Files
from .dcat_terms import files, metadata, notes, title
from .http import Http
from .paging import follow, whole_list
from .rdf import ACCEPT, parse
from .rdf_node import DCAT, Node, of_type
from .text import line

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
NEXT = (HYDRA.next, HYDRA.nextPage)  # the second is of older drafts, which CKAN portals still speak
MOST_BYTES = 20_000_000  # of a page, which is held in memory as triples
MOST_ID = 500
WRONG = {
    "no-id": ("The address of this dataset is too long to identify it.", "Ask the publisher for a shorter one."),
    "duplicate-id": (
        "Two datasets without addresses have the same identifier; the first was taken.",
        "Ask the publisher to give every dataset its own.",
    ),
}


class Dcat(Source):
    """Reads the pages one by one; what a page says of a dataset travels in the Ref's hint.

    A dataset is known by its address, else by its dct:identifier, else by a hash of all that is said of it.
    """

    kind = "dcat"
    title = "DCAT catalogue"
    options = catalogue.OPTIONS | {"language": "Language of titles and texts where there are several; default: en."}
    example = "dcat"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.files = Files(recipe, http)
        self.language = recipe.options.get("language", "en")
        if not isinstance(self.language, str) or not self.language.isalpha():
            raise RecipeError(
                f"“language” in the recipe “{recipe.name}” makes no sense.", "Write a code, such as en or cy."
            )

    def gather(self) -> Iterator[Ref]:
        """Lists every dataset of all pages. Its version covers all that is said of it, and the age of its files."""
        seen: set[str] = set()
        faulty: set[str] = set()
        with whole_list():
            for page in follow(self.recipe.address, self._page, items="graphs", link="next"):
                for node in _datasets(page["graph"], self.language):
                    id_ = identity(node)
                    if id_ in seen:
                        if not node.address() and id_ not in faulty:
                            faulty.add(id_)
                            yield Ref(id_, title=title(node) or id_, hint={"error": "duplicate-id"})
                    elif len(id_) > MOST_ID:
                        yield Ref(id_[:MOST_ID], title=title(node), hint={"error": "no-id"})
                    else:
                        seen.add(id_)
                        yield self._ref(id_, node)

    def _ref(self, id_: str, node: Node) -> Ref:
        chosen = self.files.chosen(files(node))
        stated = {"notes": notes(node), "metadata": metadata(node), "files": chosen}
        version = self.files.version(node.digest(), chosen)
        return Ref(id_, version, title(node) or id_, {"stated": json.dumps(stated)})

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Makes the dataset of what gather read; asks the network for nothing."""
        if error := str(ref.hint.get("error", "")):
            raise Skippable(*WRONG.get(error, WRONG["no-id"]), reason=error)
        stated = json.loads(ref.hint["stated"])
        drafts = self.files.drafts(stated["files"])
        return Record(ref.remote_id, ref.title, stated["notes"], stated["metadata"], drafts)

    def _page(self, url: str) -> Json:
        graph = parse(self.http.get_bytes(url, MOST_BYTES, accept=ACCEPT), url)
        if not any((None, RDF.type, type_) in graph for type_ in (DCAT.Catalog, DCAT.Dataset)):
            raise Skippable(
                "The address answers with RDF that holds neither a catalogue nor a dataset of DCAT.",
                "Use the address of the catalogue itself.",
                reason="not-a-list",
            )
        return {"graphs": [{"graph": graph}], "next": _next(graph)}


def identity(node: Node) -> str:
    """What identifies a dataset: its address, else its identifier, else a hash of what is said of it."""
    own = node.address(MOST_ID + 1)
    return own or node.text(DCTERMS.identifier, most=MOST_ID) or f"without address: {node.digest()[:32]}"


def _datasets(graph: Graph, language: str) -> Iterator[Node]:
    """Datasets that the graph says something of. Catalogues and series are typed as datasets too, but have no files."""
    others = {*graph.subjects(RDF.type, DCAT.Catalog), *graph.subjects(RDF.type, DCAT.DatasetSeries)}
    for node in of_type(graph, DCAT.Dataset, language):
        if node.term not in others and any(p != RDF.type for p in graph.predicates(node.term)):
            yield node


def _next(graph: Graph) -> str:
    """The address of the next page (Hydra, PartialCollectionView); "" if there is none."""
    found: list[Any] = sorted(str(o) for predicate in NEXT for o in graph.objects(None, predicate))
    return line(found[0], 2_000) if found else ""
