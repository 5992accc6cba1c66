"""The screen's report is Frictionless's report, on generated schemas and tables."""

from __future__ import annotations

from pathlib import Path

from differential import verdicts
from generated import CASES, common_schemas, schemas, tables, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

RUNS = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
BLOCKS = st.sampled_from([16, 64, 200, 1 << 20])


@RUNS
@given(data=st.data(), schema=schemas())
def test_the_report_is_frictionless_s_own(data: st.DataObject, schema: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    delimiter = data.draw(st.sampled_from([",", ",", ";", "\t"]))
    text = data.draw(texts(data.draw(tables(schema)), delimiter))
    path.write_bytes(text.encode())
    dialect = data.draw(
        st.sampled_from([None, {"csv": {"delimiter": delimiter}}, {"csv": {"delimiter": delimiter, "quoteChar": '"'}}])
    )
    ours, theirs = verdicts(
        path, schema, dialect, limit=data.draw(st.sampled_from([1000, 1, 2, 3, 0])), block=data.draw(BLOCKS)
    )
    assert ours == theirs


@RUNS
@given(data=st.data(), schema=common_schemas())
def test_rows_that_are_accepted_without_frictionless_are_valid(
    data: st.DataObject, schema: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data.draw(texts(data.draw(tables(schema, clean=True)), ",")).encode())
    ours, theirs = verdicts(path, schema, {"csv": {"delimiter": ",", "quoteChar": '"'}}, block=data.draw(BLOCKS))
    assert ours == theirs
