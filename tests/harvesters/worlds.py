"""One small world for each kind of source: the same records and mishaps, served over real loopback HTTP.

A new kind of source passes the contract suite once it has a world, here or in a ``world_KIND.py`` beside it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import unquote

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.demo.sensorthings_server import create_app

WORLDS: dict[str, type[World]] = {}  # by kind; filled as the classes are defined
PAGE = "<!DOCTYPE html><html><title>Back soon</title></html>"


class World(ABC):
    """A source in which records can appear, change and vanish, and whose server can be made to fail.

    Attributes:
        cannot: tests of the contract that cannot be asked of this kind, each with the reason.
        secrets: what the door must know to be let in.
        list_fault, file_fault: answer given instead of the list or a record, or instead of the files.
    """

    kind: ClassVar[str]
    cannot: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        WORLDS[cls.kind] = cls

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.secrets: dict[str, dict[str, str]] = {}
        self.list_fault: Response | None = None
        self.file_fault: Response | None = None
        server.expect_request(re.compile(".*")).respond_with_handler(self._answer)

    def recipe(self, **changes: Any) -> Recipe:
        """A recipe for this source."""
        facts: dict[str, Any] = {"name": "test", "title": "Test", "kind": self.kind, "organisation": "aberfal",
                                 "address": self.server.url_for(self.path)}  # fmt: skip
        return Recipe(**{**facts, **changes})

    def close(self) -> None:  # noqa: B027 - most have nothing to end
        """Ends whatever else was started."""

    def _answer(self, request: Request) -> Response:
        is_file = self.is_file(request)
        fault = self.file_fault if is_file else self.list_fault
        return fault or (self.file(request) if is_file else self.list(request))

    path: ClassVar[str]

    @abstractmethod
    def is_file(self, request: Request) -> bool:
        """Whether a file is asked for, or its data; else it is the list or a record."""

    @abstractmethod
    def list(self, request: Request) -> Response:
        """The list of records, or one of them."""

    @abstractmethod
    def file(self, request: Request) -> Response:
        """A file."""

    @abstractmethod
    def add(self, id_: str, **facts: Any) -> None:
        """Adds a record with one file. ``facts`` go into the record as they are."""

    @abstractmethod
    def change(self, id_: str, **facts: Any) -> None:
        """Changes what the record says."""

    @abstractmethod
    def change_file(self, id_: str) -> None:
        """Changes the file alone."""

    @abstractmethod
    def remove(self, id_: str) -> None:
        """Takes the record away."""

    @abstractmethod
    def repeat(self, id_: str) -> None:
        """Lists the record a second time."""

    @abstractmethod
    def break_off(self) -> None:
        """Lets the list break off in its middle."""

    @abstractmethod
    def go_round(self) -> None:
        """Lets the list lead back to its own beginning."""

    @abstractmethod
    def garble(self) -> Response:
        """What looks like the list and is none."""

    @abstractmethod
    def blank(self) -> None:
        """Adds records in which everything is empty."""


class Things(World):
    """A SensorThings service with three Things a page and two Observations."""

    kind = "sensorthings"
    path = "/v1.1"

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.data: dict[str, Any] = {"Things": []}
        self.broken_page = self.round = False
        self.app = create_app(self.data, page_size=3)

    def is_file(self, request: Request) -> bool:
        return request.path.endswith("/Observations") and "$top" not in request.args

    def list(self, request: Request) -> Response:
        later = request.path == "/v1.1/Things" and "$skip" in request.args
        if later and self.broken_page:
            return Response("out of order", 500)
        response: Response = Response.from_app(self.app, request.environ)
        if later and self.round:
            page = json.loads(response.get_data())
            return Response(json.dumps({**page, "@iot.nextLink": self.server.url_for("/v1.1/Things?%24skip=3")}))
        return response

    def file(self, request: Request) -> Response:
        return Response.from_app(self.app, request.environ)

    def add(self, id_: str, **facts: Any) -> None:
        stream = {
            "@iot.id": f"{id_}-no2",
            "name": "NO2",
            "description": "Nitrogen dioxide",
            "unitOfMeasurement": {"name": "microgram per cubic metre", "symbol": "ug/m3"},
            "ObservedProperty": {"name": "Nitrogen dioxide"},
            "Sensor": {"name": "Sensor"},
            "Observations": [
                {"@iot.id": 1, "phenomenonTime": "2026-03-01T00:00:00Z", "resultTime": None, "result": 11.5},
                {"@iot.id": 2, "phenomenonTime": "2026-03-01T01:00:00Z", "resultTime": None, "result": 12},
            ],
        }
        place = {"@iot.id": id_, "name": "Here", "location": {"type": "Point", "coordinates": [-4.3, 52.3]}}
        thing = {"@iot.id": id_, "name": f"Thing {id_}", "description": "A sensor", "properties": {},
                 "Locations": [place], "Datastreams": [stream]}  # fmt: skip
        self.data["Things"].append({**thing, **_named(facts, title="name", notes="description")})

    def _thing(self, id_: str) -> dict[str, Any]:
        return next(thing for thing in self.data["Things"] if thing["@iot.id"] == id_)

    def change(self, id_: str, **facts: Any) -> None:
        self._thing(id_).update(_named(facts, title="name", notes="description"))

    def change_file(self, id_: str) -> None:
        self._thing(id_)["Datastreams"][0]["Observations"].append(
            {"@iot.id": 3, "phenomenonTime": "2026-03-01T02:00:00Z", "resultTime": None, "result": 13}
        )

    def remove(self, id_: str) -> None:
        self.data["Things"].remove(self._thing(id_))

    def repeat(self, id_: str) -> None:
        self.data["Things"].append(dict(self._thing(id_)))

    def break_off(self) -> None:
        self.broken_page = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response('{"value": [{"@iot.id": 1 "name": "a comma is missing"}]}')

    def blank(self) -> None:
        empty = {"name": None, "description": None, "properties": None}
        self.data["Things"] += [
            {"@iot.id": "a", **empty, "Locations": [], "Datastreams": []},
            {"@iot.id": "b", **empty, "Locations": [{"@iot.id": 1, "location": None}], "Datastreams": []},
            {"@iot.id": "c", **empty, "Locations": [{"@iot.id": 2}], "Datastreams": [
                {"@iot.id": "d", "name": None, "unitOfMeasurement": None, "ObservedProperty": None, "Sensor": None,
                 "Observations": [{"phenomenonTime": "2026-03-01T00:00:00Z", "result": None, "resultQuality": None}]}]},
        ]  # fmt: skip


class Index(World):
    """A council's web server with an index in CSV."""

    kind = "csv-index"
    path = "/data/index.csv"
    columns = ("id", "title", "description", "url", "format", "licence", "modified", "keywords")

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.rows: list[dict[str, str]] = []
        self.files: dict[str, bytes] = {}
        self.extra: tuple[str, ...] = ()
        self.cut = self.round = False

    def is_file(self, request: Request) -> bool:
        return "/files/" in request.path

    def list(self, request: Request) -> Response:
        if self.round:
            return Response(status=302, headers={"Location": self.path})
        text = io.StringIO()
        writer = csv.DictWriter(text, (*self.columns, *self.extra), restval="")
        writer.writeheader()
        writer.writerows(self.rows)
        body = text.getvalue().encode()
        if self.cut:
            return Response(gzip.compress(body)[:-12], headers={"Content-Encoding": "gzip"})
        return Response(body, content_type="text/csv")

    def file(self, request: Request) -> Response:
        name = unquote(request.path.rpartition("/")[2])
        if name not in self.files:
            return Response("gone", 404)
        response = Response(self.files[name], content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)

    def add(self, id_: str, **facts: Any) -> None:
        self.files[f"{id_}.csv"] = b"a,b\r\n1,2\r\n"
        row = {"id": id_, "title": f"File {id_}", "description": "A file", "url": f"files/{id_}.csv", "format": "CSV"}
        self.rows.append({**row, **_named(facts, notes="description")})
        self.extra = tuple({*self.extra, *facts} - {*self.columns, "notes"})

    def _row(self, id_: str) -> dict[str, str]:
        return next(row for row in self.rows if row["id"] == id_)

    def change(self, id_: str, **facts: Any) -> None:
        self._row(id_).update(_named(facts, notes="description"))

    def change_file(self, id_: str) -> None:
        self.files[f"{id_}.csv"] += b"3,4\r\n"

    def remove(self, id_: str) -> None:
        self.rows.remove(self._row(id_))

    def repeat(self, id_: str) -> None:
        self.rows.append(dict(self._row(id_)))

    def break_off(self) -> None:
        self.cut = True

    def go_round(self) -> None:
        self.round = True

    def garble(self) -> Response:
        return Response(b'id,url\n1,"' + b"x" * 200_000)

    def blank(self) -> None:
        self.rows += [{}, {"id": "x", "url": "files/x.csv"}, {"url": "files/y.csv"}]
        self.files |= {"x.csv": b"", "y.csv": b"a\n"}


def _named(facts: dict[str, Any], **names: str) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in facts.items()}
