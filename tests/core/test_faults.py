from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from frictionless import Dialect, formats
from frictionless.resources import TableResource
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.core.check import Limits, Request
from ckanext.digitalcity.core.examine import examine
from ckanext.digitalcity.core.model import CheckResult, Fault, Outcome

Examine = Callable[..., CheckResult]
SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"unique": True}},
        {"name": "planted", "type": "date"},
        {"name": "kind", "type": "string", "constraints": {"enum": ["oak", "ash"], "required": True}},
    ]
}


def test_each_fault_says_rule_row_column_and_what_was_expected(check_bytes: Examine) -> None:
    result = check_bytes(
        "id,planted,kind\n1,2020-01-01,oak\n1,soon,ash\nx,2020-01-02,elm\n\n5,2020-01-03\n6,2020-01-04,oak,more\n",
        schema=SCHEMA,
        schema_origin="recipe",
        schema_name="trees",
    )
    assert (result.outcome, result.reason) == (Outcome.FAILED, "invalid")
    assert set(result.faults) == {
        Fault("unique-error", 3, "id", 1, "the same as in the row at position 2"),
        Fault("type-error", 3, "planted", 2, 'type is "date"'),
        Fault("type-error", 4, "id", 1, 'type is "integer"'),
        Fault("constraint-error", 4, "kind", 3, "constraint \"enum\" is \"['oak', 'ash']\""),
        Fault("blank-row", 5),
        Fault("constraint-error", 6, "kind", 3, 'constraint "required" is "True"'),
        Fault("missing-cell", 6, "kind", 3),
        Fault("extra-cell", 7, "column 4", 4),
    }
    assert result.stats["errors"] == 8
    assert result.stats["rules"]["type-error"] == 2
    assert (result.schema_name, result.schema_origin) == ("trees", "recipe")


def test_a_file_without_a_schema_is_checked_against_an_inferred_one(check_bytes: Examine) -> None:
    result = check_bytes("id,planted\n1,2020-01-01\n2,2020-01-02\n")
    assert (result.outcome, result.schema_origin, result.stats["rows"]) == (Outcome.PASSED, "inferred", 2)


def test_only_the_first_faults_are_kept_but_all_are_counted(check_bytes: Examine) -> None:
    text = "id,planted,kind\n" + "".join(f"{n},never,oak\n" for n in range(500))
    result = check_bytes(text, schema=SCHEMA, limits=Limits(errors=10))
    assert (len(result.faults), result.stats["errors"]) == (10, 500)
    task = result.report["tasks"][0]
    assert len(task["errors"]) == 10
    assert task["stats"]["errors"] == 500
    assert task["warnings"] == ["reached error limit: 10"]
    assert task["stats"]["rows"] == 500  # it was read to its end all the same


def test_rows_beyond_the_fault_limit_are_still_screened(check_bytes: Examine) -> None:
    text = "id,planted,kind\n" + "".join(f"{n},never,oak\n" for n in range(50)) + "51,never,jo.bloggs@example.org\n"
    result = check_bytes(text, schema=SCHEMA, limits=Limits(errors=10))
    assert (result.outcome, result.reason) == (Outcome.HELD, "personal-data")
    assert result.findings[0].rows == (52,)
    assert result.stats["errors"] == 52  # both facts stay


def test_our_errors_are_those_of_frictionless_in_the_same_order(cases: Path) -> None:
    """Frictionless is the reference: on the same file read the same way we report what it reports."""
    tried = 0
    for path in sorted((cases / "nasty" / "frictionlessdata__frictionless-py" / "data").glob("*.csv")):
        if path.stat().st_size > 50_000:
            continue
        result = examine(Request(str(path), "0" * 64, path.name), Limits())
        if result.outcome is Outcome.ERROR:
            continue
        found = result.detected
        dialect = Dialect(
            controls=[
                formats.CsvControl(
                    delimiter=found["dialect"]["delimiter"],
                    quote_char='"',
                    double_quote=True,
                    skip_initial_space=found["dialect"]["skipInitialSpace"],
                )
            ]
        )
        if found["header_row"] != 1:
            dialect.header_rows = [found["header_row"]]
        table = TableResource(
            name="x",
            path=path.name,
            basepath=str(path.parent),
            format="csv",
            encoding=found["encoding"],
            dialect=dialect,
        )
        spec = ["type", "rowNumber", "fieldNumber"]
        theirs = table.validate().flatten(spec)
        ours = [[error.get(key) for key in spec] for error in result.report["tasks"][0]["errors"]]
        for error in ours:
            error[1] = None if error[0].endswith(("label", "header")) else error[1]  # header errors: rowNumbers
        assert ours == theirs, path.name
        tried += 1
    assert tried > 30


CANARY = "zq7canary"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.sampled_from([f"{CANARY}1", f"{CANARY} 2020-01-01", f'{CANARY}"x"', "1", ""]), max_size=5),
        max_size=8,
    ),
    kind=st.sampled_from(["integer", "date", "boolean", "string", "array", "list", "geopoint", "yearmonth", "time"]),
    constraint=st.sampled_from([{}, {"required": True}, {"unique": True}, {"enum": ["1"]}, {"maxLength": 2}]),
    key=st.sampled_from([[], ["a"], ["a", "b"]]),
    match=st.sampled_from(["exact", "subset", "superset", "equal", "partial"]),
)
def test_no_cell_ever_reaches_the_result(
    rows: list[list[str]], kind: str, constraint: dict[str, object], key: list[str], match: str, check_bytes: Examine
) -> None:
    import csv
    import io

    buffer = io.StringIO()
    csv.writer(buffer).writerows([["a", "b", "c"], *rows])
    field = {"name": "a", "type": kind, "constraints": constraint if kind == "string" else {}}
    schema = {
        "fields": [field, {"name": "b", "type": "string"}, {"name": "c", "type": kind}],
        "primaryKey": key,
        "foreignKeys": [{"fields": ["c"], "reference": {"resource": "", "fields": ["b"]}}],
        "fieldsMatch": match,
    }
    result = check_bytes(buffer.getvalue(), schema=schema)
    assert CANARY not in json.dumps(asdict(result))


@pytest.mark.parametrize(
    "text",
    [
        "Jo Bloggs,jo@example.org,07700 900123\nSam Smith,sam@example.org,07700 900124\n",
        "1960-04-01,Jo Bloggs,12 High Street\n1961-05-02,Sam Smith,14 High Street\n",
        "00012345678,Jo Bloggs\n00012345679,Sam Smith\n",
    ],
)
def test_a_first_row_that_is_really_data_is_not_shown_as_names_of_columns(text: str, check_bytes: Examine) -> None:
    result = check_bytes(text)
    assert "Bloggs" not in json.dumps(asdict(result))
    assert result.detected["header_withheld"]


def test_a_header_that_shares_nothing_with_the_schema_is_not_shown(check_bytes: Examine) -> None:
    result = check_bytes("Jo Bloggs,oak,London\nSam Smith,ash,Leeds\n", schema=SCHEMA)
    assert result.outcome is Outcome.FAILED
    assert "Bloggs" not in json.dumps(asdict(result))


def test_a_table_that_cannot_be_read_to_its_end_is_an_error_and_not_merely_invalid(check_bytes: Examine) -> None:
    result = check_bytes("id,name\n" + "1,Oak\n" * 300 + "2,Tŷ\n", encoding="ascii")
    assert (result.outcome, result.reason) == (Outcome.ERROR, "wrong-encoding")


def test_a_schema_with_a_fault_of_its_own_is_an_error(check_bytes: Examine) -> None:
    result = check_bytes("id\n1\n", schema={"fields": [{"name": "id", "type": "wibble"}]})
    assert (result.outcome, result.reason) == (Outcome.ERROR, "schema-invalid")


def test_two_columns_of_one_name_cannot_be_matched_by_name(check_bytes: Examine) -> None:
    schema = {"fields": [{"name": "a"}], "fieldsMatch": "subset"}
    result = check_bytes("a,a\n1,2\n", schema=schema)
    assert (result.outcome, result.reason) == (Outcome.ERROR, "ambiguous-columns")


def test_keys_into_other_files_are_left_out_and_that_is_on_record(check_bytes: Examine) -> None:
    key = {"fields": ["id"], "reference": {"resource": "others", "fields": ["id"]}}
    result = check_bytes("id\n1\n", schema={"fields": [{"name": "id"}], "foreignKeys": [key]})
    assert result.outcome is Outcome.PASSED
    assert result.detected["not_checked"] == ["foreignKeys"]


def test_a_table_without_rows_waits_for_a_person(check_bytes: Examine) -> None:
    assert (check_bytes("id,name\n").outcome, check_bytes("id,name\n").reason) == (Outcome.HELD, "no-rows")


def test_the_newest_date_is_found_but_no_date_ahead_of_tomorrow(check_bytes: Examine) -> None:
    later = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    assert check_bytes(f"id,when\n1,2024-05-01\n2,2025-02-03\n3,{later}\n").newest == "2025-02-03"


def test_the_newest_time_with_a_zone_is_in_utc(check_bytes: Examine) -> None:
    text = "id,at\n1,2025-06-01T00:30:00+01:00\n2,2025-05-31T23:00:00+00:00\n"
    schema = {"fields": [{"name": "id"}, {"name": "at", "type": "datetime"}]}
    assert check_bytes(text, schema=schema).newest == "2025-05-31T23:30:00Z"


def test_a_table_without_dates_has_no_newest(check_bytes: Examine) -> None:
    assert check_bytes("id,name\n1,Oak\n").newest is None
