"""Tables that are valid to Frictionless and still not what was meant wait for a person, who is told where to look."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from ckanext.digitalcity.core.check import Checker, Limits, Request
from ckanext.digitalcity.core.model import CheckResult, Outcome

Examine = Callable[..., CheckResult]
TREES = "id,name,place\n" + "".join(f"{n},Oak,Park {n}\n" for n in range(1, 30))


def as_rows(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    "content",
    [
        "".join(f'"{line}"\n' for line in TREES.splitlines()),
        TREES.replace(",", "^"),
        TREES.replace(",", "~"),
    ],
)
def test_rows_that_came_out_as_single_cells_wait_for_a_person(content: str, check_bytes: Examine) -> None:
    result = check_bytes(content)
    assert (result.outcome, result.reason) == (Outcome.HELD, "one-column")
    assert result.report["valid"] is True  # Frictionless's own verdict stays as it is


def test_a_separator_that_the_recipe_states_is_right(check_bytes: Examine) -> None:
    assert check_bytes(TREES.replace(",", "^"), delimiter="^").stats["fields"] == 3
    assert check_bytes(TREES.replace(",", "^"), delimiter=";").reason == ""


@pytest.mark.parametrize(
    "content", ["postcode\nAF1 2AB\nAF1 2AC\n", 'note\n"Oak, old"\n"Ash, young"\n', "at\n12:30\n12:45\n"]
)
def test_one_column_that_is_one_passes(content: str, check_bytes: Examine) -> None:
    assert check_bytes(content).outcome is Outcome.PASSED


def test_a_header_among_the_rows_is_found_wherever_it_stands(check_bytes: Examine) -> None:
    table = "name,place\n" + "Oak,Park\n" * 12_000
    result = check_bytes(table + "name, place\n" + "Ash,Park\n" * 12_000 + "name,place\n")
    assert (result.outcome, result.reason) == (Outcome.HELD, "repeated-header")
    assert result.detected["repeated_header"] == {"count": 2, "rows": [12_002, 24_003]}
    assert check_bytes(table + "name,Park\nOak,place\n").outcome is Outcome.PASSED


def test_where_a_repeated_header_is_an_error_already_the_errors_stand(check_bytes: Examine) -> None:
    schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "name"}]}
    result = check_bytes("id,name\n1,Oak\n2,Ash\nid,name\n3,Elm\n", schema=schema)
    assert (result.outcome, result.stats["rules"]) == (Outcome.FAILED, {"type-error": 1})
    assert result.detected["repeated_header"]["rows"] == [4]


def test_a_header_among_the_rows_of_a_workbook_is_found(check_bytes: Examine) -> None:
    book, file = Workbook(), io.BytesIO()
    for row in as_rows("name,place\nOak,Park\nname,place\nAsh,Park\n"):
        book.active.append(row)
    book.save(file)
    assert check_bytes(file.getvalue(), "trees.xlsx").detected["repeated_header"] == {"count": 1, "rows": [3]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_nul_is_found_deep_in_the_file_and_said_to_be_there(encoding: str, check_bytes: Examine) -> None:
    table = "name,place\r\n" + "Oak,Park\r\n" * 120_000 + "A\0sh,P\0ark\r\n"
    result = check_bytes(table.encode(encoding))
    assert (result.outcome, result.reason) == (Outcome.HELD, "nul-characters")
    assert result.detected["nul"] == {"count": 2, "line": 120_002}
    assert result.detected["line_ends"] == ["CRLF"]


@pytest.mark.parametrize(
    ("content", "ends"),
    [
        ("a,b\n1,2\n", ["LF"]),
        ("a,b\r1,2\r", ["CR"]),
        ("a,b\r\n1,2\n3,4\r\n", ["CRLF", "LF"]),
        ("a,b\n" + "1,2\n" * 262_142 + "1,2222\r\n", ["CRLF", "LF"]),  # the pair lies across two portions
    ],
)
def test_how_lines_end_is_found_in_the_whole_file(content: str, ends: list[str], check_bytes: Examine) -> None:
    assert check_bytes(content).detected["line_ends"] == ends


def test_one_server_looks_for_it_in_one_table_after_another(tmp_path: Path) -> None:
    with Checker(Limits(seconds=20)) as checker:
        for name, content in (
            ("a.json", '[["name", "place"], ["Oak", "Park"], ["name", "place"]]'),
            ("b.csv", TREES * 2),
        ):
            (tmp_path / name).write_text(content)
            for _ in range(2):
                result = checker.check(Request(str(tmp_path / name), "0" * 64, name))
                assert result.detected["repeated_header"]["count"] == 1
