"""Geographic catalogues (OGC CSW 2.0.2) of ISO 19139 records, such as UK GEMINI: one dataset a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import Json, Recipe, Record, Ref

from . import catalogue, csw_question, iso19139
from .base import Source
from .catalogue import Files
from .http import Http
from .offset_paging import by_offset
from .paging import whole_list
from .text import line
from .urls import origin_of, shown
from .versions import digest

PAGE = 50  # records of some 30 kB each
MOST_BYTES = 20_000_000
MOST_ID = 500
ACCEPT = "application/xml"
CAPABILITIES = {"service": "CSW", "request": "GetCapabilities", "acceptVersions": "2.0.2"}
BOM = b"\xef\xbb\xbf"
QUERY = {
    "service": "CSW", "version": "2.0.2", "request": "GetRecords", "typeNames": "gmd:MD_Metadata",
    "resultType": "results", "elementSetName": "full", "outputSchema": iso19139.NAMES["gmd"],
    "namespace": f"xmlns(gmd={iso19139.NAMES['gmd']})", "constraintLanguage": "CQL_TEXT",
    "constraint_language_version": "1.1.0",
}  # fmt: skip


class Csw(Source):
    """Asks for whole records by GetRecords; what one says travels in the Ref's hint. Services are left out."""

    kind = "csw"
    title = "Geographic catalogue (CSW)"
    options = catalogue.OPTIONS | {"constraint": "Which records are wanted, as CQL, such as dc:subject = 'trees'."}
    example = "csw"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.files = Files(recipe, http)
        self.constraint = line(recipe.options.get("constraint", ""), 2_000)

    def gather(self) -> Iterator[Ref]:
        """Lists every record that is not about a service. Its version covers all of it, and the age of its files."""
        seen: set[str] = set()
        with whole_list():
            for item in by_offset(lambda start: self._page(int(start)), str, items="records"):
                record, id_ = item["record"], item["id"]
                if iso19139.is_service(record) or id_ in seen:
                    continue
                if 0 < len(id_) <= MOST_ID:
                    seen.add(id_)
                    yield self._ref(id_, record)
                else:
                    title = iso19139.title(record)
                    yield Ref(f"without id: {title}", title=title, hint={"error": "no-id"})

    def _ref(self, id_: str, record: Any) -> Ref:
        chosen = self.files.chosen(iso19139.files(record))
        stated = {"notes": iso19139.notes(record), "metadata": iso19139.metadata(record), "files": chosen}
        version = self.files.version(digest(etree.tostring(record, method="c14n").decode()), chosen)
        return Ref(id_, version, iso19139.title(record) or id_, {"stated": json.dumps(stated)})

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Makes the dataset of what gather read; asks the network for nothing."""
        if "error" in ref.hint:
            raise Skippable("This record has no usable fileIdentifier.", "Tell the publisher.", reason="no-id")
        stated = json.loads(ref.hint["stated"])
        drafts = self.files.drafts(stated["files"])
        return Record(ref.remote_id, ref.title, stated["notes"], stated["metadata"], drafts)

    def _page(self, start: int) -> Json:
        """The records of a GetRecordsResponse (OGC 07-006r1, section 10.8.4.9)."""
        root = self._asked(start)
        where = shown(self.recipe.address)
        results = root.find("csw:SearchResults", iso19139.NAMES)
        if results is None:
            raise Skippable(
                f"{where} answers with XML that is no list of records.",
                "Check the address: it is the one of the CSW service itself. Check the constraint too.",
                reason="not-a-list",
            )
        records = results.findall("gmd:MD_Metadata", iso19139.NAMES)
        matched = line(results.get("numberOfRecordsMatched"))
        page = {"records": [{"id": iso19139.text(record, "gmd:fileIdentifier", MOST_ID + 1), "record": record}
                            for record in records]}  # fmt: skip
        return page | ({"count": int(matched)} if matched.isdecimal() and len(matched) < 10 else {})

    def _asked(self, start: int) -> Any:
        """The answer to the question for records from ``start`` on, by GET or POST as the service has it."""
        if self._post:
            question = csw_question.get_records(start + 1, PAGE, self.constraint)
            return _parsed(self.http.get_bytes(self._post, MOST_BYTES, accept=ACCEPT, question=question), self._post)
        query = {**QUERY, "startPosition": start + 1, "maxRecords": PAGE}
        if self.constraint:
            query["constraint"] = self.constraint
        url = self._url(query)
        return _parsed(self.http.get_bytes(url, MOST_BYTES, accept=ACCEPT), url)

    def _url(self, query: Json) -> str:
        address = self.recipe.address
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    @cached_property
    def _post(self) -> str:
        """Where records are asked for by POST, if the service's capabilities offer nothing else; "" if by GET."""
        url = self._url(CAPABILITIES)
        try:
            root = _parsed(self.http.get_bytes(url, MOST_BYTES, accept=ACCEPT), url)
        except Skippable:  # what is wrong with the address is said when it is asked for records
            return ""
        offered = csw_question.post_only(root)
        if offered and origin_of(offered) != origin_of(self.recipe.address):
            return self.recipe.address  # as servers behind another name do not know their own
        return offered


def _parsed(body: bytes, url: str) -> Any:
    """XML without entities, or anything from elsewhere.

    Raises:
        Skippable: it is broken, or a web page.
    """
    body = body.removeprefix(BOM).lstrip()
    if b"<html" in body[:1_000].lower() or b"<!doctype html" in body[:1_000].lower():
        raise Skippable(f"{shown(url)} answered with a web page instead of data.", "Check the address.", "html")
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        raise Skippable(
            f"The answer of {shown(url)} is not well-formed XML.", "Tell the publisher.", "not-xml"
        ) from None
    if root.getroottree().docinfo.doctype:
        raise Skippable("The catalogue's answer has a document type.", "Tell the publisher.", "document-type")
    return root
