"""CKAN portals: lists that shift while they are read, what datasets state, and answers of real portals."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from world_ckan import Portal

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather, RecipeError, Skippable
from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters import versions
from ckanext.digitalcity.harvesters.ckan import CKAN
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]


@pytest.fixture
def portal(httpserver: HTTPServer) -> Portal:
    world = Portal(httpserver)
    for number in range(8):
        world.add(f"d{number}")
    return world


def source(portal: Portal, door: Door, **options: Any) -> CKAN:
    return CKAN(portal.recipe(options=options), door())


def listed(portal: Portal, door: Door, **options: Any) -> dict[str, Ref]:
    return {ref.remote_id: ref for ref in source(portal, door, **options).gather()}


def fetched(portal: Portal, door: Door, id_: str = "d1", **options: Any) -> Record:
    return source(portal, door, **options).fetch(Ref(id_), None)


def while_reading(portal: Portal, number: int, change: Callable[[], None]) -> None:
    """Lets something happen to the portal just before the search is asked for the nth time."""
    answer = portal._search

    def later(request: Request) -> Response:
        if len(portal.asked) == number - 1:
            change()
        return answer(request)

    portal._search = later  # type: ignore[method-assign]


# -- the list


def test_pages_overlap_by_one_dataset(portal: Portal, door: Door) -> None:
    assert len(listed(portal, door)) == 8
    assert portal.asked == [0, 2, 4, 6, 7]


def test_a_dataset_deleted_while_the_list_is_read_hides_no_other(portal: Portal, door: Door) -> None:
    while_reading(portal, 3, lambda: portal.remove("d0"))
    assert {f"d{number}" for number in range(1, 8)} <= set(listed(portal, door))
    assert portal.asked[:4] == [0, 2, 4, 1]


def test_a_dataset_created_while_the_list_is_read_hides_no_other(portal: Portal, door: Door) -> None:
    while_reading(portal, 3, lambda: portal.add("a"))
    assert {f"d{number}" for number in range(8)} <= set(listed(portal, door))


def test_a_list_that_never_stands_still_is_incomplete(portal: Portal, door: Door) -> None:
    names = iter(f"c{number:03}" for number in range(999))
    answer = portal._search

    def busy(request: Request) -> Response:
        if request.args["start"] != "0":
            portal.add(next(names))
        return answer(request)

    portal._search = busy  # type: ignore[method-assign]
    with pytest.raises(IncompleteGather, match="changes faster"):
        listed(portal, door)


def test_a_list_shorter_than_its_total_is_incomplete(portal: Portal, door: Door) -> None:
    portal.total = 9
    with pytest.raises(IncompleteGather, match="8 of 9"):
        listed(portal, door)


@pytest.mark.parametrize("total", [0, 3, -1, "8", None, 7.5])
def test_a_total_that_says_too_little_ends_nothing_early(portal: Portal, door: Door, total: Any) -> None:
    portal.total = total
    assert len(listed(portal, door)) == 8


def test_portals_that_give_whole_datasets_list_the_same(portal: Portal, door: Door) -> None:
    names = {id_: (ref.version, ref.title) for id_, ref in listed(portal, door).items()}
    portal.plain = True
    assert {id_: (ref.title) for id_, ref in listed(portal, door).items()} == {i: t for i, (_, t) in names.items()}
    assert all(ref.version for ref in listed(portal, door).values())


@pytest.mark.parametrize("plain", [True, False])
def test_private_and_deleted_datasets_are_left_out(portal: Portal, door: Door, plain: bool) -> None:
    portal.plain = plain
    portal.dataset("d1")["private"] = True
    portal.dataset("d2")["state"] = "deleted"
    portal.dataset("d3")["state"] = "draft"
    assert sorted(listed(portal, door)) == ["d0", "d4", "d5", "d6", "d7"]


def test_a_dataset_that_became_private_since_is_not_fetched(portal: Portal, door: Door) -> None:
    portal.dataset("d1")["private"] = True
    with pytest.raises(Skippable, match="private or deleted") as caught:
        fetched(portal, door)
    assert caught.value.reason == "not-public"


def asked(portal: Portal) -> list[str]:
    """The actions that were asked for, in turn."""
    return [request.path.rpartition("/")[2] for request, _ in portal.server.log]


def test_datasets_that_are_expected_are_read_with_one_request(portal: Portal, door: Door) -> None:
    kind = source(portal, door)
    kind.expect([Ref("d1"), Ref("d2"), Ref("d3")])
    together = [kind.fetch(Ref(id_), None) for id_ in ("d1", "d2", "d3")]
    assert asked(portal) == ["package_search"]
    alone = [source(portal, door).fetch(Ref(id_), None) for id_ in ("d1", "d2", "d3")]
    assert asked(portal)[1:] == ["package_show"] * 3
    for one, other in zip(together, alone, strict=True):
        assert (one.remote_id, one.title, one.notes, one.metadata) == (
            other.remote_id, other.title, other.notes, other.metadata
        )  # fmt: skip
        assert [file.key for file in one.files] == [file.key for file in other.files]


def test_each_answer_counts_once_so_that_a_second_try_reads_anew(portal: Portal, door: Door) -> None:
    kind = source(portal, door)
    kind.expect([Ref("d1"), Ref("d2")])
    assert kind.fetch(Ref("d1"), None).title == "Dataset d1"
    portal.change("d1", title="Another")
    assert kind.fetch(Ref("d1"), None).title == "Another"
    portal.change("d2", title="Another, too")
    kind.expect([Ref("d2")])
    assert kind.fetch(Ref("d2"), None).title == "Another, too", "an answer that was not used is forgotten"


def test_what_the_search_does_not_give_is_asked_for_by_itself(portal: Portal, door: Door) -> None:
    portal.dataset("d2")["private"] = True
    kind = source(portal, door)
    kind.expect([Ref("d1"), Ref("d2"), Ref("gone")])
    assert kind.fetch(Ref("d1"), None).title == "Dataset d1"
    with pytest.raises(Skippable, match="private or deleted"):
        kind.fetch(Ref("d2"), None)
    with pytest.raises(Skippable) as caught:
        kind.fetch(Ref("gone"), None)
    assert caught.value.reason == "file-gone"


def test_a_portal_whose_search_by_id_fails_is_not_asked_again_in_vain(portal: Portal, door: Door) -> None:
    portal.by_id = Response("no", 400)
    kind = source(portal, door)
    for ids in (("d1", "d2"), ("d3", "d4")):
        kind.expect([Ref(id_) for id_ in ids])
        assert [kind.fetch(Ref(id_), None).remote_id for id_ in ids] == list(ids)
    assert asked(portal) == ["package_search", *["package_show"] * 4]


@pytest.mark.parametrize("fault", [Response("no", 500), Response("no", 400), Portal.answer([]), Portal.answer(None)])
def test_a_portal_that_cannot_search_by_id_is_asked_for_each(portal: Portal, door: Door, fault: Response) -> None:
    portal.by_id = fault
    kind = source(portal, door)
    kind.expect([Ref("d1"), Ref("d2")])
    assert [kind.fetch(Ref(id_), None).title for id_ in ("d1", "d2")] == ["Dataset d1", "Dataset d2"]
    assert asked(portal)[-2:] == ["package_show"] * 2


def test_an_id_that_means_something_to_the_search_is_never_put_into_one(portal: Portal, door: Door) -> None:
    portal.add("a) OR (id:*")
    kind = source(portal, door)
    kind.expect([Ref("a) OR (id:*"), Ref("d1"), Ref("OR")])
    assert kind.fetch(Ref("a) OR (id:*"), None).title == "Dataset a) OR (id:*"
    assert asked(portal) == ["package_show"]


def test_an_answer_without_success_is_no_list(portal: Portal, door: Door) -> None:
    portal.list_fault = Response(json.dumps({"success": False, "result": {"count": 0, "results": []}}))
    with pytest.raises(Fatal, match="success: false"):
        listed(portal, door)


def test_another_dataset_than_was_asked_for_is_not_taken(portal: Portal, door: Door) -> None:
    portal.list_fault = Portal.answer({"id": "d2", "title": "Other"})
    with pytest.raises(Skippable, match="not the dataset"):
        fetched(portal, door)


def test_the_filter_goes_to_the_portal_as_it_is_written(portal: Portal, door: Door) -> None:
    listed(portal, door, filter="organization:aberfal groups:air")
    queries = [request.args.get("fq") for request, _ in portal.server.log if "package_search" in request.path]
    assert set(queries) == {"organization:aberfal groups:air"}


def test_an_address_may_name_the_api_itself(portal: Portal, door: Door) -> None:
    address = portal.server.url_for("/api/3/action")
    assert len(list(CKAN(portal.recipe(address=address), door()).gather())) == 8


PEAK = """
import sys
from pathlib import Path
from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.harvesters.ckan import CKAN
from ckanext.digitalcity.harvesters.http import Http
recipe = Recipe("x", "X", "ckan", sys.argv[1], "x", options={"ask_files": False})
count = sum(1 for _ in CKAN(recipe, Http(allowed=["127.0.0.0/8", "::1/128"])).gather())
print(count, Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.slow
def test_a_list_of_100_000_datasets_is_read_in_100_megabytes_of_memory(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        start, rows = int(request.args["start"]), int(request.args["rows"])
        ids = range(start, min(start + rows, 100_000))
        results = [
            {"id": f"{n:08}-a68f-485f-8d36-9cb08633a561", "title": f"Dataset {n}", "state": "active",
             "metadata_modified": f"2026-03-01T08:00:00.{n:06}Z", "res_url": ["https://example.org/x.csv"] * 5}
            for n in ids
        ]  # fmt: skip
        return Portal.answer({"count": 100_000, "results": results})

    httpserver.expect_request("/api/3/action/package_search").respond_with_handler(answer)
    command = [sys.executable, "-c", PEAK, httpserver.url_for("")]
    count, kilobytes = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    assert int(count) == 100_000
    assert int(kilobytes) <= 100_000


# -- files


def test_files_servers_are_only_asked_if_the_recipe_does_not_say_otherwise(portal: Portal, door: Door) -> None:
    before = listed(portal, door, ask_files=False)
    assert not any("/files/" in request.path for request, _ in portal.server.log)
    portal.change_file("d1")
    assert listed(portal, door, ask_files=False) == before


def test_a_dataset_whose_files_servers_say_nothing_is_read_every_time(portal: Portal, door: Door) -> None:
    portal.file_fault = Response("no")
    assert {ref.version for ref in listed(portal, door).values()} == {None}
    assert sum("/files/" in request.path for request, _ in portal.server.log) == 3


def test_only_files_of_the_wanted_formats_are_taken(portal: Portal, door: Door) -> None:
    portal.dataset("d1")["resources"] += [
        {"id": "page", "url": "https://example.org/about", "format": "HTML"},
        {"id": "sheet", "url": "https://example.org/a.XLSX", "format": ""},
        {"id": "gone", "url": "https://example.org/b.csv", "format": "CSV", "state": "deleted"},
        {"id": "mail", "url": "mailto:a@example.org", "format": "CSV"},
    ]
    assert [file.key for file in fetched(portal, door, formats=["csv", "xlsx"]).files] == ["r-1", "sheet"]
    assert [file.key for file in fetched(portal, door).files] == ["r-1", "page", "sheet"]


def test_a_resource_listed_twice_is_one_file_and_a_thousand_are_the_most(portal: Portal, door: Door) -> None:
    portal.dataset("d1")["resources"] *= 2
    assert len(fetched(portal, door).files) == 1
    portal.dataset("d1")["resources"] = [{"id": str(n), "url": "/files/d1.csv"} for n in range(1_001)]
    with pytest.raises(Skippable, match="more than 1000"):
        fetched(portal, door)


@pytest.mark.parametrize("written", [{"fields": [{"name": "a"}]}, '{"fields": [{"name": "a"}]}'])
def test_a_table_schema_of_a_resource_comes_with_its_file(portal: Portal, door: Door, written: Any) -> None:
    portal.dataset("d1")["resources"][0]["schema"] = written
    assert fetched(portal, door).files[0].schema == {"fields": [{"name": "a"}]}


def test_a_dataset_whose_files_take_too_long_to_ask_for_is_read_every_time(
    portal: Portal, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "SECONDS", -1.0)
    assert {ref.version for ref in listed(portal, door).values()} == {None}
    assert not any("/files/" in request.path for request, _ in portal.server.log)


# -- what datasets state


def test_metadata_is_what_the_dataset_states_and_nothing_else(portal: Portal, door: Door) -> None:
    assert fetched(portal, door).metadata == {}
    portal.dataset("d1").update(
        license_id="uk-ogl",
        organization={"name": "aberfal", "title": "Aberfal Council"},
        author="A person",
        maintainer="Open data team",
        url="https://user:secret@example.org/about",
        tags=[{"name": "air"}, {"display_name": "Air quality"}],
        groups=[{"name": "env", "title": "Environment"}],
        extras=[
            {"key": "spatial", "value": '{"type": "Point", "coordinates": [-4.1, 52.4]}'},
            {"key": "frequency", "value": "MONTHLY"},
            {"key": "issued", "value": "2020-01-31"},
            {"key": "language", "value": ["en", "cy"]},
        ],
        metadata_created="2019-01-01T00:00:00",
    )
    assert fetched(portal, door).metadata == {
        "accrualPeriodicity": "MONTHLY",
        "contact_name": "Open data team",
        "issued": "2020-01-31",
        "keyword": ["Air quality", "Environment", "air"],
        "landingPage": "https://example.org/about",
        "language": "en, cy",
        "license": "uk-ogl",
        "publisher": "Aberfal Council",
        "spatial": {"type": "Point", "coordinates": [-4.1, 52.4]},
    }


def test_the_recipes_tables_translate_what_is_the_portals_own(portal: Portal, door: Door) -> None:
    portal.dataset("d1").update(
        license_id="house",
        license_title="House rules",
        organization={"name": "env-dept", "title": "Dept. 4"},
        groups=[{"name": "featured", "title": "Featured"}, {"name": "air", "title": "Air"}],
    )
    metadata = fetched(
        portal, door, licences={"house": "OGL-UK-3.0"}, organisations={"env-dept": "Environment"},
        groups={"featured": "", "air": "air quality"},
    ).metadata  # fmt: skip
    assert metadata == {"license": "OGL-UK-3.0", "publisher": "Environment", "keyword": ["air quality"]}


def test_a_licence_that_is_not_specified_is_not_stated(portal: Portal, door: Door) -> None:
    portal.dataset("d1").update(license_id="notspecified", license_title="License not specified")
    assert "license" not in fetched(portal, door).metadata


@pytest.mark.parametrize(
    "options",
    [{"filter": 7}, {"formats": "CSV"}, {"ask_files": "no"}, {"groups": ["a"]}, {"licences": {"a": 1}}],
)
def test_options_that_make_no_sense_are_refused(portal: Portal, door: Door, options: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=next(iter(options))):
        source(portal, door, **options)


# -- real portals


def real(cases: Path, name: str) -> Any:
    folder = cases / "feeds/frictionlessdata__frictionless-py/data/cassettes"
    return json.loads((folder / f"dados.gov.br_{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["package_search_bolsa", "package_search_org"])
def test_a_real_portals_datasets_are_read_in_full(portal: Portal, door: Door, cases: Path, name: str) -> None:
    portal.datasets = real(cases, name)["result"]["results"]
    portal.plain = True
    refs = listed(portal, door, ask_files=False)
    assert set(refs) == {dataset["id"] for dataset in portal.datasets}
    for dataset in portal.datasets:
        record = fetched(portal, door, dataset["id"])
        assert record.title == " ".join(dataset["title"].split())
        assert len(record.files) == len({resource["id"] for resource in dataset["resources"]})
        assert record.metadata["publisher"] == dataset["organization"]["title"]


def test_a_real_portals_page_of_many_is_not_taken_for_the_whole(portal: Portal, door: Door, cases: Path) -> None:
    answer = real(cases, "package_search_all")
    portal.datasets, portal.total, portal.plain = answer["result"]["results"], answer["result"]["count"], True
    with pytest.raises(IncompleteGather, match="10 of 13786"):
        listed(portal, door, ask_files=False)


def test_a_real_portals_word_for_gone_is_understood(portal: Portal, door: Door, cases: Path) -> None:
    portal.list_fault = Response(json.dumps(real(cases, "package_show_404")), 404)
    with pytest.raises(Skippable) as caught:
        fetched(portal, door)
    assert caught.value.reason == "file-gone"
