"""Project Open Data's data.json 1.1 and DCAT-US 3: one dataset an entry, one file a distribution with a downloadURL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import Json, Recipe, Record, Ref

from . import catalogue
from .base import Source
from .catalogue import Files, address, objects
from .geojson import geometry
from .html_text import plain
from .http import Http
from .json_stream import entries
from .paging import whole_list
from .text import line

# DCAT-US 3 nests catalogues
LISTS = [("dataset",), ("catalog", "*", "dataset"), ("catalog", "*", "catalog", "*", "dataset")]
MOST_ENTRY = 8_000_000  # bytes; outlines of areas can be long
MOST_ID = 500
# ISO 8601 repeating intervals (data.json 1.1, accrualPeriodicity) that have a code in the EU frequency list.
FREQUENCIES = {
    "R/P10Y": "DECENNIAL",
    "R/P4Y": "QUADRENNIAL",
    "R/P3Y": "TRIENNIAL",
    "R/P2Y": "BIENNIAL",
    "R/P1Y": "ANNUAL",
    "R/P6M": "ANNUAL_2",
    "R/P4M": "ANNUAL_3",
    "R/P3M": "QUARTERLY",
    "R/P2M": "BIMONTHLY",
    "R/P1M": "MONTHLY",
    "R/P0.5M": "MONTHLY_2",
    "R/P0.33M": "MONTHLY_3",
    "R/P2W": "BIWEEKLY",
    "R/P1W": "WEEKLY",
    "R/P7D": "WEEKLY",
    "R/P3.5D": "WEEKLY_2",
    "R/P0.33W": "WEEKLY_3",
    "R/P1D": "DAILY",
    "R/PT1H": "HOURLY",
    "R/PT1S": "UPDATE_CONT",
}
WRONG = {
    "no-id": ("This entry has no identifier, or one that cannot be used.", "Ask the publisher to give it one."),
    "duplicate-id": (
        "The list has this identifier more than once; the first was taken.",
        "Ask the publisher to give every dataset its own.",
    ),
}


class DataJson(Source):
    """Reads the whole document as a stream, entry by entry; what an entry says travels in the Ref's hint."""

    kind = "data-json"
    title = "data.json catalogue (Project Open Data 1.1, DCAT-US 3)"
    options = catalogue.OPTIONS
    example = "data-json"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.files = Files(recipe, http)

    def gather(self) -> Iterator[Ref]:
        """Lists every public dataset. Its version covers all that its entry says, and the age of its files."""
        seen: set[str] = set()
        faulty: set[str] = set()
        with whole_list():
            for entry in entries(self.http, self.recipe.address, LISTS, most=MOST_ENTRY):
                if line(entry.get("accessLevel")).lower() == "non-public":
                    continue
                ref = self._ref(entry, seen)
                if "error" not in ref.hint:
                    seen.add(ref.remote_id)
                elif ref.remote_id in faulty:
                    continue
                else:
                    faulty.add(ref.remote_id)
                yield ref

    def _ref(self, entry: Json, seen: set[str]) -> Ref:
        id_, title = identifier(entry), line(entry.get("title"))
        if not id_:
            return Ref(f"without id: {title}", title=title, hint={"error": "no-id"})
        if id_ in seen:
            return Ref(id_, title=title or id_, hint={"error": "duplicate-id"})
        files = self.files.chosen(_files(entry))
        stated = {"notes": plain(entry.get("description")), "metadata": metadata(entry), "files": files}
        # as text it takes a third of the memory, in lists of tens of thousands
        return Ref(id_, self.files.version(entry, files), title or id_, {"stated": json.dumps(stated)})

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Makes the dataset of what gather read; asks the network for nothing."""
        if error := str(ref.hint.get("error", "")):
            raise Skippable(*WRONG.get(error, WRONG["no-id"]), reason=error)
        stated = json.loads(ref.hint["stated"])
        files = self.files.drafts(stated["files"])
        return Record(ref.remote_id, ref.title, stated["notes"], stated["metadata"], files)


def identifier(entry: Json) -> str:
    """What identifies an entry: its ``identifier``, which in DCAT-US 3 may be an object, else its ``@id``; or ""."""
    for stated in (entry.get("identifier"), entry.get("@id")):
        value = next(objects(stated), None) or stated
        if isinstance(value, dict):
            value = value.get("@id") or value.get("notation") or value.get("@value")
        if text := line(value, MOST_ID + 1):
            return text if len(text) <= MOST_ID else ""
    return ""


def metadata(entry: Json) -> Json:
    """What an entry states, by DCAT term.

    ``license`` → license (of the dataset, else of its distributions), ``keyword`` and ``theme`` → keyword, ``issued``,
    ``modified``, ``accrualPeriodicity``, ``landingPage``, ``language``, ``spatial``, ``isPartOf``; ``publisher.name`` →
    publisher, ``contactPoint`` → contact.
    """
    contact: Json = next(objects(entry.get("contactPoint")), {})
    publisher = next(objects(entry.get("publisher")), None)
    licences = [entry.get("license"), *(file.get("license") for file in objects(entry.get("distribution")))]
    facts: Json = {
        "license": "; ".join(dict.fromkeys(filter(None, map(_name, licences[:1] if licences[0] else licences)))),
        "keyword": catalogue.words([*_several(entry.get("keyword")), *map(_name, _several(entry.get("theme")))]),
        "issued": line(entry.get("issued")),
        "modified": line(entry.get("modified")),
        "accrualPeriodicity": _frequency(line(entry.get("accrualPeriodicity"))),
        "landingPage": address(entry.get("landingPage")),
        "language": ", ".join(filter(None, map(_name, _several(entry.get("language"))))),
        "publisher": _name(publisher or entry.get("publisher")),
        "contact_name": line(contact.get("fn")),
        "contact_email": line(contact.get("hasEmail")).removeprefix("mailto:"),
        "spatial": _area(entry.get("spatial")),
        "isPartOf": _name(next(iter(_several(entry.get("isPartOf") or entry.get("inSeries"))), None)),
    }
    return {term: value for term, value in facts.items() if value}


def _files(entry: Json) -> Iterator[Json]:
    """Distributions that have a file. An ``accessURL`` leads to a page or a service, so it is no file."""
    for file in objects(entry.get("distribution")):
        yield {
            "url": file.get("downloadURL"),
            "name": line(file.get("title")),
            "description": plain(file.get("description")),
            "claim": line(file.get("format")) or line(file.get("mediaType")),
        }


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(value: Any) -> str:
    """Text; of an object the name that it goes by."""
    if isinstance(value, dict):
        members = ("name", "prefLabel", "title", "@id", "@value")
        return next(filter(None, (line(value.get(member)) for member in members)), "")
    return line(value)


def _frequency(stated: str) -> str:
    if stated.startswith(("http://publications.europa.eu/", "https://publications.europa.eu/")):
        return stated.rpartition("/")[2]
    return FREQUENCIES.get(stated, stated)


def _area(value: Any) -> Json | None:
    """A GeoJSON geometry, also one of a box “west,south,east,north” (data.json 1.1, spatial); place names are none."""
    if shape := catalogue.json_object(value):
        return geometry(shape)
    sides = [float(side) for side in re.findall(r"-?\d+(?:\.\d+)?", line(value))]
    if len(sides) != 4 or not re.fullmatch(r"[-\d., ]+", line(value)):
        return None
    west, south, east, north = sides
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return geometry({"type": "Polygon", "coordinates": [ring]})
