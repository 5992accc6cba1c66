"""The report page: plain English, never a value from the file, and safe to download."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from ckan import model

from ckanext.digitalcity.model import Report

from pages import main, words
from world import Council

Harvest = Callable[..., dict[str, Any]]

PEOPLE = "name,email\nSam,sam.jones@example.org\nAlex,alex@example.org\nKim,kim.p@example.net\n"
SPOILT = "name,opened\n" + "".join(f"Place {number},nonsense-{number}\n" for number in range(300))
SCHEMA = "car-parks"


def report_of(council: Council, harvest: Harvest, content: str, **changes: Any) -> str:
    council.publish("file", content)
    harvest(council.recipe(**changes))
    return str(model.Session.query(Report).one().id)


def test_a_report_groups_errors_by_rule_and_says_what_to_do(council: Council, harvest: Harvest, app: Any) -> None:
    id_ = report_of(council, harvest, "name,opened\nA,2020-01-01,extra\nB,2021-01-01,more\n\nC\n")
    part = main(app, f"/digitalcity/report/{id_}")
    assert "A cell too many" in words(part)
    assert "What to do:" in words(part)
    assert len(part.select(".dc-rule")) == 3
    assert {str(cell.string) for cell in part.select(".dc-rule tbody td:first-child")} == {"2", "3", "4", "5"}


def test_a_report_says_how_the_file_was_read(council: Council, harvest: Harvest, app: Any) -> None:
    id_ = report_of(council, harvest, "Exported today\n\nname;opened\nA;2020-01-01\nB;2021-01-01\nC;2022-01-01\n")
    facts = words(main(app, f"/digitalcity/report/{id_}").select(".dc-facts")[-1])
    assert "Format CSV" in facts
    assert "Separator between columns ;" in facts
    assert "Row with the column names 3" in facts


def test_a_report_on_an_archive_tells_of_each_file_in_it(council: Council, harvest: Harvest, app: Any) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("parks.csv", "name,opened\nA,2020-01-01\n")
        archive.writestr("lanes.csv", "id,length\n1,20\n\n2,30\n")
    council.publish("file", buffer.getvalue(), file="city.zip", format="ZIP")
    harvest(council.recipe())
    id_ = str(model.Session.query(Report).one().id)
    text = words(main(app, f"/digitalcity/report/{id_}"))
    assert "parks.csv CSV 1 × 2 0" in text
    assert "lanes.csv CSV 3 × 2 1" in text
    report = app.get(f"/digitalcity/report/{id_}.json").json
    assert [task["place"] for task in report["tasks"]] == ["parks.csv", "lanes.csv"]
    rows = list(csv.reader(io.StringIO(app.get(f"/digitalcity/report/{id_}.csv").data.decode("utf-8-sig"))))
    assert rows[1][:4] == ["blank-row", "3", "", "lanes.csv"]


def test_personal_data_is_told_by_column_rule_and_count_and_never_by_value(
    council: Council, harvest: Harvest, app: Any
) -> None:
    id_ = report_of(council, harvest, PEOPLE)
    part = main(app, f"/digitalcity/report/{id_}")
    row = words(part.select("table")[0].select_one("tbody tr"))
    assert row.startswith("email E-mail addresses")
    assert " 3 2, 3, 4 " in row
    for url in ("", ".csv", ".json"):
        assert "sam.jones" not in app.get(f"/digitalcity/report/{id_}{url}").body


def test_a_file_that_could_not_be_checked_is_explained_and_never_counts_as_passed(
    council: Council, harvest: Harvest, app: Any
) -> None:
    id_ = report_of(council, harvest, "<!DOCTYPE html><html><body>Sorry, an error occurred</body></html>")
    text = words(main(app, f"/digitalcity/report/{id_}"))
    assert "what was not checked does not count as passed" in text
    assert "A web page came instead of the data" in text


def test_a_page_shows_only_so_many_rows_and_the_download_has_all_of_them(
    council: Council, harvest: Harvest, app: Any, monkeypatch: pytest.MonkeyPatch, portal: Any
) -> None:
    id_ = report_of(council, harvest, "a,b\n" + "1,2,3\n" * 300)
    monkeypatch.setitem(portal, "ckanext.digitalcity.report.rows", 10)
    assert len(main(app, f"/digitalcity/report/{id_}").select(".dc-rule tbody tr")) == 10
    rows = list(csv.reader(io.StringIO(app.get(f"/digitalcity/report/{id_}.csv").data.decode("utf-8-sig"))))
    assert rows[0] == [
        "Rule",
        "Row",
        "Column number",
        "Column",
        "What it means",
        "What was expected",
        "What to do",
    ]
    assert len(rows) == 301
    assert rows[1][:2] == ["extra-cell", "2"]
    assert rows[1][4].startswith("A cell too many. The row has more cells")
    assert rows[1][6].startswith("Put texts that hold commas")


def test_the_download_is_in_the_language_of_the_page(council: Council, harvest: Harvest, app: Any) -> None:
    id_ = report_of(council, harvest, "a,b\n1,2,3\n")
    text = app.get(f"/cy/digitalcity/report/{id_}.csv").data.decode("utf-8-sig")
    heading, row = csv.reader(io.StringIO(text))
    assert heading[:4] == ["Rheol", "Rhes", "Rhif y golofn", "Colofn"]
    assert row[0] == "extra-cell"
    assert "Yn aml nid yw coma" in row[4]


def test_a_page_counts_all_errors_also_those_that_the_check_does_not_list(
    council: Council, harvest: Harvest, app: Any
) -> None:
    id_ = report_of(council, harvest, "a,b\n" + "1,2,3\n" * 1500 + "\n" * 5 + "1\n")
    part = main(app, f"/digitalcity/report/{id_}")
    heads = [words(head) for head in part.select(".dc-rule h3")]
    assert heads == ["A cell too many (1,500)", "A blank row (5)", "A cell too few (1)"]
    assert "The check lists the first 1,000 of 1,506 errors." in words(part)
    assert "None of these is among the places that the check listed." in words(part.select(".dc-rule")[1])
    assert "The listed errors as CSV" in words(part)


def test_the_download_says_where_personal_data_is_suspected_and_quotes_none(
    council: Council, harvest: Harvest, app: Any
) -> None:
    id_ = report_of(
        council, harvest, "name,email\nSam,sam.jones@example.org\nAlex,alex@example.org\nKim,kim.p@example.net\n"
    )
    text = app.get(f"/digitalcity/report/{id_}.csv").data.decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row[0] == "email"]
    assert [row[1:4] for row in rows] == [["2", "", "email"], ["3", "", "email"], ["4", "", "email"]]
    assert rows[0][5] == "3 cells"
    assert "example." not in text


def test_no_cell_of_the_download_is_a_formula_to_a_spreadsheet(council: Council, harvest: Harvest, app: Any) -> None:
    id_ = report_of(
        council, harvest, '"=HYPERLINK(""http://evil.example"")","=HYPERLINK(""http://evil.example"")"\n1,2\n'
    )
    rows = list(csv.reader(io.StringIO(app.get(f"/digitalcity/report/{id_}.csv").data.decode("utf-8-sig"))))
    assert len(rows) > 1
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_the_json_download_is_frictionless_own_report(council: Council, harvest: Harvest, app: Any) -> None:
    id_ = report_of(council, harvest, "name,opened\nA,2020-01-01,extra\n")
    report = app.get(f"/digitalcity/report/{id_}.json").json
    assert report["valid"] is False
    assert report["stats"]["errors"] == 1


def test_a_report_that_is_not_there_is_a_page_that_helps(portal: Any, app: Any) -> None:
    response = app.get("/digitalcity/report/none")
    assert response.status_code == 404
    assert "There is no such report." in response.body
    assert "/digitalcity/source/" in response.body
