"""ArcGIS portals: the services that a search finds, and what their items say of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from world_arcgis import ROOT, Service, answer, error

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, RecipeError, Skippable
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.arcgis import ArcGIS
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]


class Portal:
    """A portal that finds three items at a time, of a search that it does not look at."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.items: list[Any] = []
        self.asked: list[dict[str, str]] = []
        self.total: int | None = None

    def __call__(self, request: Request) -> Response:
        assert request.path == "/portal/sharing/rest/search"
        self.asked.append(request.args.to_dict())
        start, most = int(request.args["start"]), min(3, int(request.args["num"]))
        page = self.items[start - 1 : start - 1 + most]
        following = start + most if start - 1 + most < len(self.items) else -1
        total = len(self.items) if self.total is None else self.total
        return answer({"total": total, "start": start, "num": most, "nextStart": following, "results": page})

    def add(self, id_: str, url: str = ROOT, **facts: Any) -> None:
        address = url if "://" in url else self.server.url_for(url)
        self.items.append({"id": id_, "title": f"Item {id_}", "type": "Feature Service", "url": address, **facts})


@pytest.fixture
def service(httpserver: HTTPServer) -> Service:
    """A service with two layers."""
    service = Service(httpserver)
    service.add(0, title="Trees")
    service.add(3, title="Benches")
    return service


@pytest.fixture
def portal(service: Service) -> Portal:
    portal = Portal(service.server)
    service.portal = portal
    return portal


def source(portal: Portal, service: Service, door: Door, **options: Any) -> ArcGIS:
    address = portal.server.url_for("/portal/sharing/rest")
    return ArcGIS(service.recipe(address=address, options={"search": "orgid:AbC", **options}), door())


def listed(portal: Portal, service: Service, door: Door, **options: Any) -> dict[str, Ref]:
    refs = list(source(portal, service, door, **options).gather())
    assert len({ref.remote_id for ref in refs}) == len(refs)
    return {r.remote_id: Ref(r.remote_id, r.version, r.title, json.loads(json.dumps(r.hint))) for r in refs}


def fetched(portal: Portal, service: Service, door: Door, **options: Any) -> dict[str, Record]:
    one = source(portal, service, door, **options)
    return {id_: one.fetch(ref, None) for id_, ref in listed(portal, service, door, **options).items()}


def test_a_dataset_is_a_layer_of_an_item(portal: Portal, service: Service, door: Door) -> None:
    portal.add("abc", title="Parks")
    found = fetched(portal, service, door)
    assert {id_: record.title for id_, record in found.items()} == {
        "abc/0": "Parks: Trees", "abc/3": "Parks: Benches"
    }  # fmt: skip
    (file,) = found["abc/0"].files
    assert file.url.startswith(service.server.url_for(ROOT))
    assert b"".join(file.read()).count(b"\n") >= 2


def test_an_item_of_one_layer_has_the_title_of_the_item(portal: Portal, service: Service, door: Door) -> None:
    portal.add("abc", f"{ROOT}/3", title="Where to sit")
    portal.add("def", f"{ROOT.replace('Feature', 'feature')}/", title="All")
    found = listed(portal, service, door)
    assert found["abc/3"].title == "Where to sit"
    assert "abc/0" not in found


def test_what_the_item_says_is_read_and_nothing_is_made_up(portal: Portal, service: Service, door: Door) -> None:
    licence = '<a href="https://creativecommons.org/licenses/by/4.0/?a=1&amp;b=2">CC BY 4.0</a>, as always'
    portal.add("abc", f"{ROOT}/0", licenseInfo=licence, tags=["Trees", "parks", None], snippet="Short",
               description="<p>All <b>trees</b></p>", accessInformation="Aberfal Council", owner="a.who")  # fmt: skip
    record = fetched(portal, service, door)["abc/0"]
    assert record.metadata["license"] == "https://creativecommons.org/licenses/by/4.0/?a=1&b=2"
    assert record.metadata["keyword"] == ["Trees", "parks"]
    assert record.notes.startswith("All trees")
    assert "Aberfal Council" in record.notes
    assert "a.who" not in json.dumps([record.metadata, record.notes])
    portal.items[0] |= {"licenseInfo": "Ask us.", "description": None}
    record = fetched(portal, service, door)["abc/0"]
    assert (record.metadata["license"], record.notes[:5]) == ("Ask us.", "Short")
    portal.items[0] |= {"licenseInfo": None, "tags": None, "snippet": None, "accessInformation": None}
    assert set(fetched(portal, service, door)["abc/0"].metadata) <= {"modified"}


def test_a_version_changes_with_the_item_and_with_the_layer(portal: Portal, service: Service, door: Door) -> None:
    portal.add("abc", f"{ROOT}/0")
    versions = [listed(portal, service, door)["abc/0"].version for _ in range(2)]
    portal.items[0]["tags"] = ["new"]
    versions.append(listed(portal, service, door)["abc/0"].version)
    service.change(0, title="Other trees")
    versions.append(listed(portal, service, door)["abc/0"].version)
    assert versions[0] == versions[1] is not None
    assert len(set(versions)) == 3


def test_all_pages_are_read_and_the_search_asks_for_services_alone(
    portal: Portal, service: Service, door: Door
) -> None:
    for number in range(8):
        portal.add(f"i{number}", f"{ROOT}/0")
    assert sorted(listed(portal, service, door)) == [f"i{number}/0" for number in range(8)]
    assert portal.asked[0]["q"] == '(orgid:AbC) AND (type:"Feature Service" OR type:"Map Service")'
    assert {query["f"] for query in portal.asked} == {"json"}


@pytest.mark.parametrize(
    "item",
    [None, {}, {"id": "x"}, {"id": "x", "url": None}, {"id": "x", "url": "ftp://example.org/a/FeatureServer"},
     {"id": "x", "url": "https://example.org/a/ImageServer"}, {"id": "x", "url": "https://example.org/a/MapServer?x=1"},
     {"id": None, "url": "https://example.org/a/MapServer"}],
)  # fmt: skip
def test_what_is_no_service_with_layers_is_left_out(portal: Portal, service: Service, door: Door, item: Any) -> None:
    portal.items.append(item)
    portal.add("abc", f"{ROOT}/0")
    assert list(listed(portal, service, door)) == ["abc/0"]


def test_a_service_that_cannot_be_read_hides_no_other_and_is_reported(
    portal: Portal, service: Service, door: Door
) -> None:
    portal.add("gone", "/portal/nosuch/FeatureServer", title="Gone")
    portal.add("abc", f"{ROOT}/0")
    plain = service.portal
    service.portal = lambda request: error(400, "Invalid URL") if "nosuch" in request.path else plain(request)
    refs = listed(portal, service, door)
    assert sorted(refs) == ["abc/0", "gone"]
    with pytest.raises(Skippable):
        source(portal, service, door).fetch(refs["gone"], None)


def test_a_service_in_trouble_makes_the_list_incomplete(portal: Portal, service: Service, door: Door) -> None:
    portal.add("ill", "/portal/ill/FeatureServer")
    plain = service.portal
    service.portal = lambda request: Response(status=503) if "/ill/" in request.path else plain(request)
    with pytest.raises(IncompleteGather):
        listed(portal, service, door)


def test_a_search_that_finds_more_than_can_be_paged_is_not_read_in_part(
    portal: Portal, service: Service, door: Door
) -> None:
    portal.add("abc")
    portal.total = 10_001
    with pytest.raises(IncompleteGather, match="more than 10000"):
        listed(portal, service, door)


def test_a_list_that_ends_before_its_own_total_is_incomplete(portal: Portal, service: Service, door: Door) -> None:
    portal.add("abc", f"{ROOT}/0")
    portal.total = 9
    with pytest.raises(IncompleteGather):
        listed(portal, service, door)


def test_an_address_that_is_no_portal_needs_a_person(portal: Portal, service: Service, door: Door) -> None:
    service.portal = lambda request: answer({"results": 7})
    with pytest.raises(Fatal):
        listed(portal, service, door)


@pytest.mark.parametrize("search", ["", " ", 7, ["x"]])
def test_a_search_that_is_none_is_refused(portal: Portal, service: Service, door: Door, search: Any) -> None:
    with pytest.raises(RecipeError, match="search"):
        source(portal, service, door, search=search)
