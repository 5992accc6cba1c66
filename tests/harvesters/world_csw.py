"""A catalogue that answers as CSW 2.0.2 does, three records a page."""

from __future__ import annotations

import builtins
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from lxml import etree
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World

RECORD = """<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco">
<gmd:fileIdentifier><gco:CharacterString>{id}</gco:CharacterString></gmd:fileIdentifier>
<gmd:hierarchyLevel><gmd:MD_ScopeCode codeListValue="dataset"/></gmd:hierarchyLevel>
<gmd:identificationInfo><gmd:MD_DataIdentification>
<gmd:citation><gmd:CI_Citation><gmd:title><gco:CharacterString>{title}</gco:CharacterString></gmd:title>
<gmd:date><gmd:CI_Date><gmd:date><gco:DateTime>{modified}</gco:DateTime></gmd:date>
<gmd:dateType><gmd:CI_DateTypeCode codeListValue="revision"/></gmd:dateType></gmd:CI_Date></gmd:date>
</gmd:CI_Citation></gmd:citation>
<gmd:abstract><gco:CharacterString>{notes}</gco:CharacterString></gmd:abstract>
<gmd:supplementalInformation><gco:CharacterString>{others}</gco:CharacterString></gmd:supplementalInformation>
</gmd:MD_DataIdentification></gmd:identificationInfo>
<gmd:distributionInfo><gmd:MD_Distribution><gmd:transferOptions><gmd:MD_DigitalTransferOptions><gmd:onLine>
<gmd:CI_OnlineResource><gmd:linkage><gmd:URL>{url}</gmd:URL></gmd:linkage>
<gmd:function><gmd:CI_OnLineFunctionCode codeListValue="download"/></gmd:function></gmd:CI_OnlineResource>
</gmd:onLine></gmd:MD_DigitalTransferOptions></gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo>
</gmd:MD_Metadata>"""
RESPONSE = """<?xml version="1.0" encoding="UTF-8"?>
<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"><csw:SearchStatus/>
<csw:SearchResults numberOfRecordsMatched="{matched}" numberOfRecordsReturned="{returned}" nextRecord="{following}">
{records}</csw:SearchResults></csw:GetRecordsResponse>"""
CAPABILITIES = """<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"
xmlns:ows="http://www.opengis.net/ows" xmlns:xlink="http://www.w3.org/1999/xlink"><ows:OperationsMetadata>
<ows:Operation name="GetCapabilities"><ows:DCP><ows:HTTP><ows:Get xlink:href="x"/></ows:HTTP></ows:DCP></ows:Operation>
<ows:Operation name="GetRecords"><ows:DCP><ows:HTTP>{offers}</ows:HTTP></ows:DCP></ows:Operation>
</ows:OperationsMetadata></csw:Capabilities>"""


class Catalogue(World):
    """Records with one file each; ``whole`` ones are given as they are.

    Attributes:
        ways: how records can be asked for.
        href: where, as the capabilities have it; if empty, where it really is.
    """

    kind = "csw"
    path = "/csw"

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.records: builtins.list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.page_size = 3
        self.ways, self.href = ["Get", "Post"], ""
        self.broken_page = self.round = False

    def is_file(self, request: Request) -> bool:
        return "/files/" in request.path

    def list(self, request: Request) -> Response:
        asked = request.args if request.method == "GET" else self._posted(request)
        assert asked["service"] == "CSW"
        if asked["request"] == "GetCapabilities":
            offers = "".join(f'<ows:{way} xlink:href="{self.href or request.base_url}"/>' for way in self.ways)
            return Response(CAPABILITIES.format(offers=offers), content_type="application/xml")
        assert asked["request"] == "GetRecords"
        if request.method.title() not in self.ways:
            return Response("only by another method", 405)
        start = int(asked["startPosition"]) - 1
        if start and self.broken_page:
            return Response("out of order", 500)
        begin = 0 if self.round else start
        page = self.records[begin : begin + min(self.page_size, int(asked["maxRecords"]))]
        body = RESPONSE.format(
            matched=len(self.records), returned=len(page),
            following=start + len(page) + 1 if start + len(page) < len(self.records) else 0,
            records="".join(record.get("whole") or self._xml(record) for record in page),
        )  # fmt: skip
        return Response(body, content_type="application/xml")

    @staticmethod
    def _posted(request: Request) -> dict[str, Any]:
        """What was asked by POST, as if it had been by GET."""
        assert request.content_type == "application/xml"
        root = etree.fromstring(request.get_data())
        constraint = root.findtext(".//{*}Constraint/{*}CqlText")
        return {**root.attrib, "request": etree.QName(root).localname, "constraint": constraint}

    @staticmethod
    def _xml(record: dict[str, Any]) -> str:
        known = ("id", "title", "modified", "notes", "url")
        facts = {name: escape(str(record.get(name, ""))) for name in known}
        others = escape(str({name: value for name, value in record.items() if name not in known}))
        return RECORD.format(**facts, others=others)

    def file(self, request: Request) -> Response:
        name = unquote(request.path.partition("/files/")[2])
        if name not in self.files:
            return Response("gone", 404)
        response = Response(self.files[name], content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)

    def add(self, id_: str, **facts: Any) -> None:
        self.files[f"{id_}.csv"] = b"name,height\r\nOak,20\r\n"
        url = self.server.url_for("/files/") + quote(f"{id_}.csv", safe="")
        self.records.append({"id": id_, "title": f"Record {id_}", "notes": "Data", **facts, "url": url})

    def record(self, id_: str) -> dict[str, Any]:
        return next(record for record in self.records if record.get("id") == id_)

    def change(self, id_: str, **facts: Any) -> None:
        self.record(id_).update(facts)

    def change_file(self, id_: str) -> None:
        self.files[f"{id_}.csv"] += b"Ash,25\r\n"

    def remove(self, id_: str) -> None:
        self.records.remove(self.record(id_))

    def repeat(self, id_: str) -> None:
        self.records.append(self.record(id_))

    def break_off(self) -> None:
        self.broken_page = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response(RESPONSE.format(matched=1, returned=1, following=0, records="<gmd:MD_Metadata>"))

    def blank(self) -> None:
        empty = '<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd">{}</gmd:MD_Metadata>'
        self.records += [
            {"whole": empty.format("")},
            {"whole": empty.format("<gmd:fileIdentifier>b</gmd:fileIdentifier><gmd:identificationInfo/>")},
            {"whole": empty.format("<gmd:fileIdentifier>c</gmd:fileIdentifier><gmd:identificationInfo><gmd:x>"
                                   "<gmd:citation/><gmd:language/></gmd:x></gmd:identificationInfo>")},
            {"id": "d"},
        ]  # fmt: skip
