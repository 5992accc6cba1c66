"""The screen's report on a workbook is Frictionless's report, and a plain workbook is screened at all."""

from __future__ import annotations

import itertools
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import workbooks
from differential import verdicts
from frictionless import FrictionlessException, Resource
from frictionless.resources import TableResource
from generated import CASES, common_schemas, schemas
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from test_real_tables import LARGEST, WRONG

from ckanext.digitalcity.core.check import Limits, Request
from ckanext.digitalcity.core.examine import examine
from ckanext.digitalcity.core.model import Outcome
from ckanext.digitalcity.core.validate.fast.engine import SMALL, Options, validate_table
from ckanext.digitalcity.core.validate.fast.selection import PACKED, Selection

RUNS = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
# a thousand columns, for which Frictionless alone takes a quarter of a minute: at night
SLOW = () if "DIGITALCITY_DIFFERENTIAL_CASES" in os.environ else ("issue-313.xlsx",)
BLOCKS = st.sampled_from([300, 1000, 1 << 20])


@RUNS
@given(data=st.data(), schema=schemas() | common_schemas())
def test_the_report_on_any_workbook_is_frictionless_s_own(
    data: st.DataObject, schema: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "table.xlsx"
    workbooks.write(path, data.draw(workbooks.workbooks(schema)))
    limit = data.draw(st.sampled_from([1000, 1000, 1, 3, 0]))
    ours, theirs = verdicts(path, schema, encoding=None, limit=limit, block=data.draw(BLOCKS))
    assert ours == theirs


def test_every_real_workbook_is_judged_alike(cases: Path) -> None:
    found = [path for path in sorted(cases.rglob("*.xlsx")) if path.stat().st_size < LARGEST and path.name not in SLOW]
    assert len(found) > 8
    wrong = itertools.cycle(WRONG)
    for path in found:
        for fits in (True, False):
            schema = _inferred(path)
            if schema and not fits:
                schema["fields"] = [{"name": field["name"], **next(wrong)} for field in schema["fields"]]
            ours, theirs = verdicts(path, schema, encoding=None, block=1 << 12)
            assert ours == theirs, path


def _inferred(path: Path) -> dict[str, Any] | None:
    try:
        with Resource(path=path.name, basepath=str(path.parent), format="xlsx") as table:
            return dict(table.schema.to_descriptor())
    except FrictionlessException:
        return None


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the rows that Frictionless gets to see of a file."""
    seen: list[int] = []
    select = Selection._select

    def watched(self: Selection, every: Any) -> Any:
        for number, cells in select(self, every):
            seen.append(number)
            yield number, cells

    monkeypatch.setattr(Selection, "_select", watched)
    return seen


@pytest.mark.parametrize("stream", [False, True])
def test_frictionless_sees_only_the_first_and_the_doubtful_rows_of_a_plain_workbook(
    tmp_path: Path, handed: list[int], stream: bool
) -> None:
    book = Workbook(write_only=stream)
    sheet = book.create_sheet() if stream else book.active
    assert sheet is not None
    sheet.append(["name", "count", "share", "open", "day", "seen", "note"])
    for number in range(500):
        day = date(2024, 1, 1) + timedelta(days=number)
        count: object = "many" if number == 300 else number
        row = [
            f"Park & Ride {number}",
            count,
            number / 8,
            number % 2 == 0,
            day,
            datetime(2024, 1, 1, 12, number % 60),
            "quiet",  # written row by row, a sheet states no width, and an empty last cell is a missing one
        ]
        sheet.append(row)
    path = tmp_path / "parks.xlsx"
    book.save(path)

    def build() -> TableResource:
        return TableResource(path=path.name, basepath=str(tmp_path), format="xlsx")

    report = validate_table(build, options=Options(small=0, block=4000))
    assert report.stats["errors"] == 1
    assert handed == [2, 302]


def test_the_gate_screens_a_workbook_whatever_its_file_is_called(tmp_path: Path, handed: list[int]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "count"])
    for number in range(2000):
        sheet.append([f"Park {number} {number * 7919 % 10007}", number])
    path = tmp_path / "0f3a"  # as the stage calls it
    book.save(path.with_suffix(".xlsx"))
    path.with_suffix(".xlsx").rename(path)
    assert path.stat().st_size > SMALL // PACKED
    result = examine(Request(str(path), "", "parks.xlsx"), Limits())
    assert (result.outcome, result.stats["rows"]) == (Outcome.PASSED, 2000)
    assert handed == [2]
