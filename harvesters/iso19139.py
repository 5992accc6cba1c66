"""What an ISO 19139 record states, in our terms (ISO 19115:2003, as INSPIRE and UK GEMINI 2 use it)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ckanext.digitalcity.core.model import Json

from . import catalogue
from .geojson import geometry
from .text import line, prose

XLINK = "{http://www.w3.org/1999/xlink}href"
NAMES = {
    "gmd": "http://www.isotc211.org/2005/gmd",
    "gco": "http://www.isotc211.org/2005/gco",
    "csw": "http://www.opengis.net/cat/csw/2.0.2",
}
ABOUT = "gmd:identificationInfo/*"
# MD_MaintenanceFrequencyCode that has a code in the EU frequency list
FREQUENCIES = {
    "continual": "CONT", "daily": "DAILY", "weekly": "WEEKLY", "fortnightly": "BIWEEKLY", "monthly": "MONTHLY",
    "quarterly": "QUARTERLY", "biannually": "ANNUAL_2", "annually": "ANNUAL", "asNeeded": "AS_NEEDED",
    "irregular": "IRREG", "notPlanned": "NOT_PLANNED", "unknown": "UNKNOWN",
}  # fmt: skip
SERVICES = {"service", "application", "software"}
PUBLISHERS = ("publisher", "owner", "custodian", "pointOfContact")  # roles, the best first

Element = Any  # lxml has no types


def identifier(record: Element) -> str:
    """gmd:fileIdentifier; "" if there is none."""
    return text(record, "gmd:fileIdentifier")


def title(record: Element) -> str:
    """The title of the resource that the record is about."""
    return text(record, f"{ABOUT}/gmd:citation/*/gmd:title", 200)


def notes(record: Element) -> str:
    """gmd:abstract."""
    return prose("".join(next(iter(_all(record, f"{ABOUT}/gmd:abstract")), "")))


def is_service(record: Element) -> bool:
    """Whether it describes a service, which has no files of its own."""
    return code(record, "gmd:hierarchyLevel/*") in SERVICES


def metadata(record: Element) -> Json:
    """What the record states, by DCAT term. Individuals are left out, organisations are not."""
    parties = list(_parties(record))
    publisher = next((name for role in PUBLISHERS for found, name, _ in parties if found == role and name), "")
    contact = next(((name, email) for found, name, email in parties if found == "pointOfContact"), ("", ""))
    facts: Json = {
        "license": "; ".join(dict.fromkeys(_licences(record))),
        "keyword": catalogue.words([*_texts(record, f"{ABOUT}/gmd:descriptiveKeywords/*/gmd:keyword")]),
        "issued": _date(record, "publication"),
        "modified": _date(record, "revision"),
        "accrualPeriodicity": FREQUENCIES.get(
            code(record, f"{ABOUT}/gmd:resourceMaintenance/*/gmd:maintenanceAndUpdateFrequency/*"), ""
        ),
        "language": code(record, f"{ABOUT}/gmd:language/*") or text(record, f"{ABOUT}/gmd:language"),
        "publisher": publisher,
        "contact_name": contact[0],
        "contact_email": contact[1],
        "spatial": _box(record),
    }
    return {term: value for term, value in facts.items() if value}


def files(record: Element) -> Iterator[Json]:
    """Links that are said to download the data. Others lead to pages and services, and are no files."""
    for link in record.iterfind("gmd:distributionInfo//gmd:CI_OnlineResource", NAMES):
        protocol = text(link, "gmd:protocol")
        if code(link, "gmd:function/*") == "download" or protocol.upper().startswith("WWW:DOWNLOAD"):
            yield {
                "url": text(link, "gmd:linkage", 2_000),
                "name": text(link, "gmd:name"),
                "description": prose("".join(next(iter(_all(link, "gmd:description")), ""))),
            }


def text(element: Element, path: str, most: int = 300) -> str:
    """The first text at a path, in one line."""
    return next(_texts(element, path, most), "")


def code(element: Element, path: str) -> str:
    """The first codeListValue at a path."""
    found = element.find(path, NAMES)
    return "" if found is None else line(found.get("codeListValue"), 100)


def _all(element: Element, path: str) -> list[Any]:
    """The texts at a path, each in its parts; of one in several languages that of the record."""
    found = [
        (place, [child for child in place if isinstance(child.tag, str)]) for place in element.iterfind(path, NAMES)
    ]
    return [(inside[0] if inside else place).itertext() for place, inside in found]


def _texts(element: Element, path: str, most: int = 300) -> Iterator[str]:
    yield from filter(None, (line(" ".join("".join(parts).split()), most) for parts in _all(element, path)))


def _licences(record: Element) -> Iterator[str]:
    """Constraints on use, where they are stated as such (GEMINI 2.3, Use constraints): an anchor's address, or text."""
    for constraints in record.iterfind(f"{ABOUT}/gmd:resourceConstraints/*", NAMES):
        if constraints.find("gmd:useConstraints", NAMES) is not None:
            for other in constraints.iterfind("gmd:otherConstraints", NAMES):
                link = next((line(part.get(XLINK), 300) for part in other.iter() if part.get(XLINK)), "")
                if stated := link or line(" ".join("".join(other.itertext()).split())):
                    yield stated
        elif constraints.find("gmd:accessConstraints", NAMES) is None:
            yield from _texts(constraints, "gmd:useLimitation")


def _parties(record: Element) -> Iterator[tuple[str, str, str]]:
    """Role, organisation and address for mail of those who answer for the resource."""
    for party in record.iterfind(f"{ABOUT}/gmd:pointOfContact/gmd:CI_ResponsibleParty", NAMES):
        email = text(party, "gmd:contactInfo//gmd:electronicMailAddress")
        yield code(party, "gmd:role/*"), text(party, "gmd:organisationName"), email


def _date(record: Element, kind: str) -> str:
    """A date of the resource, of a CI_DateTypeCode, as it is written."""
    for date in record.iterfind(f"{ABOUT}/gmd:citation/*/gmd:date/gmd:CI_Date", NAMES):
        if code(date, "gmd:dateType/*") == kind:
            return text(date, "gmd:date")
    return ""


def _box(record: Element) -> Json | None:
    box = record.find(f"{ABOUT}//gmd:EX_GeographicBoundingBox", NAMES)
    if box is None:
        return None
    sides = ("west", "east", "south", "north")
    bounds = [text(box, f"gmd:{side}Bound{'Longitude' if side in sides[:2] else 'Latitude'}") for side in sides]
    try:
        west, east, south, north = map(float, bounds)
    except ValueError:
        return None
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return geometry({"type": "Polygon", "coordinates": [ring]})
