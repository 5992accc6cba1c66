"""Archives of several files: each table is checked by itself, and one report tells of all of them."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.checking.report import as_report
from ckanext.digitalcity.core.check import Limits, Request
from ckanext.digitalcity.core.check_server import judge
from ckanext.digitalcity.core.model import CheckResult, Fault, Json, Outcome

Examine = Callable[..., CheckResult]
STREETS = {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}], "primaryKey": ["id"]}
LAMPS = {
    "fields": [{"name": "lamp", "type": "integer"}, {"name": "street", "type": "integer"}],
    "foreignKeys": [{"fields": ["street"], "reference": {"resource": "streets", "fields": ["id"]}}],
}


def packed(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def package(*resources: Json) -> str:
    return json.dumps({"name": "city", "resources": list(resources)})


def both(streets: str, lamps: str) -> dict[str, str | bytes]:
    said = package(
        {"name": "streets", "type": "table", "path": "streets.csv", "schema": STREETS},
        {"name": "lamps", "type": "table", "path": "data/lamps.csv", "schema": LAMPS},
    )
    return {"datapackage.json": said, "streets.csv": streets, "data/lamps.csv": lamps}


def test_every_table_of_an_archive_is_checked(check_bytes: Examine) -> None:
    content = packed({"trees.csv": "id,kind\n1,oak\n2,ash\n", "roads.csv": "id,name\n1,Mill Lane\n\n3,The Row\n"})
    result = check_bytes(content, "city.zip", format="ZIP")
    assert (result.outcome, result.reason) == (Outcome.FAILED, "invalid")
    assert result.faults == (Fault("blank-row", 3, "roads.csv"),)
    assert (result.stats["rows"], result.stats["errors"], result.stats["rules"]) == (5, 1, {"blank-row": 1})
    assert [(task["name"], task["place"], task["valid"]) for task in result.report["tasks"]] == [
        ("trees", "trees.csv", True),
        ("roads", "roads.csv", False),
    ]
    assert [member["name"] for member in result.detected["members"]] == ["trees.csv", "roads.csv"]
    assert {field["name"] for field in result.inferred["fields"]} >= {"trees.csv: kind", "roads.csv: name"}


def test_a_package_in_an_archive_is_checked_with_its_own_schemas_and_keys(check_bytes: Examine) -> None:
    good = both("id,name\n1,Mill Lane\n2,The Row\n", "lamp,street\n1,1\n2,2\n")
    assert check_bytes(packed(good), "city.zip").outcome is Outcome.PASSED
    wrong = check_bytes(packed(both("id,name\n1,Mill Lane\n1,The Row\n", "lamp,street\n1,1\nx,7\n")), "city.zip")
    assert {(fault.rule, fault.row, fault.field) for fault in wrong.faults} == {
        ("primary-key", 3, "streets.csv"),
        ("type-error", 3, "data/lamps.csv: lamp"),
        ("foreign-key", 3, "data/lamps.csv"),
    }
    assert wrong.schema_origin == "source"


def test_a_package_may_lie_in_the_only_folder_of_its_archive(check_bytes: Examine) -> None:
    files = both("id,name\n1,Mill Lane\n", "lamp,street\n1,2\n")
    result = check_bytes(packed({f"city/{name}": content for name, content in files.items()}), "city.zip")
    assert [(fault.rule, fault.field) for fault in result.faults] == [("foreign-key", "city/data/lamps.csv")]


CELLS = st.sampled_from(["1", "2", "3", "x", "", "7"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=4),
    st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=4),
)
def test_a_package_has_the_report_that_frictionless_makes_of_it(
    tmp_path: Path, streets: list[list[str]], lamps: list[list[str]]
) -> None:
    tables = [
        "\n".join([header, *(",".join(row) for row in rows)]) + "\n"
        for header, rows in (("id,name", streets), ("lamp,street", lamps))
    ]
    path = tmp_path / "city.zip"
    path.write_bytes(packed(both(*tables)))
    ours = judge(Request(str(path), "0" * 64, "city.zip"), Limits())
    theirs = Package(str(path)).validate().to_descriptor()
    assert ours.report["valid"] == theirs["valid"]
    assert [_facts(task) for task in ours.report["tasks"]] == [_facts(task) for task in theirs["tasks"]]


def _facts(task: Json) -> Any:
    stats = {key: task["stats"].get(key) for key in ("errors", "rows", "fields", "bytes", "sha256")}
    errors = [(error["type"], error.get("rowNumber"), error.get("fieldNumber")) for error in task["errors"]]
    return task["name"], task["valid"], stats, errors


def test_a_file_that_is_no_table_keeps_the_archive_waiting(check_bytes: Examine) -> None:
    tables = {"trees.csv": "id,kind\n1,oak\n", "roads.csv": "id,name\n1,Mill Lane\n"}
    held = check_bytes(packed({**tables, "map.pdf": b"%PDF-1.4 map"}), "city.zip")
    assert (held.outcome, held.reason) == (Outcome.HELD, "other-members")
    assert "screen" not in held.method
    noted = check_bytes(packed({**tables, "README.txt": "Trees and roads of the city.\n"}), "city.zip")
    assert (noted.outcome, noted.reason) == (Outcome.PASSED, "")
    nested = check_bytes(packed({**tables, "more.zip": packed(dict(tables))}), "city.zip")
    assert (nested.outcome, nested.reason) == (Outcome.HELD, "other-members")
    packed_too = check_bytes(packed({**tables, "more.csv.gz": gzip.compress(b"a,b\n1,2\n")}), "city.zip")
    assert packed_too.reason == "other-members"


def test_personal_data_is_found_in_every_file_its_name_and_the_description(check_bytes: Examine) -> None:
    table = "id,kind\n1,oak\n2,ash\n"
    people = "id,contact\n1,jane.doe@gmail.com\n2,bob.jones@gmail.com\n"
    result = check_bytes(packed({"trees.csv": table, "people.csv": people}), "city.zip")
    assert (result.outcome, result.reason) == (Outcome.HELD, "personal-data")
    assert [found.field for found in result.findings] == ["people.csv: contact"]
    noted = check_bytes(packed({"trees.csv": table, "note.txt": "Write to jane.doe@gmail.com\n"}), "city.zip")
    assert noted.reason == "personal-data"
    said = json.loads(package({"name": "trees", "path": "trees.csv"}))
    said["contributors"] = [{"title": "Jane", "email": "jane.doe@gmail.com"}]
    told = check_bytes(packed({"datapackage.json": json.dumps(said), "trees.csv": table}), "city.zip")
    assert told.reason == "personal-data"
    named = check_bytes(packed({"trees.csv": table, "jane.doe@gmail.com.csv": table}), "city.zip")
    assert named.reason == "personal-data"
    assert "jane" not in json.dumps(as_report(named, "city.zip"))


def test_an_unreadable_file_is_an_error_of_the_whole_archive(check_bytes: Examine) -> None:
    result = check_bytes(
        packed({"trees.csv": "id,kind\n1,oak\n", "roads.csv": "<html><body>No</body></html>"}), "c.zip"
    )
    assert (result.outcome, result.reason) == (Outcome.ERROR, "html-page")
    assert result.faults[0].detail.startswith("roads.csv: ")


@pytest.mark.parametrize("name", ["../trees.csv", "/trees.csv", "a/../../trees.csv", "C:\\trees.csv", "ROADS.csv"])
def test_names_that_lead_elsewhere_or_stand_twice_are_refused(check_bytes: Examine, name: str) -> None:
    result = check_bytes(packed({"roads.csv": "id\n1\n", name: "id\n1\n"}), "city.zip")
    assert (result.outcome, result.reason) == (Outcome.ERROR, "unsuitable-archive")


def test_too_many_files_and_bombs_are_refused(check_bytes: Examine) -> None:
    many = check_bytes(packed({f"{n}.csv": "id\n1\n" for n in range(31)}), "city.zip")
    assert many.reason == "unsuitable-archive"
    bomb = check_bytes(packed({"a.csv": "id\n1\n", "b.csv": b"0" * 50_000_000}), "city.zip")
    assert (bomb.outcome, bomb.reason) == (Outcome.ERROR, "bomb")


@pytest.mark.parametrize(
    "said",
    [
        "{",
        "[]",
        package(),
        package({"name": "trees", "path": "gone.csv"}),
        package({"name": "trees", "path": "../trees.csv"}),
        package({"name": "trees", "path": "https://example.org/trees.csv"}),
        package({"name": "trees", "path": "trees.csv"}, {"name": "trees", "path": "roads.csv"}),
        package({"name": "trees", "path": "trees.csv", "schema": "gone.json"}),
        package({"name": "trees", "path": "trees.csv", "encoding": "martian"}),
    ],
)
def test_a_description_that_does_not_fit_the_archive_is_an_error(check_bytes: Examine, said: str) -> None:
    files: dict[str, str | bytes] = {"trees.csv": "id\n1\n", "roads.csv": "id\n1\n", "datapackage.json": said}
    assert check_bytes(packed(files), "city.zip").reason == "package-invalid"


def test_a_schema_may_be_a_file_of_its_own_and_the_dialect_is_kept_to(check_bytes: Examine) -> None:
    said = package(
        {
            "name": "streets",
            "path": "streets.csv",
            "schema": "schemas/streets.json",
            "encoding": "windows-1252",
            "dialect": {"delimiter": ";", "quoteChar": "'"},
        }
    )
    files: dict[str, str | bytes] = {
        "datapackage.json": said,
        "schemas/streets.json": json.dumps(STREETS),
        "streets.csv": "id;name\n1;'Caf\xe9; Row'\n".encode("cp1252"),
    }
    result = check_bytes(packed(files), "city.zip")
    assert (result.outcome, result.reason, result.faults) == (Outcome.PASSED, "", ())


def test_the_listed_errors_of_all_tables_keep_to_one_limit(check_bytes: Examine) -> None:
    bad = "id\n" + "x\n" * 30
    schema = {"fields": [{"name": "id", "type": "integer"}]}
    limits = Limits(errors=40)
    result = check_bytes(packed({"a.csv": bad, "b.csv": bad}), "city.zip", limits, schema=schema)
    assert (len(result.faults), result.stats["errors"]) == (40, 60)
    assert [len(task["errors"]) for task in result.report["tasks"]] == [30, 10]


def test_the_report_names_the_archive_and_the_file_in_it(check_bytes: Examine) -> None:
    result = check_bytes(packed({"a.csv": "id\n1\n", "b.csv": "id\n1\n"}), "city.zip")
    assert [task["place"] for task in as_report(result, "city.zip")["tasks"]] == ["city.zip/a.csv", "city.zip/b.csv"]
