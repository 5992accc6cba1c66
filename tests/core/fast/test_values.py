"""The gate's report on tables of values, not texts, is Frictionless's report: JSON, JSON lines, GeoPackage, Parquet."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopackages
import parquet_values
import polars as pl
import pytest
from frictionless import Dialect, Error, FrictionlessException, Schema
from frictionless.formats import JsonControl
from frictionless.resources import TableResource
from generated import CASES, V2, common_schemas, schemas
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from json_values import NUMERAL, arrays, objects, written

from ckanext.digitalcity.core.check import Limits, Request
from ckanext.digitalcity.core.check_server import judge
from ckanext.digitalcity.core.model import CheckResult, Outcome
from ckanext.digitalcity.core.validate.report import note_of
from ckanext.digitalcity.core.validate.schema_report import read_schema
from ckanext.digitalcity.core.validate.table import UNREADABLE

Json = dict[str, Any]
RESOURCE_V2 = "https://datapackage.org/profiles/2.0/dataresource.json"
RUNS = settings(
    max_examples=CASES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
SCHEMAS = (schemas() | common_schemas()).filter(lambda schema: not read_schema(schema)[1])
WRITTEN = st.fixed_dictionaries({"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, None, 1])})


def gate(path: Path, schema: Json | None) -> CheckResult:
    """The gate's own result, from the bytes on."""
    return judge(Request(str(path), "0" * 64, path.name, schema=schema, schema_origin="recipe"), Limits(errors=10_000))


def told(result: CheckResult) -> Any:
    """What both say: validity, statistics, and each error with its place and what was expected."""
    if result.outcome is Outcome.ERROR:
        return "broken"
    task = result.report["tasks"][0]
    errors = [
        (one["type"], one.get("rowNumbers") or one.get("rowNumber"), one.get("fieldNumber"), one["note"])
        for one in task["errors"]
    ]
    return task["valid"], task["stats"].get("rows"), task["stats"].get("fields"), result.stats["rules"], errors


def frictionless(table: TableResource, schema: Json | None) -> Any:
    """The same of what Frictionless says."""
    try:
        if schema is not None:
            table.schema = Schema.from_descriptor(schema)
            table._schema_profile = RESOURCE_V2 if "$schema" in schema else None
        task = table.validate(limit_errors=0).tasks[0]
    except FrictionlessException:
        return "broken"
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return "broken"
    if any(one.type in UNREADABLE for one in task.errors):
        return "broken"
    errors = [(one.type, _row_of(one), getattr(one, "field_number", None), note_of(one)) for one in task.errors]
    rules = dict(Counter(one.type for one in task.errors))
    return task.valid, task.stats.get("rows"), task.stats.get("fields"), rules, errors


def _row_of(error: Error) -> object:
    return getattr(error, "row_numbers", None) or getattr(error, "row_number", None)


def file(path: Path, inside: str = "") -> TableResource:
    """A JSON file for Frictionless to read by itself."""
    return TableResource(
        name="t",
        path=path.name,
        basepath=str(path.parent),
        format=path.suffix[1:],
        encoding="utf-8",
        dialect=Dialect(controls=[JsonControl(property=inside)] if inside else []),
    )


@pytest.fixture(autouse=True)
def lines_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frictionless reads JSON lines with a package that is not installed; of it, it uses no more than this."""
    package = SimpleNamespace(Reader=lambda stream: map(json.loads, stream))
    monkeypatch.setitem(sys.modules, "jsonlines", package)


def with_all_names(rows: list[Json]) -> list[Json]:
    """The same objects, the first one with the names that only later ones have: Frictionless takes no others."""
    return [dict.fromkeys(name for row in rows for name in row) | rows[0], *rows[1:]]


def in_json(value: Any, **how: Any) -> str:
    """Without the number that breaks Frictionless, which has 28 digits for numbers from JSON."""
    return written(value, **how).replace("1e308", "1e27")


def in_a_line(value: Any, **how: Any) -> str:
    """Without the number that is another one to Frictionless, which reads it as a float from lines alone."""
    return written(value, **how).replace("0.1000000000000000055", "0.1")


@RUNS
@given(data=st.data(), schema=SCHEMAS)
def test_the_report_on_json_objects_is_frictionless_s_own(data: st.DataObject, schema: Json, tmp_path: Path) -> None:
    rows, how = data.draw(objects(schema)), data.draw(WRITTEN)
    inside = data.draw(st.sampled_from(["", "", "data", "results"]))
    promised = data.draw(st.sampled_from([schema, schema, schema, None]))
    path, other = tmp_path / "table.json", tmp_path / "reference.json"
    path.write_text(in_json({inside: rows, "count": 1} if inside else rows, **how), encoding="utf-8")
    rows = with_all_names(rows)
    other.write_text(in_json({inside: rows} if inside else rows, **how), encoding="utf-8")
    assert told(gate(path, promised)) == frictionless(file(other, inside), promised)


@RUNS
@given(data=st.data(), schema=SCHEMAS)
def test_the_report_on_json_arrays_is_frictionless_s_own(data: st.DataObject, schema: Json, tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(in_json(data.draw(arrays(schema)), **data.draw(WRITTEN)), encoding="utf-8")
    promised = data.draw(st.sampled_from([schema, schema, schema, None]))
    assert told(gate(path, promised)) == frictionless(file(path), promised)


@RUNS
@given(data=st.data(), schema=SCHEMAS)
def test_the_report_on_json_lines_is_frictionless_s_own(data: st.DataObject, schema: Json, tmp_path: Path) -> None:
    path, other = tmp_path / "table.ndjson", tmp_path / "reference.jsonl"
    keyed = data.draw(st.booleans())
    # a header alone is one array, and no table
    rows = data.draw(objects(schema) if keyed else arrays(schema).filter(lambda rows: len(rows) > 1))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(in_a_line(row, ensure_ascii=data.draw(st.booleans())) for row in rows)
    path.write_bytes((text + data.draw(st.sampled_from([end, ""]))).encode())
    promised = data.draw(st.sampled_from([schema, schema, schema, None]))
    other.write_text("\n".join(map(in_a_line, with_all_names(rows) if keyed else rows)))
    assert told(gate(path, promised)) == frictionless(file(other), promised)


@RUNS
@given(data=st.data(), schema=SCHEMAS)
def test_the_report_on_a_geopackage_is_frictionless_s_own_on_the_same_values(
    data: st.DataObject, schema: Json, tmp_path: Path
) -> None:
    labels, *drawn = data.draw(arrays(schema))
    names = [str(label) for label in labels]
    assume(all(names) and len({name.casefold() for name in names}) == len(names))  # as SQLite wants them
    rows = [[_kept(cell) for cell in (row + [None] * len(names))[: len(names)]] for row in drawn]
    path = geopackages.write(tmp_path / "table.gpkg", {"table": [names, *rows]})
    promised = data.draw(st.sampled_from([schema, schema, schema, None]))
    assert told(gate(path, promised)) == frictionless(TableResource(name="t", data=[names, *rows]), promised)


def _kept(cell: Any) -> Any:
    """What SQLite keeps of a value of JSON."""
    if isinstance(cell, str) and cell.startswith(NUMERAL):
        return float(cell.removeprefix(NUMERAL))
    if isinstance(cell, list | dict):
        return json.dumps(cell).encode()
    return int(cell) % 2**62 if isinstance(cell, int) else cell


@RUNS
@given(data=st.data(), schema=SCHEMAS)
def test_the_report_on_parquet_is_frictionless_s_own_on_the_same_values(
    data: st.DataObject, schema: Json, tmp_path: Path
) -> None:
    path = tmp_path / "table.parquet"
    columns = data.draw(parquet_values.columns(schema))
    frame = pl.DataFrame(columns)
    frame.write_parquet(path)
    promised = data.draw(st.sampled_from([schema, schema, schema, None]))
    rows = [frame.columns, *zip(*(one.to_list() for one in columns), strict=True)]
    assert told(gate(path, promised)) == frictionless(TableResource(name="t", data=rows), promised)


def test_a_number_of_any_size_in_json_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    for number, fits in (("1e30", True), ("1e308", True), ("12345678901234567890123456789.5", False)):
        path.write_text(f'[{{"n": 1}}, {{"n": {number}}}]')
        assert gate(path, None).stats["rows"] == 2
        assert told(gate(path, {"fields": [{"name": "n", "type": "number"}]}))[0]
        assert told(gate(path, {"fields": [{"name": "n", "type": "integer"}]}))[0] is fits
    path.write_text('[{"n": ' + "9" * 1200 + ".5}]")
    assert gate(path, None).reason == "unreadable"


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_numbers_in_json_keep_all_their_digits(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"table.{kind}"
    path.write_text(
        '["n"]\n[0.1000000000000000055]\n[0.1]' if kind == "jsonl" else '[["n"],[0.1000000000000000055],[0.1]]'
    )
    schema = {"fields": [{"name": "n", "type": "number", "constraints": {"unique": True}}]}
    assert gate(path, schema).outcome is Outcome.PASSED


def test_a_file_of_json_lines_may_have_one_line(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    path.write_text('{"sensor": "a", "level": 1.5}\n')
    result = gate(path, None)
    assert (result.outcome, result.stats["rows"], result.stats["fields"]) == (Outcome.PASSED, 1, 2)


@pytest.mark.parametrize("rule", [{"exclusiveMaximum": 5}, {"exclusiveMinimum": "1"}])
def test_rules_of_version_2_are_checked_where_the_schema_states_it(rule: Json, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("n\n3\n5\n1\n")
    schema: Json = {"fields": [{"name": "n", "type": "integer", "constraints": rule}]}
    assert gate(path, schema).reason == "schema-invalid"
    result = gate(path, {"$schema": V2, **schema})
    assert (result.reason, [fault.rule for fault in result.faults]) == ("invalid", ["constraint-error"])


def test_well_known_text_is_read_as_frictionless_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('place\nPOINT (1 2)\n"POLYGON ((0 0, 1 0, 1 1, 0 0))"\nPOINT (1)\npoint (1 2)\nPOINT EMPTY\n')
    result = gate(path, {"fields": [{"name": "place", "type": "string", "format": "wkt"}]})
    assert [(fault.rule, fault.row) for fault in result.faults] == [("type-error", 4), ("type-error", 5)]
