"""What Socrata portals do beyond what every source does (see ``test_contract.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from world_socrata import Portal

from ckanext.digitalcity.core.check import check_file
from ckanext.digitalcity.core.errors import IncompleteGather, Retriable, Skippable
from ckanext.digitalcity.core.model import FileDraft, Record
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.socrata import Socrata
from ckanext.digitalcity.harvesters.socrata_rows import Rows

Door = Callable[..., Http]
OAK = ["Oak", "20.5", "2020-01-31T00:00:00.000", "true", "POINT (-3.2 51.5)"]


@pytest.fixture
def portal(httpserver: HTTPServer) -> Portal:
    return Portal(httpserver)


@pytest.fixture
def source(portal: Portal, door: Door) -> Socrata:
    return Socrata(portal.recipe(), door())


def fetch(source: Socrata, id_: str = "x") -> Record:
    return source.fetch(next(ref for ref in source.gather() if ref.remote_id == id_), None)


def rows(source: Socrata) -> FileDraft:
    (file,) = fetch(source).files
    return file


def listed(source: Socrata) -> list[str]:
    return [ref.remote_id for ref in source.gather()]


# -- the catalogue


def test_a_hundred_datasets_are_asked_for_at_once(portal: Portal, source: Socrata) -> None:
    portal.page_size = 100
    for number in range(230):
        portal.add(f"x{number}")
    assert len(listed(source)) == 230
    assert {request.args["limit"] for request, _ in portal.server.log} == {"100"}
    assert len(portal.server.log) <= 4


def test_what_shows_another_dataset_is_left_out(portal: Portal, source: Socrata) -> None:
    for id_, type_ in (("x", "dataset"), ("m", "map"), ("c", "chart"), ("f", "filter"), ("p", "file"), ("l", "href")):
        portal.add(id_)
        portal.result(id_)["resource"]["type"] = type_
    assert listed(source) == ["x", "p", "l"]


def test_datasets_of_one_category_can_be_chosen(portal: Portal, door: Door) -> None:
    portal.add("x")
    portal.add("y")
    portal.result("y")["classification"]["domain_category"] = "Transport"
    assert listed(Socrata(portal.recipe(options={"category": "transport"}), door())) == ["y"]


def test_a_list_that_is_shorter_than_it_says_is_incomplete(portal: Portal, source: Socrata) -> None:
    portal.add("x")
    portal.add("y")
    portal.total = 3
    with pytest.raises(IncompleteGather, match="2 of 3"):
        listed(source)


def test_a_catalogue_that_pages_cannot_reach_the_end_of_is_incomplete(portal: Portal, source: Socrata) -> None:
    portal.page_size = 100
    portal.listed = [{"resource": {"id": f"x{number}"}} for number in range(10_100)]
    with pytest.raises(IncompleteGather):
        listed(source)


def test_a_portal_that_does_not_say_when_a_dataset_changed_is_read_at_every_run(
    portal: Portal, source: Socrata
) -> None:
    portal.listed = [{"resource": {"id": "x", "data_updated_at": "2026-01-01T00:00:00.000Z"}}]
    assert [ref.version for ref in source.gather()] == [None]


# -- a dataset


def test_what_the_portal_says_is_mapped_and_nothing_is_invented(portal: Portal, source: Socrata) -> None:
    portal.add(
        "x",
        description="<p>All <b>trees</b></p>",
        attribution="Parks department",
        tags=["tree", "oak", None],
        category="Environment",
        licenseId="CC_40_BY",
        license={
            "name": "Creative Commons Attribution 4.0",
            "termsLink": "https://creativecommons.org/licenses/by/4.0/",
        },
        rowsUpdatedAt=1_772_000_000,
        publicationDate=1_700_000_000,
    )
    record = fetch(source)
    assert (record.title, record.notes) == ("Dataset x", "All trees")
    assert record.metadata == {
        "landingPage": portal.server.url_for("/d/x"),
        "publisher": "Parks department",
        "modified": "2026-02-25T06:13:20+00:00",
        "issued": "2023-11-14T22:13:20+00:00",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "keyword": ["Environment", "oak", "tree"],
    }


@pytest.mark.parametrize("seconds", [None, True, "1772000000", -1, 0, 1 << 62, 1.5, [], {}])
def test_a_time_that_is_none_is_not_stated(portal: Portal, source: Socrata, seconds: Any) -> None:
    portal.add("x", rowsUpdatedAt=seconds)
    assert "modified" not in fetch(source).metadata


def test_the_types_of_the_columns_become_a_schema_that_the_file_passes(
    portal: Portal, source: Socrata, tmp_path: Any
) -> None:
    portal.add("x")
    file = rows(source)
    assert file.schema
    assert [(field["name"], field["type"]) for field in file.schema["fields"]] == [
        ("name", "string"), ("height", "number"), ("planted", "datetime"), ("alive", "boolean"), ("place", "any"),
    ]  # fmt: skip
    path = tmp_path / file.filename
    path.write_bytes(b"".join(file.read()))
    assert check_file(path, schema=file.schema, schema_origin="source").outcome == "passed"


def test_hidden_columns_and_those_of_the_portal_itself_are_left_out(portal: Portal, source: Socrata) -> None:
    portal.add("x")
    portal.views["x"]["columns"][1]["flags"] = ["hidden"]
    assert b"".join(rows(source).read()).splitlines()[0] == b'"name","planted","alive","place"'


def test_a_file_that_the_portal_keeps_as_it_is_is_the_file(portal: Portal, source: Socrata) -> None:
    portal.add("x", viewType="blobby", blobId="f-1", blobFilename="Annual report.pdf", blobMimeType="application/pdf")
    (file,) = fetch(source).files
    assert (file.key, file.filename, file.format, b"".join(file.read())) == (
        "file", "Annual-report.pdf", "PDF", b"%PDF-1.4",
    )  # fmt: skip


def test_a_link_to_elsewhere_has_no_file(portal: Portal, source: Socrata) -> None:
    portal.add("x", viewType="href", columns=[])
    assert fetch(source).files == ()


def test_an_answer_about_another_dataset_is_refused(portal: Portal, source: Socrata) -> None:
    portal.add("x")
    portal.views["x"]["id"] = "y"
    with pytest.raises(Skippable) as caught:
        fetch(source)
    assert caught.value.reason == "not-a-dataset"


# -- its rows


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rows, "PAGE", 3)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
@pytest.mark.usefixtures("small_pages")
def test_every_row_of_many_pages_comes_once_under_one_header(portal: Portal, source: Socrata, count: int) -> None:
    portal.add("x")
    portal.rows["x"] = [[f'Oak "{n}"\nin two lines', *OAK[1:]] for n in range(count)]
    lines = b"".join(rows(source).read()).decode()
    assert lines.count("height") == 1
    assert [lines.count(f'Oak ""{n}""\nin') for n in range(count)] == [1] * count


@pytest.mark.usefixtures("small_pages")
def test_a_page_whose_last_row_lacks_its_line_end_is_not_glued_to_the_next(portal: Portal, source: Socrata) -> None:
    portal.add("x")
    portal.rows["x"] = [[f"Oak {n}", *OAK[1:]] for n in range(4)]
    whole = portal.file
    portal.file = lambda request: Response(whole(request).get_data().rstrip(b"\n"))  # type: ignore[method-assign]
    assert len(b"".join(rows(source).read()).splitlines()) == 5


@pytest.mark.usefixtures("small_pages")
def test_rows_pushed_out_of_sight_while_pages_are_read_are_read_again_later(portal: Portal, source: Socrata) -> None:
    portal.add("x")
    portal.rows["x"] = [[f"Oak {n}", *OAK[1:]] for n in range(7)]
    whole = portal.file

    def then_less(request: Request) -> Response:
        answer = whole(request)
        if "$offset" not in request.args and request.path.endswith(".csv"):
            del portal.rows["x"][0]
        return answer

    portal.file = then_less  # type: ignore[method-assign]
    with pytest.raises(Retriable, match="had 7 rows, but 6"):
        b"".join(rows(source).read())


@pytest.mark.usefixtures("small_pages")
def test_pages_with_other_columns_are_no_one_table(portal: Portal, source: Socrata) -> None:
    portal.add("x")
    portal.rows["x"] = [OAK] * 5
    whole = portal.file
    portal.file = lambda request: (  # type: ignore[method-assign]
        Response(b'"other"\n"x"\n') if "$offset" in request.args else whole(request)
    )
    with pytest.raises(Skippable, match="same columns"):
        b"".join(rows(source).read())
