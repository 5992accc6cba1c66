"""Indexes that are workbooks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ezodf
import openpyxl
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response
from worlds import Index

from ckanext.digitalcity.core.errors import Fatal, RecipeError
from ckanext.digitalcity.core.model import Ref
from ckanext.digitalcity.harvesters import index_sheet
from ckanext.digitalcity.harvesters.csv_index import CsvIndex
from ckanext.digitalcity.harvesters.http import Http

Door = Callable[..., Http]
ROWS = [
    [None, None, None],
    ["Reference", "Title", "URL", "Last updated"],
    [7.0, "Café – £", "a.csv", datetime(2026, 3, 1)],
    [None, " ", None, None],
    ["x", True, "b.csv", date(2026, 3, 2)],
]


@pytest.fixture
def listed(httpserver: HTTPServer, door: Door) -> Callable[..., list[Ref]]:
    """What the index lists if its bytes are these."""
    index = Index(httpserver)

    def gather(body: bytes, **options: Any) -> list[Ref]:
        index.list_fault = Response(body)
        return list(CsvIndex(index.recipe(options=options), door()).gather())

    return gather


def xlsx(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def ods(folder: Path, **sheets: list[list[Any]]) -> bytes:
    book = ezodf.newdoc("ods", str(folder / "index.ods"))
    for name, rows in sheets.items():
        sheet = ezodf.Sheet(name, size=(len(rows), max(map(len, rows))))
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                if isinstance(value, date):
                    sheet[y, x].set_value(value.isoformat()[:10], "date")
                elif value is not None:
                    sheet[y, x].set_value(value)
        book.sheets += sheet
    book.save()
    return (folder / "index.ods").read_bytes()


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_is_read_as_its_first_sheet_shows_it(
    listed: Callable[..., list[Ref]], tmp_path: Path, kind: str
) -> None:
    body = xlsx(List=ROWS, Other=[["a"]]) if kind == "xlsx" else ods(tmp_path, List=ROWS, Other=[["a"]])
    first, second = listed(body)
    assert (first.remote_id, first.title) == ("7", "Café – £")
    assert first.hint["rows"][0]["modified"] == "2026-03-01"
    assert (second.remote_id, second.title) == ("x", "true")
    assert second.hint["rows"][0]["url"] == "b.csv"


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_recipe_names_another_sheet(listed: Callable[..., list[Ref]], tmp_path: Path, kind: str) -> None:
    sheets: dict[str, Any] = {"Notes": [["What this is"]], "Data files": ROWS}
    body = xlsx(**sheets) if kind == "xlsx" else ods(tmp_path, **sheets)
    assert [ref.remote_id for ref in listed(body, sheet="Data files")] == ["7", "x"]
    with pytest.raises(Fatal, match="Notes, Data files"):
        listed(body, sheet="Nosuch")


def test_an_index_without_rows_is_no_index(listed: Callable[..., list[Ref]]) -> None:
    with pytest.raises(Fatal, match="empty"):
        listed(xlsx(List=[[None]]))
    assert listed(xlsx(List=ROWS[:2])) == []


@pytest.mark.parametrize("start", [0, 200, 1000])
def test_a_broken_workbook_is_no_index(listed: Callable[..., list[Ref]], start: int) -> None:
    body = xlsx(List=ROWS)
    with pytest.raises(Fatal, match="no workbook"):
        listed(b"PK\x03\x04" + body[start + 4 : -30])


def test_any_other_archive_is_no_index(listed: Callable[..., list[Ref]]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "id,url\n1,a.csv\n")
    with pytest.raises(Fatal, match="no workbook"):
        listed(packed.getvalue())


def test_xml_that_declares_entities_is_not_parsed(listed: Callable[..., list[Ref]]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(List=ROWS))) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, b'<!DOCTYPE x [<!ENTITY a "b">]>' + text if "sheet1" in name else text)
    with pytest.raises(Fatal, match="document type"):
        listed(packed.getvalue())


def test_a_workbook_that_grows_beyond_measure_is_not_unpacked(
    listed: Callable[..., list[Ref]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_sheet, "MOST", {"xlsx": 2_000, "ods": 2_000})
    with pytest.raises(Fatal, match="larger than"):
        listed(xlsx(List=ROWS))


def test_more_rows_than_are_read_are_refused(listed: Callable[..., list[Ref]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_sheet, "MOST_ROWS", 3)
    with pytest.raises(Fatal, match="more than 3 rows"):
        listed(xlsx(List=ROWS))


def test_a_sheet_that_is_no_name_is_refused(listed: Callable[..., list[Ref]]) -> None:
    with pytest.raises(RecipeError, match="sheet"):
        listed(b"", sheet=7)
