"""A data package as a world: it holds one dataset, so what needs a second one cannot be asked."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World


class Package(World):
    """A web server with a datapackage.json and one CSV file."""

    kind = "datapackage"
    path = "/trees/datapackage.json"
    cannot: ClassVar = dict.fromkeys(
        [
            "test_a_list_can_be_read_twice_by_the_same_source",
            "test_a_list_that_breaks_off_in_the_middle_is_incomplete",
            "test_a_list_that_goes_round_in_a_circle_ends_with_an_error",
            "test_a_list_that_was_left_in_its_middle_is_read_anew_in_full",
            "test_a_record_listed_again_never_counts_as_another",
            "test_a_record_that_vanishes_after_it_was_listed_is_gone_or_as_it_was",
            "test_a_record_that_vanishes_is_no_longer_listed",
            "test_an_answer_about_another_record_never_becomes_this_one",
            "test_an_id_that_looks_like_a_path_stays_what_it_is",
            "test_an_odd_id_stays_what_it_is_and_leads_to_its_own_file",
            "test_each_step_can_be_done_by_another_process",
            "test_every_record_of_many_pages_is_listed_once",
            "test_the_cursor_of_another_source_does_no_harm",
        ],
        "a data package is one dataset, and one document",
    )

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.package: dict[str, Any] = {"resources": []}
        self.files: dict[str, bytes] = {}
        self.empty: dict[str, Any] = {}

    def is_file(self, request: Request) -> bool:
        return request.path != self.path

    def list(self, request: Request) -> Response:
        return Response(json.dumps(self.package), content_type="application/json")

    def file(self, request: Request) -> Response:
        name = request.path.removeprefix("/trees/")
        if name not in self.files:
            return Response("gone", 404)
        response = Response(self.files[name], content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)

    def add(self, id_: str, **facts: Any) -> None:
        if "id" in self.package:
            raise NotImplementedError
        self.files["data.csv"] = b"a,b\r\n1,2\r\n"
        schema = {"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}]}
        resource = {"name": "data", "path": "data.csv", "format": "csv", "schema": schema}
        self.package = {"id": id_, "name": id_, "resources": [resource]} | self.empty
        self.change(id_, **facts)

    def change(self, id_: str, **facts: Any) -> None:
        self.package |= {{"notes": "description"}.get(name, name): value for name, value in facts.items()}

    def change_file(self, id_: str) -> None:
        self.files["data.csv"] += b"3,4\r\n"

    def remove(self, id_: str) -> None:
        self.package = {"resources": []}

    def repeat(self, id_: str) -> None:
        raise NotImplementedError

    def break_off(self) -> None:
        raise NotImplementedError

    def go_round(self) -> None:
        raise NotImplementedError

    def garble(self) -> Response:
        return Response('{"name": "x1", "resources": [{"name": "data" "path": "a comma is missing"}]}')

    def blank(self) -> None:
        names = ("name", "title", "description", "keywords", "licenses", "contributors", "created", "homepage")
        self.empty = dict.fromkeys(names)
