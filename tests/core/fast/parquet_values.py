"""Generated columns of Parquet files: values of Parquet's own types, by the type that the schema promises."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from cell_texts import TEXTS
from hypothesis import strategies as st

Json = dict[str, Any]
MOMENTS = [datetime(2024, 1, 31), datetime(2024, 2, 29, 12, 30, 15), datetime(1950, 6, 15, 12), datetime(2999, 12, 31)]
# what a column may be in Parquet, and values of it
KINDS: dict[str, tuple[Any, list[Any]]] = {
    "int8": (pl.Int8, [0, 1, -7, 127]),
    "int64": (pl.Int64, [0, 1, 7, -100, 2024, 2**62]),
    "uint64": (pl.UInt64, [0, 1, 2**64 - 1]),
    "float": (pl.Float64, [0.0, -0.0, 1.0, 1.5, -999.5, 1e300, float("nan"), float("inf")]),
    "decimal": (pl.Decimal(20, 2), [Decimal("1.00"), Decimal("-3.25"), Decimal("1000.00")]),
    "boolean": (pl.Boolean, [True, False]),
    "date": (pl.Date, [moment.date() for moment in MOMENTS]),
    "datetime": (pl.Datetime("us"), MOMENTS),
    "zoned": (pl.Datetime("us", "UTC"), [moment.replace(tzinfo=UTC) for moment in MOMENTS]),
    "milliseconds": (pl.Datetime("ms"), MOMENTS),
    "time": (pl.Time, [time(0), time(12, 30), time(23, 59, 59)]),
    "duration": (pl.Duration("us"), [timedelta(0), timedelta(days=1, seconds=5)]),
    "binary": (pl.Binary, [b"", b"abc", b"\xff\x00"]),
    "categorical": (pl.Categorical, ["a", "b", "abc", ""]),
    "list": (pl.List(pl.Int64), [[], [1, 2], [1, None], [5, 50]]),
    "texts": (pl.List(pl.String), [[], ["a"], ["2024-01-01"]]),
    "struct": (
        pl.Struct({"lon": pl.Float64, "lat": pl.Float64}),
        [{"lon": 1.0, "lat": 2.0}, {"lon": None, "lat": 0.0}],
    ),
    "null": (pl.Null, [None]),
}
SUITS = {
    "integer": ["int8", "int64", "uint64", "float", "decimal"],
    "number": ["float", "decimal", "int64"],
    "boolean": ["boolean"],
    "date": ["date", "datetime"],
    "datetime": ["datetime", "zoned", "milliseconds"],
    "time": ["time"],
    "duration": ["duration"],
    "year": ["int64"],
    "string": ["categorical"],
    "object": ["struct"],
    "array": ["list", "texts"],
    "list": ["list", "texts"],
    "geopoint": ["struct"],
}


@st.composite
def columns(draw: st.DrawFn, schema: Json) -> list[pl.Series]:
    """The columns of a file that is meant to follow a schema; some are of another kind, some names differ."""
    height = draw(st.integers(1, 12))
    names = [field["name"] for field in schema["fields"]]
    if draw(st.integers(0, 12)) == 0:
        names[0] = draw(st.sampled_from(["zz", "", names[0].upper() + "_"]))
    found = [_column(draw, name, field, height) for name, field in zip(names, schema["fields"], strict=True)]
    match draw(st.integers(0, 15)):
        case 0 if len(found) > 1:
            found = found[:-1]
        case 1:
            found.append(_column(draw, "more", {"type": "integer"}, height))
        case 2:
            found = found[::-1]
    return found


def _column(draw: st.DrawFn, name: str, field: Json, height: int) -> pl.Series:
    suits = SUITS.get(field["type"], [])
    kind = draw(st.sampled_from(["text", *suits, *suits, *suits] if draw(st.integers(0, 5)) else list(KINDS)))
    kept, values = (pl.String, TEXTS[field["type"]]) if kind == "text" else KINDS[kind]
    gaps = [None] if draw(st.booleans()) else []
    cells = draw(st.lists(st.sampled_from([*values, *gaps]), min_size=height, max_size=height))
    return pl.Series(name, cells, dtype=kept)
