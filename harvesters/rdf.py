"""RDF from strangers (RDF/XML, Turtle, JSON-LD), parsed without ever opening another address or expanding entities."""

from __future__ import annotations

import json
import logging
import re
from typing import Any
from xml.parsers import expat
from xml.sax import SAXException

from rdflib import Graph
from rdflib.exceptions import Error
from rdflib.plugins.parsers.jsonld import to_rdf

from ckanext.digitalcity.core.errors import Refused, Skippable

from .rdf_store import graph
from .urls import shown

ACCEPT = "application/rdf+xml, text/turtle;q=0.9, application/ld+json;q=0.8, */*;q=0.1"
BOM = b"\xef\xbb\xbf"
XML = re.compile(rb"<(\?xml|!|[A-Za-z_][\w.-]*(:[A-Za-z_][\w.-]*)?[\s>])")
HTML = re.compile(rb"<(!doctype\s+)?html", re.IGNORECASE)
MOST_LEVELS = 64
# rdflib has no error of its own for much of what can be wrong with a document
BROKEN = (
    Error, SAXException, SyntaxError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError
)  # fmt: skip

logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # its warnings quote the data


def parse(body: bytes, url: str) -> Graph:
    """The triples of a document.

    Args:
        url: its address, for addresses in it that are relative, and for messages.

    Raises:
        Skippable: it is none of the three, broken, or a web page.
        Refused: it wants a context from elsewhere (JSON-LD), or defines entities (RDF/XML).
    """
    body = body.removeprefix(BOM).lstrip()
    if HTML.search(body[:1_000]):
        raise Skippable(f"{shown(url)} answered with a web page instead of data.", "Check the address.", "html")
    try:
        if body[:1] in (b"{", b"["):
            return _json_ld(body, url)
        if XML.match(body):
            _without_document_type(body)
            return graph().parse(data=body, format="xml", publicID=url)
        return graph().parse(data=body, format="turtle", publicID=url)
    except BROKEN:
        raise Skippable(
            f"The answer of {shown(url)} is no RDF/XML, Turtle or JSON-LD, or it is broken.",
            "Check the address; if it is right, tell the publisher.",
            reason="not-rdf",
        ) from None
    except expat.ExpatError as error:
        raise Skippable(
            f"The answer of {shown(url)} is not well-formed XML: see line {error.lineno}, column {error.offset}.",
            "Tell the publisher.",
            reason="not-rdf",
        ) from None


def _without_document_type(body: bytes) -> None:
    """Refuses a document type, the place where XML defines entities (XML 1.0, section 2.8)."""

    def refuse(*_: Any) -> None:
        raise Refused(
            "The document defines a document type (DOCTYPE), which can hide more than it shows.",
            "Ask the publisher for RDF without it.",
            reason="document-type",
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(body, True)


def _json_ld(body: bytes, url: str) -> Graph:
    """JSON-LD whose contexts are all written out in it; rdflib would fetch the others."""
    document = json.loads(body)
    level: list[Any] = [document]
    for _ in range(MOST_LEVELS):
        for value in level:
            if isinstance(value, dict) and ("@import" in value or _refers(value.get("@context"))):
                raise Refused(
                    "The JSON-LD refers to a context at another address, which is not fetched.",
                    "Ask the publisher to write the context out. For a data.json, use the kind “data-json”.",
                    reason="remote-context",
                )
        level = [child for value in level for child in _children(value)]
        if not level:
            found = graph()
            to_rdf(document, found, base=url)
            return found
    raise ValueError("nested too deeply")


def _refers(context: Any) -> bool:
    return isinstance(context, str) or (isinstance(context, list) and any(map(_refers, context)))


def _children(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [child for child in inside if isinstance(child, dict | list)]
