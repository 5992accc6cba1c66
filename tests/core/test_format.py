from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ckanext.digitalcity.core.check import Limits
from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import CheckResult, Outcome
from ckanext.digitalcity.core.validate.claim import claims, contradicts
from ckanext.digitalcity.core.validate.sniff import sniff
from ckanext.digitalcity.core.validate.unpack import check_zip

Examine = Callable[..., CheckResult]

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
KINDS = [
    (b"", "empty"),
    (b" \r\n\t\n", "empty"),
    (b"\xef\xbb\xbf\n", "empty"),
    (b"id,name\n1,Oak\n", "text"),
    ("id,name\n1,Derwen yn y tŷ\n".encode("utf-16"), "text"),
    ("id,name\n1,Oak\n".encode("utf-16-le"), "text"),
    ("id,name\n1,Oak\n".encode("utf-32"), "text"),
    (b"<!DOCTYPE html><html><body>Service unavailable</body></html>", "html"),
    (b"\n<!-- proxy -->\n<HTML><head></head></HTML>", "html"),
    (b'<?xml version="1.0"?><trees><tree/></trees>', "xml"),
    (b'{"success": false}', "json"),
    (b'[{"id": 1}]', "json"),
    (b'{"id": 1}\n{"id": 2}\n', "ndjson"),
    (b'{"type": "FeatureCollection", "features": []}', "geojson"),
    (b"%PDF-1.7\n", "pdf"),
    (LFS, "lfs-pointer"),
    (b"PAR1....", "parquet"),
    (b"Obj\x01....", "avro"),
    (b"PK\x03\x04 cut off", "broken-zip"),
    (b"\x00\x01\x02\x03\x9f\x8e\x00\x00\x01" * 10, "binary"),
    (b"name,note\nOak,<b>old</b>\n", "text"),
    (b'"{",1\n', "text"),
]


@pytest.mark.parametrize(("content", "kind"), KINDS)
def test_bytes_are_named_for_what_they_are(content: bytes, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert sniff(path) == kind


def test_a_page_of_comments_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"<!-- c -->\n" * 5000 + b"<note/>")
    assert sniff(path) == "xml"


def test_real_files_are_named_for_what_they_are(cases: Path) -> None:
    folder = cases / "council_csv" / "ckan__ckanext-qa" / "ckanext" / "qa" / "tests" / "data"
    found = {path.name.rpartition(".")[2]: sniff(path) for path in folder.iterdir()}
    assert (found["xlsx"], found["ods"], found["zip"], found["xml"]) == ("xlsx", "ods", "zip", "xml")
    assert sniff(next(cases.rglob("userdata1_intentionally_mislabled_file.csv"))) == "avro"
    assert sniff(next(cases.rglob("05_spend_over_25k_2014_may.csv"))) == "lfs-pointer"


@pytest.mark.parametrize(
    ("filename", "format_", "kind", "reason"),
    [
        ("trees.csv", "CSV", "text", ""),
        ("trees.csv", "", "html", "html-page"),
        ("trees.csv", "CSV", "pdf", "format-mismatch"),
        ("trees.csv", "CSV", "lfs-pointer", "lfs-pointer"),
        ("trees.csv", "CSV", "empty", "empty"),
        ("trees.xls", "XLS", "xlsx", ""),  # publishers call every Excel file XLS
        ("trees.xls", "", "html", "html-page"),
        ("trees.csv.zip", "CSV", "zip", ""),
        ("trees", "text/csv", "text", ""),
        ("trees", "", "pdf", ""),
        ("page.html", "HTML", "html", ""),
        ("trees.json", "JSON", "html", "html-page"),
        ("trees.xlsx", "", "broken-zip", "unreadable"),
    ],
)
def test_a_claim_is_compared_with_the_bytes(filename: str, format_: str, kind: str, reason: str) -> None:
    assert contradicts(claims(filename, format_), kind) == reason


def test_an_error_page_called_csv_is_an_error_and_not_a_table(check_bytes: Examine) -> None:
    result = check_bytes("<html><body>Log in, please</body></html>", "trees.csv")
    assert (result.outcome, result.reason) == (Outcome.ERROR, "html-page")
    assert result.faults[0].detail == "claimed: csv; found: html"


def test_a_file_we_cannot_check_waits_for_a_person(check_bytes: Examine) -> None:
    for content, filename in ((b"%PDF-1.7", "plan.pdf"), (b'{"a": 1}', "a.json"), (b"<kml></kml>", "a.kml")):
        result = check_bytes(content, filename)
        assert (result.outcome, result.reason) == (Outcome.HELD, "cannot-check")


def test_broken_json_is_an_error(check_bytes: Examine) -> None:
    assert check_bytes('{"a": [1, 2', "a.json").reason == "unreadable"


def test_one_compressed_table_is_unpacked_and_checked(check_bytes: Examine) -> None:
    packed = gzip.compress(b"id,name\n1,Oak\nx,Ash\n")
    result = check_bytes(
        packed, "trees.csv.gz", schema={"fields": [{"name": "id", "type": "integer"}, {"name": "name"}]}
    )
    assert (result.outcome, result.detected["archive"]) == (Outcome.FAILED, "gzip")
    assert [(fault.rule, fault.row) for fault in result.faults] == [("type-error", 3)]


def test_a_gzip_that_unpacks_to_a_thousand_times_its_size_is_refused(check_bytes: Examine) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 100_000
    assert check_bytes(bomb, "data.csv.gz").reason == "bomb"


def test_a_gzip_cut_short_is_an_error(check_bytes: Examine) -> None:
    packed = gzip.compress(b"id,name\n" + b"1,Oak\n" * 5000)
    assert check_bytes(packed[: len(packed) // 2], "data.csv.gz").reason == "unreadable"


def test_a_workbook_that_would_unpack_to_too_much_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    with pytest.raises(Skippable) as refused:
        check_zip(path, limit=300_000_000)
    assert refused.value.reason == "bomb"


def test_a_workbook_that_lies_about_its_size_yields_no_more_than_it_states(tmp_path: Path) -> None:
    """check_zip believes the archive's directory: zipfile must never hand out more than that says."""
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b" " * 1_000_000)
    raw = path.read_bytes().replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(raw)
    with zipfile.ZipFile(path) as archive, archive.open("a") as part, pytest.raises(zipfile.BadZipFile):
        assert len(part.read(10)) <= 10
        assert part.read() == b""


def test_a_second_sheet_is_never_passed_over_in_silence(check_bytes: Examine) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    book.active.append([1, "Oak"])
    hidden = book.create_sheet("Staff")
    buffer = io.BytesIO()
    book.save(buffer)
    assert check_bytes(buffer.getvalue(), "trees.xlsx").outcome is Outcome.PASSED
    hidden.append(["Jo Bloggs"])
    hidden.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    result = check_bytes(buffer.getvalue(), "trees.xlsx")
    assert (result.outcome, result.reason, result.detected["sheets"]) == (Outcome.HELD, "several-sheets", 2)


def test_a_cell_longer_than_the_limit_is_refused(checker: object, tmp_path: Path) -> None:
    from ckanext.digitalcity.core.check import check_file

    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "x" * 5000 + ",1\n")
    assert check_file(path, Limits(cell=1000)).reason == "giant-cell"
