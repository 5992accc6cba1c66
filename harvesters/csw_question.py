"""Asking a CSW 2.0.2 service by POST, and whether it must be (OGC 07-006r1, sections 7.6 and 10.8)."""

from __future__ import annotations

from typing import Any

from lxml import etree

from . import iso19139
from .text import line

CSW = "http://www.opengis.net/cat/csw/2.0.2"
OGC = "http://www.opengis.net/ogc"
OWS = {"ows": "http://www.opengis.net/ows"}
HREF = "{http://www.w3.org/1999/xlink}href"


def get_records(start: int, most: int, constraint: str) -> bytes:
    """A GetRecords request for whole ISO 19139 records.

    Args:
        start: number of the first, counted from 1.
        constraint: CQL; "" for all.
    """
    root = etree.Element(
        f"{{{CSW}}}GetRecords",
        {"service": "CSW", "version": "2.0.2", "resultType": "results", "outputFormat": "application/xml",
         "outputSchema": iso19139.NAMES["gmd"], "startPosition": str(start), "maxRecords": str(most)},
        nsmap={"csw": CSW, "ogc": OGC, "gmd": iso19139.NAMES["gmd"]},
    )  # fmt: skip
    query = etree.SubElement(root, f"{{{CSW}}}Query", {"typeNames": "gmd:MD_Metadata"})
    etree.SubElement(query, f"{{{CSW}}}ElementSetName").text = "full"
    if constraint:
        stated = etree.SubElement(query, f"{{{CSW}}}Constraint", {"version": "1.1.0"})
        etree.SubElement(stated, f"{{{CSW}}}CqlText").text = constraint
    question: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return question


def post_only(capabilities: Any) -> str:
    """Where GetRecords is asked by POST, if the capabilities know no other way; "" if they do, or say nothing."""
    offers = capabilities.findall(".//ows:Operation[@name='GetRecords']/ows:DCP/ows:HTTP/*", OWS)
    ways = {way: offer.get(HREF) for offer in reversed(offers) for way in [etree.QName(offer).localname]}
    return line(ways.get("Post"), 2_000) if "Get" not in ways else ""
