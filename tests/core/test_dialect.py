from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import CheckResult, Outcome
from ckanext.digitalcity.core.validate.dialect import detect_delimiter, detect_header, head_of, rows_of
from ckanext.digitalcity.core.validate.encoding import detect_encoding

Examine = Callable[..., CheckResult]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"id,name\n1,Oak\n", "utf-8"),
        ("id,name\n1,Tŷ\n".encode(), "utf-8"),
        ("id,name\n1,Tŷ\n".encode("utf-8-sig"), "utf-8-sig"),
        ("id,name\n1,Tŷ\n".encode("utf-16"), "utf-16"),
        ("id,name\n1,Oak\n".encode("utf-16-be"), "utf-16-be"),
        ("id,price\n1,£5\n".encode("cp1252"), "cp1252"),
        (b"id,price\n1,\x815\n", "latin-1"),
    ],
)
def test_the_encoding_is_found_from_the_whole_file(content: bytes, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert detect_encoding(path) == encoding
    content.decode(encoding)


def test_the_last_byte_of_a_long_file_counts_as_much_as_the_first(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"id,name\n" + b"1,Oak\n" * 400_000 + "2,Caf\u00e9\n".encode("cp1252"))
    assert detect_encoding(path) == "cp1252"


def test_two_encodings_in_one_file_are_refused_rather_than_garbled(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("a\nTŷ\n".encode() + "£\n".encode("cp1252"))
    with pytest.raises(Skippable) as refused:
        detect_encoding(path)
    assert refused.value.reason == "mixed-encoding"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b;c\n1,5;2,5;3\n1,5;2,5;3\n", ";"),
        ("a\tb\n1,0\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("name\nOak\nAsh\n", ","),
        ('a,b\n"x;y",1\n"x;y",2\n', ","),
    ],
)
def test_the_delimiter_is_what_cuts_rows_alike(text: str, delimiter: str) -> None:
    assert detect_delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("id,name,height\n1,Oak,9\n", 1),
        ("Trees of the city,,\n,,\nid,name,height\n1,Oak,9\n2,Ash,8\n3,Elm,7\n", 3),
        ("area,2019,2020\nNorth,1,2\nSouth,3,4\n", 1),
        ("2019,2020,2021\n1,2,3\n4,5,6\n", 1),
        ("28/02/2008,0:10:00,NaN\n28/02/2008,0:20:00,NaN\n28/02/2008,0:30:00,4\n", 0),
        ("1,Oak\n2,Ash\n3,Elm\n", 1),
        ("name\nOak\n", 1),
    ],
)
def test_the_header_is_the_first_full_row_unless_it_is_plainly_data(text: str, row: int) -> None:
    assert detect_header(rows_of(text, ",")) == row


def test_real_delimiters_are_found_as_the_survey_recorded_them(cases: Path) -> None:
    folders = cases.glob("council_csv/HPI-Information-Systems__Pollock/survey_sample/parameters/*.json")
    tried = 0
    for oracle in folders:
        raw = oracle.parents[1] / "csv" / oracle.name.removesuffix("_parameters.json")
        if raw.is_file():
            expected = json.loads(oracle.read_text("utf-8"))["delimiter"]
            assert detect_delimiter(head_of(raw, detect_encoding(raw))) == expected, raw.name
            tried += 1
    assert tried >= 3


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("9_sus_fisheries_201003.csv", 5),
        ("csv/20170320-ePC_Data-Travel-Stationery.csv", 3),
        ("csv/Wakefield Council Procurement Card Transactions 2018-19 Q2.csv", 3),
        ("gla-2011-12-P13-500.csv", 7),
        ("elec00.csv", 5),
        ("Camp Palacios - Humidity.csv", 0),
        ("weather_2012.csv", 1),
    ],
)
def test_real_preambles_are_skipped(name: str, row: int, cases: Path) -> None:
    path = next(path for path in cases.rglob("*.csv") if str(path).endswith("/" + name))
    text = head_of(path, detect_encoding(path))
    assert detect_header(rows_of(text, detect_delimiter(text))) == row


def test_what_was_detected_is_on_record_and_a_recipe_overrides_it(check_bytes: Examine) -> None:
    text = "Trees\n\nid;name\n1;Oak\n2;Ash\n3;Elm\n4;Fir\n".encode("cp1252")
    found = check_bytes(text)
    assert found.detected["dialect"]["delimiter"] == ";"
    assert (found.detected["header_row"], found.detected["encoding"]) == (3, "utf-8")
    told = check_bytes(text, delimiter=",", header_row=1, encoding="cp1252")
    assert told.detected["dialect"]["delimiter"] == ","
    assert (told.detected["header_row"], told.detected["encoding"]) == (1, "cp1252")


def test_a_header_row_beyond_the_table_is_an_error(check_bytes: Examine) -> None:
    assert check_bytes("id,name\n1,Oak\n", header_row=9).reason == "no-header"


def test_an_encoding_that_does_not_exist_or_does_not_fit_is_an_error(check_bytes: Examine) -> None:
    assert check_bytes("id\n1\n", encoding="klingon").reason == "wrong-encoding"
    result = check_bytes("id,name\n" + "1,Oak\n" * 200 + "2,Tŷ\n", encoding="ascii")
    assert (result.outcome, result.reason) == (Outcome.ERROR, "wrong-encoding")
