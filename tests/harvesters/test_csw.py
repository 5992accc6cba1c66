"""Geographic catalogues: the query, what records state, hostile answers, and real GEMINI records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pytest_httpserver import HTTPServer
from werkzeug import Response
from world_csw import RESPONSE, Catalogue

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.csw import Csw
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]
XML = "ckan__ckanext-spatial/ckanext/spatial/tests/xml/"


@pytest.fixture
def catalogue(httpserver: HTTPServer) -> Catalogue:
    return Catalogue(httpserver)


def listed(catalogue: Catalogue, door: Door, **options: Any) -> list[Ref]:
    return list(Csw(catalogue.recipe(options=options), door()).gather())


def fetched(catalogue: Catalogue, door: Door, **options: Any) -> list[Record]:
    source = Csw(catalogue.recipe(options=options), door())
    return [source.fetch(ref, None) for ref in source.gather() if "error" not in ref.hint]


def real(catalogue: Catalogue, door: Door, cases: Path, name: str) -> list[Record]:
    text = (cases / "feeds" / XML / name).read_text("utf-8")
    catalogue.records = [{"whole": re.sub(r"<\?xml[^>]*\?>", "", text.removeprefix("\ufeff"))}]
    return fetched(catalogue, door, ask_files=False)


def of(catalogue: Catalogue, door: Door, about: str = "", distribution: str = "") -> Record:
    names = ["gmd", "gco", "gmx", "xlink"]
    spaces = ("http://www.isotc211.org/2005/gmd", "http://www.isotc211.org/2005/gco",
              "http://www.isotc211.org/2005/gmx", "http://www.w3.org/1999/xlink")  # fmt: skip
    declared = " ".join(f'xmlns:{name}="{space}"' for name, space in zip(names, spaces, strict=True))
    record = (
        f"<gmd:MD_Metadata {declared}><gmd:fileIdentifier><gco:CharacterString>x</gco:CharacterString>"
        "</gmd:fileIdentifier><gmd:identificationInfo><gmd:MD_DataIdentification>"
        f"{about}</gmd:MD_DataIdentification></gmd:identificationInfo><gmd:distributionInfo>{distribution}"
        "</gmd:distributionInfo></gmd:MD_Metadata>"
    )
    catalogue.records = [{"whole": record}]
    (found,) = fetched(catalogue, door, ask_files=False)
    return found


def test_the_query_is_the_standards_own(catalogue: Catalogue, door: Door) -> None:
    for number in range(5):
        catalogue.add(f"x{number}")
    address = catalogue.server.url_for("/csw?map=own")
    recipe = catalogue.recipe(address=address, options={"constraint": "AnyText LIKE '%tree%'", "ask_files": False})
    assert len(list(Csw(recipe, door()).gather())) == 5
    queries = [request.args for request, _ in catalogue.server.log if request.args["request"] == "GetRecords"]
    assert [query["startPosition"] for query in queries] == ["1", "3", "5"]
    assert {(q["map"], q["version"], q["typeNames"], q["constraint"], q["constraintLanguage"]) for q in queries} == {
        ("own", "2.0.2", "gmd:MD_Metadata", "AnyText LIKE '%tree%'", "CQL_TEXT")
    }


# -- by POST


def asked(catalogue: Catalogue) -> list[str]:
    return [request.method for request, _ in catalogue.server.log]


def test_a_service_that_offers_nothing_but_post_is_asked_by_it(catalogue: Catalogue, door: Door) -> None:
    for number in range(8):
        catalogue.add(f"x{number}")
    by_get = [(ref.remote_id, ref.version) for ref in listed(catalogue, door, ask_files=False)]
    assert set(asked(catalogue)) == {"GET"}
    catalogue.server.clear_log()
    catalogue.ways = ["Post"]
    by_post = [(ref.remote_id, ref.version) for ref in listed(catalogue, door, ask_files=False)]
    assert by_post == by_get
    assert asked(catalogue)[0] == "GET"
    assert set(asked(catalogue)[1:]) == {"POST"}


def test_the_question_is_the_same_by_post(catalogue: Catalogue, door: Door) -> None:
    catalogue.add("x")
    catalogue.ways = ["Post"]
    listed(catalogue, door, constraint="AnyText LIKE '%tree%' AND dc:title <> '\"&'", ask_files=False)
    question = etree.fromstring(catalogue.server.log[1][0].get_data())
    assert {**question.attrib} == {
        "service": "CSW", "version": "2.0.2", "resultType": "results", "outputFormat": "application/xml",
        "outputSchema": "http://www.isotc211.org/2005/gmd", "startPosition": "1", "maxRecords": "50",
    }  # fmt: skip
    assert [(etree.QName(one).localname, one.text) for one in question[0]] == [
        ("ElementSetName", "full"), ("Constraint", None)
    ]  # fmt: skip
    assert question[0][1][0].text == "AnyText LIKE '%tree%' AND dc:title <> '\"&'"


def test_another_server_than_the_one_in_the_recipe_is_never_asked(catalogue: Catalogue, door: Door) -> None:
    catalogue.add("x")
    catalogue.ways, catalogue.href = ["Post"], "https://internal.example.org/csw"
    assert [ref.remote_id for ref in listed(catalogue, door)] == ["x"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_question_that_is_sent_on_is_asked_there_again(catalogue: Catalogue, door: Door, status: int) -> None:
    catalogue.add("x")
    catalogue.ways, catalogue.href = ["Post"], catalogue.server.url_for("/old")
    answer = catalogue.list
    catalogue.list = lambda request: (  # type: ignore[method-assign]
        Response(status=status, headers={"Location": "/csw"}) if request.path == "/old" else answer(request)
    )
    assert [ref.remote_id for ref in listed(catalogue, door)] == ["x"]
    assert asked(catalogue)[:3] == ["GET", "POST", "POST"]


@pytest.mark.parametrize(("status", "error"), [(429, IncompleteGather), (500, IncompleteGather), (404, Fatal)])
def test_trouble_by_post_is_the_same_trouble(catalogue: Catalogue, door: Door, status: int, error: Any) -> None:
    catalogue.ways = ["Post"]
    answer = catalogue.list
    catalogue.list = lambda request: (  # type: ignore[method-assign]
        Response(status=status) if request.method == "POST" else answer(request)
    )
    with pytest.raises(error):
        listed(catalogue, door)


@pytest.mark.parametrize("body", ["", "<x/>", '<x xmlns:o="http://www.opengis.net/ows"><o:Operation/></x>', "<html>"])
def test_capabilities_that_say_nothing_of_it_leave_it_at_get(catalogue: Catalogue, door: Door, body: str) -> None:
    catalogue.add("x")
    answer = catalogue.list
    catalogue.list = lambda request: (  # type: ignore[method-assign]
        Response(body) if request.args.get("request") == "GetCapabilities" else answer(request)
    )
    assert [ref.remote_id for ref in listed(catalogue, door)] == ["x"]


def test_an_anchor_of_a_use_constraint_is_the_licence_and_public_access_is_not(
    catalogue: Catalogue, door: Door
) -> None:
    legal = "<gmd:resourceConstraints><gmd:MD_LegalConstraints>{}</gmd:MD_LegalConstraints></gmd:resourceConstraints>"
    use = legal.format(
        "<gmd:useConstraints/><gmd:otherConstraints><gmx:Anchor xlink:href="
        '"http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/">OGL</gmx:Anchor>'
        "</gmd:otherConstraints>"
    )
    access = legal.format(
        "<gmd:accessConstraints/><gmd:otherConstraints><gco:CharacterString>no limitations"
        "</gco:CharacterString></gmd:otherConstraints>"
    )
    assert of(catalogue, door, access).metadata == {}
    assert of(catalogue, door, access + use).metadata == {
        "license": "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
    }


def test_only_links_for_download_are_files(catalogue: Catalogue, door: Door) -> None:
    link = (
        "<gmd:transferOptions><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>https://example.org/{0}</gmd:URL></gmd:linkage>"
        "<gmd:protocol><gco:CharacterString>{1}</gco:CharacterString></gmd:protocol>"
        '<gmd:function><gmd:C codeListValue="{2}"/></gmd:function></gmd:CI_OnlineResource></gmd:transferOptions>'
    )
    links = [("a.csv", "", "download"), ("b.csv", "WWW:DOWNLOAD-1.0-http--download", ""), ("c", "OGC:WMS", ""),
             ("d.csv", "", "information"), ("e.csv", "", "")]  # fmt: skip
    record = of(catalogue, door, distribution="".join(link.format(*facts) for facts in links))
    assert [(file.filename, file.format) for file in record.files] == [("a.csv", "CSV"), ("b.csv", "CSV")]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "document type"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "document type"),
        ('<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows"/>', "no list of records"),
        ("<a><b></a>", "not well-formed"),
        ("<a>" * 5_000, "not well-formed"),
        (RESPONSE.format(matched=9, returned=0, following=0, records=""), "0 of 9"),
    ],
)
def test_a_hostile_or_broken_answer_ends_the_run(catalogue: Catalogue, door: Door, body: str, words: str) -> None:
    catalogue.list_fault = Response(body)
    with pytest.raises(Exception, match=words) as caught:
        listed(catalogue, door)
    assert words == "0 of 9" or caught.type is Fatal


# -- real records


@pytest.mark.parametrize(
    ("name", "title", "publisher", "frequency"),
    [
        ("gemini2.1-waf/wales1.xml", "World Heritage Sites in Wales", "CADW", "AS_NEEDED"),
        ("gemini2.1-waf/wales2.xml", "Country Parks", "", "AS_NEEDED"),
        ("gemini2.1/dataset1.xml", "Country Parks", "Scottish Natural Heritage", "IRREG"),
        ("gemini2.1/validation/04_Dataset_Valid.xml", "Test Record 04", "Centre for Ecology", "NOT_PLANNED"),
        ("gemini2.1/validation/08_Series_Valid.xml", "Test Record 08", "Centre for Ecology", "NOT_PLANNED"),
        ("iso19139/dataset.xml", "Country Parks", "Scottish Natural Heritage", "IRREG"),
    ],
)
def test_a_real_gemini_record_is_read(
    catalogue: Catalogue, door: Door, cases: Path, name: str, title: str, publisher: str, frequency: str
) -> None:
    (record,) = real(catalogue, door, cases, name)
    assert title.lower() in record.title.lower()
    assert publisher in record.metadata.get("publisher", "")
    assert record.metadata["accrualPeriodicity"] == frequency
    assert record.metadata["spatial"]["type"] == "Polygon"
    assert record.notes
    json.dumps(record.metadata)


def test_a_real_records_licence_and_download_are_those_it_states(catalogue: Catalogue, door: Door, cases: Path) -> None:
    (record,) = real(catalogue, door, cases, "gemini2.1/dataset1.xml")
    stated = ["Copyright Scottish Natural Heritage", "Reference and PSMA Only", "http://www.test.gov.uk/licenseurl"]
    assert record.metadata["license"].split("; ") == stated
    assert [file.url for file in record.files] == ["https://gateway.snh.gov.uk/pls/apex_ddtdb2/f?p=101"]


def test_a_real_record_of_a_service_is_no_dataset(catalogue: Catalogue, door: Door, cases: Path) -> None:
    assert real(catalogue, door, cases, "gemini2.1/service1.xml") == []
