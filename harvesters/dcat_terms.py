"""What a dcat:Dataset states, in our terms (DCAT 3; DCAT-AP 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rdflib.namespace import DCTERMS, FOAF, Namespace

from ckanext.digitalcity.core.model import Json

from . import catalogue
from .geojson import geometry
from .rdf_node import DCAT, VCARD, Node

LOCN = Namespace("http://www.w3.org/ns/locn#")
# Our terms on the left, their properties on the right, the first of them that is stated.
TEXTS = {
    "issued": (DCTERMS.issued,),
    "modified": (DCTERMS.modified,),
    "publisher": (DCTERMS.publisher,),
    "isPartOf": (DCAT.inSeries, DCTERMS.isPartOf),
}
SHAPES = (LOCN.geometry, DCAT.bbox, DCAT.centroid)
WKT = re.compile(r"(POINT|POLYGON)\s*(\(+)([-+\d.,eE\s]+)\)+", re.IGNORECASE)
MEDIA_TYPES = "/media-types/"  # of IANA, and their copy at the EU Publications Office


def title(node: Node) -> str:
    """dct:title, in the wanted language."""
    return node.text(DCTERMS.title, most=200)


def notes(node: Node) -> str:
    """dct:description, in the wanted language."""
    return node.words(DCTERMS.description)


def metadata(node: Node) -> Json:
    """What the dataset states, by DCAT term; the licence of its distributions where it states none itself."""
    contact = node.one(DCAT.contactPoint)
    facts: Json = {term: node.text(*properties) for term, properties in TEXTS.items()}
    licences = [_licence(node)] if _licence(node) else [_licence(file) for file in node.all(DCAT.distribution)]
    frequency = node.code(DCTERMS.accrualPeriodicity)
    facts |= {
        "license": "; ".join(dict.fromkeys(filter(None, licences))),
        "keyword": catalogue.words(node.texts(DCAT.keyword)),
        "accrualPeriodicity": frequency.upper() if frequency.isascii() and frequency.isalpha() else frequency,
        "landingPage": catalogue.address(node.link(DCAT.landingPage)),
        "language": ", ".join(filter(None, (_last(found) for found in node.all(DCTERMS.language)))),
        "contact_name": contact.text(VCARD.fn, VCARD["organization-name"], FOAF.name) if contact else "",
        "contact_email": _email(contact) if contact else "",
        "spatial": _area(node),
    }
    return {term: value for term, value in facts.items() if value}


def files(node: Node) -> Iterator[Json]:
    """Distributions that have a file. A dcat:accessURL leads to a page or a service, so it is no file."""
    for file in node.all(DCAT.distribution):
        links = file.all(DCAT.downloadURL)
        for link in links:
            yield {
                "key": file.address() if len(links) == 1 else "",
                "url": str(link.term),
                "name": file.text(DCTERMS.title),
                "description": file.words(DCTERMS.description),
                "claim": _format(file),
            }


def _licence(node: Node) -> str:
    """Its address, which is certain; else its name."""
    return node.link(DCTERMS.license) or node.text(DCTERMS.license)


def _format(file: Node) -> str:
    """dct:format or dcat:mediaType, as an extension or a media type."""
    for property_ in (DCTERMS["format"], DCAT.mediaType):
        found = file.one(property_)
        if found is None:
            continue
        before, mark, media_type = found.address().partition(MEDIA_TYPES)
        if stated := media_type if mark else file.code(property_) if before else found.name():
            return stated
    return ""


def _email(contact: Node) -> str:
    found = contact.one(VCARD.hasEmail, VCARD.email)
    value = found.one(VCARD.value, VCARD.hasValue) or found if found else None
    return value.name().removeprefix("mailto:") if value else ""


def _last(node: Node) -> str:
    return node.name().rstrip("/").rpartition("/")[2]


def _area(node: Node) -> Json | None:
    """The first shape of its dct:spatial, as GeoJSON or as well-known text in longitude and latitude (CRS84)."""
    for place in node.all(DCTERMS.spatial):
        for shape in place.all(*SHAPES):
            text = str(shape.term)[:200_000]
            if found := geometry(catalogue.json_object(text)) or _well_known(text):
                return found
    return None


def _well_known(text: str) -> Json | None:
    """A point or a polygon without holes. One that names its reference system may have its axes the other way round."""
    found = WKT.fullmatch(text.strip())
    if found is None:
        return None
    try:
        positions = [[float(number) for number in pair.split()] for pair in found[3].split(",")]
    except ValueError:
        return None
    if found[1].upper() == "POINT":
        return geometry({"type": "Point", "coordinates": positions[0]})
    return geometry({"type": "Polygon", "coordinates": [positions]})
