"""Every folder of schemas/table keeps its promises: a good schema, two honest examples, and a page that matches."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from frictionless import Schema
from frictionless.resources import TableResource
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.digitalcity.core import shipped
from ckanext.digitalcity.core.check import Checker, Request
from ckanext.digitalcity.core.model import CheckResult, Outcome

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "schemas" / "table"
GUIDE = ROOT / "docs" / "guide" / "schemas.md"
NAMES = shipped.names()
OBSERVATION = [
    "phenomenon_time",
    "phenomenon_time_end",
    "result_time",
    "result",
    "unit",
    "datastream_id",
    "thing_id",
    "observed_property",
    "longitude",
    "latitude",
    "quality",
]

# Columns that a specification publishes although they look like personal data, by screening rule.
MEANT_TO_BE_PUBLIC = {
    ("public-toilets", "ReportEmail", "email"),
    ("public-toilets", "ReportTel", "uk-telephone"),
    ("public-toilets", "Postcode", "postcode-address"),
    ("car-parks", "postcode", "postcode-address"),
    ("planning-applications", "LocationText", "postcode-address"),
    ("premises-licences", "LocationText", "postcode-address"),
    ("premises-licences", "Postcode", "postcode-address"),
    ("brownfield-land", "SiteNameAddress", "postcode-address"),
}

every_schema = pytest.mark.parametrize("name", NAMES)


def fields(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shipped.shipped(name)["fields"]
    return found


def required(field: dict[str, Any]) -> bool:
    return bool(field.get("constraints", {}).get("required"))


def faults(resource: TableResource) -> list[list[Any]]:
    found: list[list[Any]] = resource.validate(limit_errors=10_000).flatten(["type", "rowNumber", "fieldName"])
    return found


def example(name: str, filename: str) -> TableResource:
    schema = Schema.from_descriptor(shipped.shipped(name))
    return TableResource(path=filename, basepath=str(FOLDER / name), encoding="utf-8", schema=schema)


def row(name: str, cells: dict[str, str]) -> TableResource:
    header = [field["name"] for field in fields(name)]
    data = [header, [cells[column] for column in header]]
    return TableResource(data=data, schema=Schema.from_descriptor(shipped.shipped(name)))


def test_the_schemas_that_the_project_promises_are_there() -> None:
    assert set(NAMES) >= {
        "sensor-observations",
        "air-quality",
        "traffic-counts",
        "spending-over-500",
        "public-toilets",
        "car-parks",
        "trees",
        "planning-applications",
        "premises-licences",
        "brownfield-land",
    }


@every_schema
def test_every_schema_is_a_valid_table_schema(name: str) -> None:
    report = Schema.validate_descriptor(shipped.shipped(name))
    assert report.valid, report.flatten(["note"])


@every_schema
def test_every_schema_says_what_it_is_and_which_specification_it_follows(name: str) -> None:
    schema = shipped.shipped(name)
    assert schema["name"] == name
    assert schema["title"] and len(schema["description"]) > 80
    assert re.fullmatch(r"\d+\.\d+\.\d+", schema["version"])
    assert schema["sources"] and schema["homepage"] == schema["sources"][0]["path"]
    for source in schema["sources"]:
        assert source["title"] and source["publisher"] and source["path"].startswith(("https://", "http://"))


@every_schema
def test_every_field_is_explained_with_an_example(name: str) -> None:
    for field in fields(name):
        assert field["title"] and field["description"].endswith((".", "?")), field["name"]
        assert isinstance(field["example"], str) and field["example"], field["name"]
    columns = [field["name"] for field in fields(name)]
    assert len(columns) == len(set(columns))
    assert set(shipped.shipped(name).get("primaryKey", [])) <= set(columns)


@every_schema
def test_the_valid_example_passes(name: str) -> None:
    assert faults(example(name, "valid.csv")) == []
    with (FOLDER / name / "valid.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) >= 8


@every_schema
def test_the_invalid_example_has_exactly_the_faults_it_is_said_to_have(name: str) -> None:
    expected = json.loads((FOLDER / name / "invalid.expected.json").read_text("utf-8"))
    assert faults(example(name, "invalid.csv")) == expected
    assert len(Counter(kind for kind, _, _ in expected)) >= 4, "too few kinds of fault to learn from"


@pytest.fixture(scope="module")
def gate() -> Iterator[Checker]:
    with Checker() as checker:
        yield checker


def through(gate: Checker, name: str, path: Path) -> CheckResult:
    """What the portal's gate says, when a recipe names the schema."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    schema = shipped.shipped(name)
    return gate.check(Request(str(path), digest, path.name, "CSV", schema, name, "recipe"))


@every_schema
def test_the_gate_passes_the_valid_example_and_no_other(gate: Checker, name: str) -> None:
    assert through(gate, name, FOLDER / name / "valid.csv").outcome is Outcome.PASSED
    invalid = through(gate, name, FOLDER / name / "invalid.csv")
    assert (invalid.outcome, invalid.reason) == (Outcome.FAILED, "invalid")


def test_no_further_column_is_called_public_by_accident() -> None:
    called = {(n, f["name"], rule) for n in NAMES for f in fields(n) for rule in f.get("digitalcity:public", [])}
    assert called == MEANT_TO_BE_PUBLIC


def test_the_home_of_a_licence_holder_is_held_although_the_premises_are_public(gate: Checker, tmp_path: Path) -> None:
    columns = [field["name"] for field in fields("premises-licences")]
    cells = {f["name"]: f["example"] for f in fields("premises-licences")} | {"SupervisorPostcode": ""}
    cells |= {"LicenceHolderAddress": "7 Mill Lane, Aberfal", "LicenceHolderPostcode": "AF2 7DW"}
    path = tmp_path / "licences.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(cells | {"CaseReference": f"AFC/PREM/{n:04}"} for n in range(20))
    result = through(gate, "premises-licences", path)
    held = {finding.field for finding in result.findings if finding.level == "personal"}
    assert result.outcome is Outcome.HELD and held == {"LicenceHolderPostcode"}


@settings(deadline=None)  # a busy machine is no fault of a schema
@given(name=st.sampled_from(NAMES), data=st.data())
def test_a_row_of_the_examples_passes_whichever_optional_cells_are_empty(name: str, data: st.DataObject) -> None:
    optional = [field["name"] for field in fields(name) if not required(field)]
    empty = data.draw(st.sets(st.sampled_from(optional))) if optional else set()
    cells = {field["name"]: "" if field["name"] in empty else field["example"] for field in fields(name)}
    assert faults(row(name, cells)) == []


@settings(deadline=None)  # a busy machine is no fault of a schema
@given(name=st.sampled_from(NAMES), data=st.data())
def test_a_required_cell_left_empty_is_found_where_it_is(name: str, data: st.DataObject) -> None:
    emptied = data.draw(st.sampled_from([field["name"] for field in fields(name) if required(field)]))
    cells = {field["name"]: "" if field["name"] == emptied else field["example"] for field in fields(name)}
    assert faults(row(name, cells)) == [["constraint-error", 2, emptied]]


@pytest.mark.parametrize("name", ["sensor-observations", "air-quality", "traffic-counts"])
def test_observations_of_every_kind_begin_with_the_same_columns(name: str) -> None:
    assert [field["name"] for field in fields(name)][: len(OBSERVATION)] == OBSERVATION


@pytest.mark.parametrize("name", ["air-quality", "traffic-counts"])
def test_a_time_without_its_zone_is_refused(name: str) -> None:
    cells = {field["name"]: field["example"] for field in fields(name)}
    for written in ("2025-03-04T08:00:00", "2025-03-04 08:00", "04/03/2025 08:00"):
        assert faults(row(name, cells | {"phenomenon_time": written})) == [["type-error", 2, "phenomenon_time"]]


@pytest.mark.parametrize("written", ["2025-03-04T08:00:00.250Z", "2025-03-04T08:00:00+01:00", "2025-03-04T08:00:00Z"])
def test_times_as_sensorthings_services_write_them_are_accepted(written: str) -> None:
    cells = {field["name"]: field["example"] for field in fields("sensor-observations")}
    assert faults(row("sensor-observations", cells | {"phenomenon_time": written})) == []


def stated_limits(field: dict[str, Any]) -> Iterator[str]:
    """The limits of a field as the guide has to show them."""
    constraints = field.get("constraints", {})
    yield from (str(constraints[key]) for key in ("minimum", "maximum", "maxLength") if key in constraints)
    yield from (f"`{choice}`" for choice in constraints.get("enum", []))


def documented() -> dict[str, list[list[str]]]:
    """The rows that the guide has under each heading, as cells: column, meaning, limits, needed, example."""
    sections = re.split(r"^## ", GUIDE.read_text("utf-8"), flags=re.M)[1:]
    return {
        heading: [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]
        for heading, table in ((s.splitlines()[0], re.findall(r"^\| `.*$", s, re.M)) for s in sections)
    }


def test_the_guide_describes_every_schema_and_no_other() -> None:
    assert set(documented()) == set(NAMES)


@every_schema
def test_the_guide_lists_the_columns_as_they_are(name: str) -> None:
    listed = documented()[name]
    assert [(row[0], row[3]) for row in listed] == [
        (f"`{field['name']}`", "yes" if required(field) else "") for field in fields(name)
    ]
    for cells, field in zip(listed, fields(name), strict=True):
        assert all(limit in cells[2] for limit in stated_limits(field)), field["name"]
        assert cells[4].replace("\\|", "|") == f"`{field['example']}`"
    assert all(source["path"] in GUIDE.read_text("utf-8") for source in shipped.shipped(name)["sources"])
