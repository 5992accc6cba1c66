"""Tables in JSON, JSON lines and GeoJSON, as rows. Every value gets a column or stands above the table: none is hidden.

RFC 8259 (JSON), RFC 7946 (GeoJSON). Frictionless takes the columns from the first object alone and never looks at what
later ones have besides; here each name that any object has is a column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..reasons import Unchecked

Table = list[list[Any]]
GEOMETRY = "geometry"
TABLES = ("data", "items", "records", "results", "rows", "value")  # what answers of an API call their table
DEEPEST = 100  # lists and objects in one another; GeoJSON needs 7
LONGEST_EXPONENT = re.compile(r"[eE][+-]?0*\d{4,}")  # such a number as an integer would fill the memory
MOST_DIGITS = 1100  # that a number may have before its decimal point; the largest of usual computers has 309


@dataclass(frozen=True, slots=True)
class Found:
    """A table: its first row are the labels.

    Attributes:
        aside: what the file says besides, one text each: no data, but screened too.
    """

    rows: Table
    aside: tuple[str, ...] = ()


def json_rows(path: Path, kind: str, fields: Collection[str] | None, longest: int, lines: bool = False) -> Found | None:
    """Reads the table in a file; None if what it holds is no table.

    Args:
        kind: ``json``, ``ndjson`` or ``geojson``.
        fields: names in the schema if there is one; GeoJSON's geometry is a column only if the schema knows it.
        longest: characters that one cell may have.
        lines: whether it is called JSON lines, so that a single object in it is a row.

    Raises:
        Unchecked: broken (``unreadable``), two values of one name (``ambiguous-columns``) or ``giant-cell``.
    """
    value = _parsed(path, kind)
    found = _found([value] if lines and isinstance(value, dict) else value, fields)
    if found:
        for row in found.rows:
            for cell in row:
                _fits(cell, longest)
        for text in found.aside:
            _fits(text, longest)
    return found


def as_json(value: object) -> str:
    """A value as its JSON text; text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _parsed(path: Path, kind: str) -> Any:
    content = path.read_bytes()
    try:
        text = content.decode(json.detect_encoding(content))
        return [_value(line) for line in text.rstrip().split("\n")] if kind == "ndjson" else _value(text)
    except RecursionError as deep:
        raise Unchecked("The JSON is nested too deeply.", reason="unreadable") from deep
    except ValueError as broken:
        raise Unchecked("The JSON is broken or incomplete.", reason="unreadable") from broken


def _value(text: str) -> Any:
    return json.loads(text, parse_float=_number, parse_constant=_refuse, object_pairs_hook=_object)


def _number(text: str) -> Decimal:
    if LONGEST_EXPONENT.search(text):
        raise ValueError("a number beyond all measure")
    number = Decimal(text)
    if number.adjusted() >= MOST_DIGITS:
        raise ValueError("a number beyond all measure")
    return number


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):  # the last one would win, and the others would go public without a look
        raise Unchecked("An object has two values of the same name.", reason="ambiguous-columns")
    return value


def _found(value: Any, fields: Collection[str] | None) -> Found | None:
    if isinstance(value, dict) and value.get("type") == "FeatureCollection":
        return _features(value, fields)
    if isinstance(value, list):
        rows = _rows(value)
        return Found(rows) if rows else None
    if not isinstance(value, dict):
        return None
    tables = {name: rows for name, inner in value.items() if isinstance(inner, list) and (rows := _rows(inner))}
    name, rows = tables.popitem() if len(tables) == 1 else ("", [])
    if name not in TABLES:
        return None
    return Found(rows, tuple(f"{key}: {as_json(inner)}" for key, inner in value.items() if key != name))


def _rows(items: Sequence[Any]) -> Table | None:
    if items and all(isinstance(item, dict) for item in items):
        return _keyed(items)
    if items and all(isinstance(item, list) for item in items) and items[0]:
        return list(items)
    return None


def _keyed(objects: Sequence[dict[str, Any]]) -> Table | None:
    labels = list(dict.fromkeys(name for one in objects for name in one))
    return [labels, *([one.get(name) for name in labels] for one in objects)] if labels else None


def _features(collection: dict[str, Any], fields: Collection[str] | None) -> Found | None:
    features = collection.get("features")
    if not isinstance(features, list) or not all(_is_feature(feature) for feature in features):
        return None
    properties = [feature.get("properties") or {} for feature in features]
    aside = [f"{name}: {as_json(value)}" for name, value in collection.items() if name not in ("type", "features")]
    aside += _members(features, ("type", "properties", GEOMETRY))
    if fields is not None and GEOMETRY not in fields:
        aside += _members(features, ("type", "properties", "id", "bbox"))
    elif any(GEOMETRY in one for one in properties):
        raise Unchecked("A property is called geometry too.", reason="ambiguous-columns")
    else:
        properties = [one | {GEOMETRY: f.get(GEOMETRY)} for one, f in zip(properties, features, strict=True)]
    rows = _keyed(properties)
    return Found(rows, tuple(aside)) if rows else None


def _is_feature(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("type") == "Feature"
        and isinstance(value.get("properties"), dict | None)
        and isinstance(value.get(GEOMETRY), dict | None)
    )


def _members(features: Iterable[dict[str, Any]], without: Collection[str]) -> list[str]:
    others = ({name: value for name, value in feature.items() if name not in without} for feature in features)
    return [as_json(members) for members in others if members]


def _fits(cell: object, longest: int) -> None:
    if isinstance(cell, dict | list) and _too_deep(cell, DEEPEST):
        raise Unchecked("The JSON is nested too deeply.", reason="unreadable")
    text = as_json(cell) if isinstance(cell, str | dict | list) else ""
    if len(text) > longest:
        raise Unchecked("A cell is longer than any cell should be.", reason="giant-cell")
    try:
        text.encode()
    except UnicodeEncodeError as half:  # RFC 8259 section 8.2: half of a pair of surrogates
        raise Unchecked("The JSON has text that is no Unicode.", reason="unreadable") from half


def _too_deep(value: object, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return left == 0 or any(_too_deep(one, left - 1) for one in inner)
