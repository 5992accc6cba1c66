"""Mends what is certain in a Table Schema that is refused: only if a recipe asks for it, and saying what it changed.

Certain means that only one meaning is left: a rule in the wrong place, spaces around a name, ``"true"`` for ``true``.
No rule is ever dropped or softened; what is not certain stays as it is and is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from frictionless import FrictionlessException, system

from ..model import Json
from .schema_report import Place, SchemaFault, read_schema

FLAGS = ("required", "unique", "bareNumber", "floatNumber")
LENGTHS = ("minLength", "maxLength")
TEXTS = ("missingValues", "trueValues", "falseValues")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a fault is in the schema that is being mended. ``holder[key]`` is ``value``."""

    rule: str
    place: Place
    holder: Any
    key: Any
    value: Any


def repair_schema(descriptor: Json) -> tuple[Json, tuple[str, ...]]:
    """A mended copy, and each change in a sentence. Mending it again changes nothing."""
    schema: Json = deepcopy(descriptor)
    changes = [*_trim_names(schema), *_trim_keys(schema)]
    while found := [change for fault in read_schema(schema)[1] if (change := _mend(schema, fault))]:
        changes += found
    return schema, tuple(changes)


def _trim_names(schema: Json) -> Iterator[str]:
    """Spaces around a field's name: headers are compared without them, so that such a column is never found."""
    taken = set(_names(schema))
    for number, field in enumerate(_list(schema.get("fields"))):
        name = field.get("name") if isinstance(field, dict) else None
        if isinstance(name, str) and (bare := name.strip()) and bare not in taken:
            taken.add(bare)
            field["name"] = bare
            yield _said(("fields", number), bare, "the spaces around its name were removed")


def _trim_keys(schema: Json) -> Iterator[str]:
    """Spaces around the names in a key, if a field has the name without them."""
    names = set(_names(schema))
    holders = [("primaryKey", schema, "primaryKey")]
    for key in _list(schema.get("foreignKeys")):
        if isinstance(key, dict):
            holders.append(("foreignKeys", key, "fields"))
    for said, holder, key in holders:
        value = holder.get(key)
        bare = [_bare(name, names) for name in value] if isinstance(value, list) else _bare(value, names)
        if bare != value:
            holder[key] = bare
            yield _said((said,), "", f"the spaces around a name in “{said}” were removed")


def _bare(name: Any, names: set[str]) -> Any:
    return name.strip() if isinstance(name, str) and name not in names and name.strip() in names else name


def _names(schema: Json) -> Iterator[str]:
    for field in _list(schema.get("fields")):
        if isinstance(field, dict) and isinstance(field.get("name"), str):
            yield field["name"]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mend(schema: Json, fault: SchemaFault) -> str:
    """Mends one fault if that is certain; what was done, or nothing."""
    holder: Any = schema
    try:
        for step in fault.place[:-1]:
            holder = holder[step]
        spot = Spot(fault.rule, fault.place, holder, fault.place[-1], holder[fault.place[-1]])
    except (LookupError, TypeError):  # the fault is that something is missing
        return ""
    if not isinstance(holder, (dict, list)):
        return ""
    done = next((done for mend in MENDERS if (done := mend(spot))), "")
    return _said(fault.place, fault.field, done) if done else ""


def _said(place: Place, field: str, done: str) -> str:
    number = place[1] if place[0] == "fields" and len(place) > 1 else None
    where = f"Field {number + 1} (“{field[:60]}”)" if isinstance(number, int) else "The schema"
    return f"{where}: {done}."


def _required(spot: Spot) -> str:
    """The misplaced ``required`` of many official schemas. One that contradicts ``constraints`` is left alone."""
    if spot.rule != "schema-required" or (truth := _truth(spot.value)) is None:
        return ""
    rules = spot.holder.get("constraints", {})
    if not isinstance(rules, dict) or _truth(rules.get("required", truth)) is not truth:
        return ""
    del spot.holder["required"]
    spot.holder["constraints"] = {**rules, "required": truth}
    return "“required” was moved into “constraints”"


def _truth(value: object) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _nothing(spot: Spot) -> str:
    """A property without a value says the same as one that is not there."""
    if spot.value is not None or not isinstance(spot.holder, dict) or spot.key in ("name", "fields"):
        return ""
    del spot.holder[spot.key]
    return f"“{spot.key}”, which had no value, was left out"


def _format(spot: Spot) -> str:
    if spot.key != "format" or spot.value != "":
        return ""
    del spot.holder["format"]
    return "“format”, which was empty, was left out"


def _type(spot: Spot) -> str:
    if spot.rule != "schema-type" or spot.key != "type" or not isinstance(spot.value, str):
        return ""
    plain = spot.value.strip().lower()
    if plain == spot.value or not _is_type(plain):
        return ""
    spot.holder["type"] = plain
    return f"its type is written “{plain}” now"


def _is_type(name: str) -> bool:
    try:
        return bool(name) and system.select_field_class(name) is not None
    except FrictionlessException:
        return False


def _name(spot: Spot) -> str:
    """The name of the whole schema, which nothing but people refers to."""
    if spot.place != ("name",) or not isinstance(spot.value, str):
        return ""
    plain = "-".join(spot.value.lower().split())
    if plain == spot.value or not re.fullmatch(r"[-a-z0-9._/]+", plain):
        return ""
    spot.holder["name"] = plain
    return f"its name is written “{plain[:60]}” now"


def _quotation_marks(spot: Spot) -> str:
    if spot.key in FLAGS and spot.rule != "schema-required" and isinstance(spot.value, str):
        value: object = _truth(spot.value)
    elif spot.key in LENGTHS and isinstance(spot.value, str) and re.fullmatch(r"[0-9]{1,9}", spot.value):
        value = int(spot.value)
    else:
        return ""
    if value is None:
        return ""
    spot.holder[spot.key] = value
    return f"the quotation marks around the value of “{spot.key}” were removed"


def _texts(spot: Spot) -> str:
    """One text where a list of texts belongs, or whole numbers in such a list."""
    name = next((step for step in spot.place[-2:] if step in TEXTS), "")
    if not name or spot.rule != "schema-error":
        return ""
    if spot.key == name and isinstance(spot.value, str):
        spot.holder[name] = [spot.value]
        return f"“{name}” was made a list"
    if spot.key == name and any(_is_whole(item) for item in _list(spot.value)):
        spot.holder[name] = [str(item) if _is_whole(item) else item for item in spot.value]
    elif _is_whole(spot.value):
        spot.holder[spot.key] = str(spot.value)
    else:
        return ""
    return f"a number in “{name}” was put in quotation marks"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _example(spot: Spot) -> str:
    """An example is there for people; no check reads it."""
    if spot.rule != "schema-example":
        return ""
    del spot.holder["example"]
    return "“example”, which the field itself would not accept, was left out"


MENDERS = (_required, _nothing, _format, _type, _name, _quotation_marks, _texts, _example)
