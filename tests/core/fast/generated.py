"""Generated schemas and tables that try to make the two verdicts differ."""

from __future__ import annotations

import csv
import io
import os
from typing import Any

from cell_texts import FORMATS, PATTERNS, PLAIN, TEXTS, WRONG
from hypothesis import strategies as st

Json = dict[str, Any]
# how many generated tables each property is tried on; tens of thousands at night
CASES = int(os.environ.get("DIGITALCITY_DIFFERENTIAL_CASES", "120"))


V2 = "https://datapackage.org/profiles/2.0/tableschema.json"  # only a name here; bounds that exclude need it
BOUND_TYPES = ("integer", "number", "date", "datetime", "time", "year", "yearmonth")
LENGTH_TYPES = ("string", "array", "object", "list")
NO_ENUM = ("list",)


@st.composite
def fields(draw: st.DrawFn, name: str) -> Json:
    """One field descriptor with options and constraints that its type has."""
    kind = draw(st.sampled_from(list(TEXTS)))
    field: Json = {"name": name, "type": kind}
    if kind in FORMATS:
        field["format"] = draw(st.sampled_from(FORMATS[kind]))
    if kind == "number":
        field |= draw(
            st.sampled_from(
                [
                    {},
                    {},
                    {"groupChar": ","},
                    {"decimalChar": ","},
                    {"groupChar": ".", "decimalChar": ","},
                    {"groupChar": " "},
                    {"bareNumber": False},
                    {"floatNumber": True},
                    {"groupChar": "1"},
                    {"bareNumber": True},
                    {"decimalChar": "x"},
                ]
            )
        )
    if kind == "integer":
        field |= draw(st.sampled_from([{}, {}, {"bareNumber": False}]))
    if kind == "boolean":
        field |= draw(st.sampled_from([{}, {"trueValues": ["yes", "1"], "falseValues": ["no", "1"]}]))
    if kind == "list":
        field |= draw(st.sampled_from([{}, {"itemType": "integer"}, {"delimiter": ";"}, {"itemType": "date"}]))
    if kind == "array":
        field |= draw(st.sampled_from([{}, {"arrayItem": {"type": "integer"}}]))
    if draw(st.integers(0, 5)) == 0:
        field["missingValues"] = draw(st.sampled_from([[], ["-"], ["", "n/a"], ["0", ""], [" "]]))
    constraints: Json = {}
    if draw(st.integers(0, 3)) == 0:
        constraints["required"] = draw(st.booleans())
    if draw(st.integers(0, 11)) == 0:
        constraints["unique"] = True
    if kind == "string" and draw(st.integers(0, 2)) == 0:
        constraints["pattern"] = draw(st.sampled_from(PATTERNS))
    if kind in LENGTH_TYPES and draw(st.integers(0, 4)) == 0:
        constraints[draw(st.sampled_from(["minLength", "maxLength"]))] = draw(st.integers(0, 4))
    if kind in BOUND_TYPES and draw(st.booleans()):
        name = draw(st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]))
        constraints[name] = draw(
            st.sampled_from(TEXTS[kind] + ([1, 5, 100, 0.1] if kind in ("integer", "number", "year") else []))
        )
    if kind not in NO_ENUM and draw(st.integers(0, 7)) == 0:
        constraints["enum"] = draw(st.lists(st.sampled_from(TEXTS[kind]), min_size=1, max_size=5))
    if constraints:
        field["constraints"] = constraints
    return field


@st.composite
def common_schemas(draw: st.DrawFn) -> Json:
    """A schema of the types that sensors and councils use, with bounds that most values keep."""
    common: list[Json] = [
        {"type": "string"},
        {"type": "string", "constraints": {"pattern": "[a-c]+[0-9]*"}},
        {"type": "string", "constraints": {"unique": True}},
        {"type": "integer"},
        {"type": "integer", "constraints": {"minimum": -100, "required": True}},
        {"type": "integer", "constraints": {"unique": True}},
        {"type": "number"},
        {"type": "number", "constraints": {"minimum": "-999.5", "maximum": 1000}},
        {"type": "number", "constraints": {"unique": True}},
        {"type": "boolean"},
        {"type": "date"},
        {"type": "date", "constraints": {"minimum": "1950-06-15", "unique": True}},
        {"type": "datetime", "constraints": {"minimum": "1950-06-15T12:00:00Z"}},
        {"type": "datetime", "constraints": {"unique": True}},
        {"type": "time"},
        {"type": "year", "constraints": {"maximum": 2030}},
        {"type": "yearmonth"},
        {"type": "geopoint"},
        {"type": "any"},
    ]
    chosen = draw(st.lists(st.sampled_from(common), min_size=1, max_size=6))
    schema: Json = {"fields": [{"name": f"f{number}", **field} for number, field in enumerate(chosen)]}
    if draw(st.integers(0, 2)) == 0:
        schema["primaryKey"] = ["f0"] if draw(st.booleans()) else [f"f{n}" for n in range(len(chosen))][:2]
    return schema


@st.composite
def schemas(draw: st.DrawFn) -> Json:
    """A schema of one to five fields."""
    names = draw(st.lists(st.sampled_from(["a", "b", "c", "d", "E", "e"]), min_size=1, max_size=5, unique=True))
    schema: Json = {"$schema": V2, "fields": [draw(fields(name)) for name in names]}
    if draw(st.integers(0, 4)) == 0:
        schema["missingValues"] = draw(st.sampled_from([["", "-"], ["n/a"], [], ["", "0"]]))
    if draw(st.integers(0, 3)) == 0:
        schema["primaryKey"] = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    if draw(st.integers(0, 5)) == 0:
        schema["fieldsMatch"] = draw(st.sampled_from(["exact", "equal", "subset", "superset", "partial"]))
    return schema


@st.composite
def cells(draw: st.DrawFn, field: Json, clean: bool) -> str:
    """A cell that mostly suits its field; nearly always if it is to be clean."""
    pool = TEXTS[field["type"]]
    if clean and draw(st.integers(0, 40)):
        if choices := field.get("constraints", {}).get("enum"):
            return draw(st.sampled_from(choices))
        plain = PLAIN.get(field.get("format", ""), PLAIN.get(field["type"], st.sampled_from(pool[:4])))
        return draw(plain if draw(st.integers(0, 3)) else st.sampled_from(pool[:4]))
    return draw(st.sampled_from([*pool, *pool[:3], *pool[:3], *WRONG]))


@st.composite
def tables(draw: st.DrawFn, schema: Json, clean: bool | None = None) -> list[list[str]]:
    """A header and rows, some of the wrong width or blank."""
    header = [field["name"] for field in schema["fields"]]
    change = draw(st.integers(0, 12))
    if change == 0:
        header = header[:-1]
    elif change == 1:
        header = [*header, draw(st.sampled_from(["x", "", "a"]))]
    elif change == 2:
        header = [draw(st.sampled_from(["", "zz", header[-1], header[0].upper()])), *header[1:]]
    elif change == 3:
        header = header[::-1]
    rows: list[list[str]] = []
    clean = draw(st.booleans()) if clean is None else clean
    for _ in range(draw(st.integers(0, 24))):
        row = [draw(cells(field, clean)) for field in schema["fields"]]
        width = draw(st.integers(0, 80 if clean else 25))
        if width == 0:
            row = row[:-1]
        elif width == 1:
            row.append(draw(st.sampled_from(["", "more"])))
        elif width == 2:
            row = []
        elif width == 3:
            row = [""] * len(row)
        elif width == 4 and rows:
            row = rows[draw(st.integers(0, len(rows) - 1))]
        rows.append(row)
    return [header, *rows]


@st.composite
def texts(draw: st.DrawFn, rows: list[list[str]], delimiter: str) -> str:
    """The rows as a CSV text; line ends, quoting and the last line end vary, and something may be broken."""
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, None]))
    if quoting is None:
        text = "".join(delimiter.join(row) + end for row in rows)
    else:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
        text = out.getvalue()
    if draw(st.integers(0, 3)) == 0:
        text = text.removesuffix(end)
    if draw(st.integers(0, 6)) == 0:
        at = draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + draw(st.sampled_from(['"', "\n", "\r", "\0", delimiter, '""', "\\", "\n\n", " ", '"\n']))
            + text[at:]
        )
    return text
