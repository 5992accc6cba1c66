"""Generated tables of JSON values, by the type of their column: plain, unusual but valid, and wrong."""

from __future__ import annotations

import json
import re
from typing import Any

from cell_texts import TEXTS, WRONG
from hypothesis import strategies as st

Json = dict[str, Any]
NUMERAL = "\ue000"  # begins a text that stands for a number as it is to be written
POINT: Json = {"type": "Point", "coordinates": [-3.18, 51.48]}


def _numerals(*texts: str) -> list[Any]:
    return [NUMERAL + text for text in texts]


VALUES: dict[str, list[Any]] = {
    "integer": [1, 0, -7, 100, 10**20, *_numerals("1.0", "1e2", "-0", "1.5", "1E-2", "-0.0")],
    "number": [1, 1.5, -3.25, 0, *_numerals("1.10", "1e3", "0.1000000000000000055", "1E+2", "-0.0", "1e-7", "1e308")],
    "boolean": [True, False, 1, 0],
    "year": [2024, 0, 9999, 10000, -1, *_numerals("2024.0")],
    "yearmonth": [[2024, 1], [2024, 13], [2024], ["a", "b"]],
    "geopoint": [[1, 2], [1.5, 2.5], [181, 0], ["1", "2"], {"lon": 1, "lat": 2}, [1, 2, 3], [None, 1]],
    "geojson": [POINT, {"type": "Point"}, {"type": "Dot", "coordinates": [1, 2]}, {}, None],
    "object": [{"a": 1}, {}, {"a": {"b": [1, None]}}, [1]],
    "array": [[1, 2], [], ["a"], [1, None], [[1.5]], {}],
    "list": [[1, 2], ["a"], ["1", "x"], [], ["2024-01-01"], [None], [[1]]],
    "any": [1, 1.5, True, {"a": 1}, [1], None],
}
ODD: list[Any] = [None, None, 0, 1, 1.5, True, [], {}, [1], {"a": None}, "é\u2028", "\x00", 10**25, *WRONG]


@st.composite
def cells(draw: st.DrawFn, field: Json, clean: bool) -> Any:
    """A value that mostly suits its field, as JSON's own kind or as text."""
    kind = field["type"]
    own = VALUES.get(kind, [])
    if clean and draw(st.integers(0, 20)):
        if choices := field.get("constraints", {}).get("enum"):
            return draw(st.sampled_from(choices))
        return draw(st.sampled_from([*own[:3], *TEXTS[kind][:3]]))
    return draw(st.sampled_from([*own, *own, *TEXTS[kind], *ODD]))


@st.composite
def objects(draw: st.DrawFn, schema: Json) -> list[Json]:
    """Objects that mostly have the schema's names; some lack one or have one more, and their order differs."""
    names = [field["name"] for field in schema["fields"]]
    change = draw(st.integers(0, 12))
    called = dict(zip(names, names, strict=True))
    if change == 0:
        called[names[0]] = draw(st.sampled_from(["", "zz", names[-1].upper(), " a"]))
    clean = draw(st.booleans())
    rows: list[Json] = []
    for _ in range(draw(st.integers(1, 16))):
        row = {called[field["name"]]: draw(cells(field, clean)) for field in schema["fields"]}
        match draw(st.integers(0, 60 if clean else 15)):
            case 0 if len(row) > 1:
                row.pop(called[draw(st.sampled_from(names))], None)
            case 1:
                row |= {draw(st.sampled_from(["x", "y", ""])): draw(st.sampled_from([1, "more", None]))}
            case 2:
                row = dict(reversed(row.items()))
            case 3:
                row = dict.fromkeys(row)
            case 4 if rows:
                row = rows[-1]
        rows.append(row)
    return rows


@st.composite
def arrays(draw: st.DrawFn, schema: Json) -> list[list[Any]]:
    """A header and rows as arrays; some are too short, too long or empty."""
    header: list[Any] = [field["name"] for field in schema["fields"]]
    match draw(st.integers(0, 12)):
        case 0:
            header = header[:-1] or header
        case 1:
            header = [*header, draw(st.sampled_from(["x", "", "a", None, 1, 2.5, True]))]
        case 2:
            header = header[::-1]
    clean = draw(st.booleans())
    rows = [header]
    for _ in range(draw(st.integers(0, 16))):
        row = [draw(cells(field, clean)) for field in schema["fields"]]
        match draw(st.integers(0, 60 if clean else 20)):
            case 0:
                row = row[:-1]
            case 1:
                row.append(draw(st.sampled_from(["", "more", None, 1])))
            case 2:
                row = []
            case 3:
                row = [draw(st.sampled_from(["", None]))] * len(row)
            case 4:
                row = rows[-1]
        rows.append(row)
    return rows


def written(value: Any, **how: Any) -> str:
    """The value as JSON, its numerals as they were generated."""
    return re.sub(rf'"(?:{NUMERAL}|\\ue000)([^"]*)"', r"\1", json.dumps(value, **how))
