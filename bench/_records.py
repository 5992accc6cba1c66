"""Lists of many records for each kind of source that can have them, made up page by page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Query = dict[str, str]

# kinds that have no long list: why
WITHOUT = {
    "arcgis": "a service has few layers",
    "datapackage": "one record",
    "file": "one record",
    "opendatasoft": "its interface ends at 10,000 datasets",
    "sftp": "listed by another protocol",
    "socrata": "its catalogue ends at 10,000 datasets",
}


def _numbers(query: Query, start: str, size: str, count: int, most: int = 1_000) -> range:
    """The records on a page, by the names of the query's two numbers."""
    begin = int(query.get(start, "0"))
    return range(begin, min(begin + min(int(query.get(size, most)), most), count))


def ckan(path: str, query: Query, base: str, count: int) -> str:
    page = _numbers(query, "start", "rows", count)
    found = [{"id": f"{n:08}", "title": f"Dataset {n}", "metadata_modified": "2026-03-01T00:00:00", "state": "active",
              "capacity": "public", "res_url": [f"{base}/{n}.csv"]} for n in page]  # fmt: skip
    return json.dumps({"success": True, "result": {"count": count, "results": found}})


def csv_index(path: str, query: Query, base: str, count: int) -> str:
    return "id,title,url\r\n" + "".join(f"{n},File {n},files/{n}.csv\r\n" for n in range(count))


def csw(path: str, query: Query, base: str, count: int) -> str:
    if query["request"] != "GetRecords":
        return "<x/>"
    begin = int(query["startPosition"]) - 1
    page = range(begin, min(begin + int(query["maxRecords"]), count))
    text = "<gmd:{0}><gco:CharacterString>{1}</gco:CharacterString></gmd:{0}>"
    records = "".join(
        f"<gmd:MD_Metadata>{text.format('fileIdentifier', n)}<gmd:identificationInfo><gmd:MD_DataIdentification>"
        f"<gmd:citation><gmd:CI_Citation>{text.format('title', f'Record {n}')}</gmd:CI_Citation></gmd:citation>"
        f"{text.format('abstract', 'What is known. ' * 20)}</gmd:MD_DataIdentification></gmd:identificationInfo>"
        "</gmd:MD_Metadata>"
        for n in page
    )
    return (
        '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" '
        'xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco">'
        f'<csw:SearchResults numberOfRecordsMatched="{count}">{records}</csw:SearchResults></csw:GetRecordsResponse>'
    )


def data_json(path: str, query: Query, base: str, count: int) -> Iterator[str]:
    yield '{"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": ['
    for n in range(count):
        yield ("," if n else "") + json.dumps(
            {"identifier": f"id-{n}", "title": f"Dataset {n}", "description": "What is known. " * 20,
             "modified": "2026-03-01", "keyword": ["air", "no2"], "publisher": {"name": "Aberfal"},
             "distribution": [{"downloadURL": f"{base}/{n}.csv", "mediaType": "text/csv"}]}
        )  # fmt: skip
    yield "]}"


def dcat(path: str, query: Query, base: str, count: int) -> str:
    page = _numbers(query, "start", "rows", count)
    following = f"<> h:next <{base}/catalog?start={page.stop}> ." if page.stop < count else ""
    return (
        "@prefix d: <http://www.w3.org/ns/dcat#> . @prefix t: <http://purl.org/dc/terms/> . "
        f"@prefix h: <http://www.w3.org/ns/hydra/core#> .\n{following}\n"
    ) + "".join(
        f'<{base}/{n}> a d:Dataset ; t:title "Dataset {n}"@en ; t:description "What is known."@en ; '
        f't:identifier "{n}" ; d:keyword "air", "no2" ; t:publisher [ t:title "Aberfal" ] ; '
        f"d:distribution [ d:downloadURL <{base}/{n}.csv> ] .\n"
        for n in page
    )


def ngsi_ld(path: str, query: Query, base: str, count: int) -> str:
    if path.endswith("/types"):
        return json.dumps({"typeList": ["Tree"]})
    page = _numbers(query, "offset", "limit", count)
    return json.dumps(
        [{"id": f"urn:tree:{n}", "type": "Tree", "height": {"type": "Property", "value": n}} for n in page]
    )


def s3(path: str, query: Query, base: str, count: int) -> str:
    page = _numbers({**query, "start": query.get("continuation-token", "0")}, "start", "max-keys", count)
    more = page.stop < count
    items = "".join(
        f"<Contents><Key>{n}.csv</Key><LastModified>2026-03-01T10:00:00.000Z</LastModified><ETag>e{n}</ETag>"
        f"<Size>{n}</Size></Contents>" for n in page
    )  # fmt: skip
    token = f"<NextContinuationToken>{page.stop}</NextContinuationToken>" if more else ""
    return f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{items}</ListBucketResult>"


def sensorthings(path: str, query: Query, base: str, count: int) -> str:
    if path.endswith("/v1.1"):
        return json.dumps({"value": []})
    page = _numbers(query, "$skip", "$top", count)
    things = [{"@iot.id": n, "name": f"Thing {n}", "description": "A sensor", "Locations": [],
               "Datastreams": [{"@iot.id": n, "name": "NO2", "phenomenonTime": "2026-03-01T00:00:00Z",
                                "ObservedProperty": {"name": "NO2"}}]} for n in page]  # fmt: skip
    link = {"@iot.nextLink": f"{base}/v1.1/Things?$skip={page.stop}"} if page.stop < count else {}
    return json.dumps({"value": things, **link})


def web_folder(path: str, query: Query, base: str, count: int) -> str:
    rows = "".join(f'<a href="{n}.csv">{n}.csv</a> 01-Mar-2026 10:00 {n}\n' for n in range(count))
    return f"<title>Index of /</title><pre>{rows}</pre>"


MANY: dict[str, tuple[Callable[..., Any], str, dict[str, Any]]] = {
    "ckan": (ckan, "/", {"ask_files": False}),
    "csv-index": (csv_index, "/index.csv", {}),
    "csw": (csw, "/csw", {"ask_files": False}),
    "data-json": (data_json, "/data.json", {"ask_files": False}),
    "dcat": (dcat, "/catalog", {"ask_files": False}),
    "ngsi-ld": (ngsi_ld, "/", {"dataset": "entity"}),
    "s3": (s3, "/bucket/", {}),
    "sensorthings": (sensorthings, "/v1.1", {}),
    "web-folder": (web_folder, "/files/", {}),
}


def serve(kind: str, count: int, pipe: Any) -> None:
    """Runs a server with so many records until its process is ended."""
    answer = MANY[kind][0]

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer goes out in one piece, as real servers send it

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            body = answer(url.path, query, f"http://{self.headers['Host']}", count)
            raw = (body if isinstance(body, str) else "".join(body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    pipe.send(server.server_port)
    server.serve_forever()


def gather(kind: str, port: int) -> int:
    """How many records the source lists."""
    from ckanext.digitalcity.core.model import Recipe
    from ckanext.digitalcity.harvesters.http import Http
    from ckanext.digitalcity.harvesters.registry import make

    _, path, options = MANY[kind]
    address = f"http://127.0.0.1:{port}{path}"
    recipe = Recipe(name="b", title="B", kind=kind, address=address, organisation="o", options=options)
    return sum(1 for _ in make(recipe, Http(allowed=[f"127.0.0.1:{port}"])).gather())
