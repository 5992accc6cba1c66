"""Everything that is wrong with a Table Schema itself, listed at once, each fault with its place.

Frictionless is the reference for what is a Table Schema: what it refuses has a fault here, what it accepts has none.
It stops at the first layer of faults and names no field, so its own profiles and checks are put to each part alone.
Refused besides: a rule that it would only break down on at the first row (a pattern that is none, a bound that is no
value of its column's type).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from frictionless import Field, FrictionlessException, Schema
from frictionless.metadata.context import ValidationContext
from jsonschema.exceptions import ValidationError
from jsonschema.validators import validator_for

from ..model import Fault, Json

Place = tuple[str | int, ...]

# What Frictionless breaks down with where it takes a descriptor's shape for granted.
BREAKS = (TypeError, AttributeError, LookupError, ValueError, ArithmeticError, re.error)
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
SHAPES = {
    "array": "a list",
    "object": "a list of names and values",
    "string": "text",
    "boolean": "true or false, without quotation marks",
    "integer": "a whole number, without quotation marks",
}
LONGEST = 60  # characters of a name that are quoted


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One thing wrong with a Table Schema. Nothing in it comes from the data.

    Attributes:
        rule: key of its explanation: ``schema-error``, ``schema-required``, ``schema-type`` ...
        place: the way to it in the descriptor: ``("fields", 2, "constraints", "pattern")``; empty for the whole.
        detail: which property, and what is wrong with it.
        field: name of the field; "" for the schema as a whole, or if the field has none.
    """

    rule: str
    place: Place
    detail: str
    field: str = ""

    @property
    def position(self) -> int | None:
        """Number of the field from 1; None for the schema as a whole."""
        number = self.place[1] if len(self.place) > 1 and self.place[0] == "fields" else None
        return number + 1 if isinstance(number, int) else None

    def as_fault(self) -> Fault:
        """The shape that every report shows."""
        return Fault(self.rule, field=self.field or None, position=self.position, detail=self.detail)


def read_schema(descriptor: object) -> tuple[Schema | None, tuple[SchemaFault, ...]]:
    """The Table Schema, or everything that is wrong with it: what is accepted is not looked at part by part."""
    fields = descriptor.get("fields") if isinstance(descriptor, dict) else None
    # Frictionless would take text in their place for the name of a file to read
    if isinstance(fields, list) and all(isinstance(field, dict) for field in fields):
        try:
            schema = Schema.from_descriptor(descriptor)
            if not any(_unreadable(field, ()) for field in schema.fields):
                return schema, ()
        except (FrictionlessException, *BREAKS):
            pass
    return None, schema_faults(descriptor)


def schema_faults(descriptor: object) -> tuple[SchemaFault, ...]:
    """All faults of a Table Schema: those of the schema as a whole, then field by field. Changes nothing."""
    if not isinstance(descriptor, dict):
        return (SchemaFault("schema-error", (), "A Table Schema must be a list of names and values: { … }."),)
    schema: Json = deepcopy(descriptor)
    found = [*_whole(schema), *_fields(schema)]
    return tuple(found or _refused(descriptor))


def _refused(descriptor: Json) -> Iterator[SchemaFault]:
    """The reference has the last word: what it still refuses is reported in its own words."""
    try:
        Schema.from_descriptor(descriptor)
    except FrictionlessException as refused:
        for error in refused.reasons or [refused.error]:
            yield SchemaFault("schema-error", (), _short(error.note, 200))
    except BREAKS:
        yield SchemaFault("schema-error", (), "No program can make sense of this schema.")


def _whole(schema: Json) -> Iterator[SchemaFault]:
    shapes = [*_keys_shape(schema)]
    if not isinstance(schema.get("$schema") or "", str):
        shapes.append(_shape(("$schema",), "text"))
    if schema.get("type"):
        shapes.append(SchemaFault("schema-error", ("type",), "“type” belongs to a field, not to the whole schema."))
    if shapes:
        yield from shapes
        return
    fields = schema.pop("fields", None)
    Schema.metadata_transform(schema)
    if fields is not None:
        schema["fields"] = fields
    found = [_of_profile(error, ()) for error in _profile_errors(Schema, schema)]
    yield from found
    yield from _repeated(schema)
    if found:
        return
    names = _names(schema)
    for place, name in _named(schema):
        if name not in names:
            yield SchemaFault("schema-keys", place, f"“{place[0]}” names a column {_quoted(name)} that no field has.")
    for number, key in enumerate(schema.get("foreignKeys", [])):
        here, there = len(key["fields"]), len(key["reference"]["fields"])
        if here != there:
            place = ("foreignKeys", number)
            yield SchemaFault("schema-keys", place, f"“foreignKeys” sets {here} columns against {there}.")
    alone = {**schema, "fields": [{"name": name} for name in names]}
    for error in Schema.metadata_validate(alone):
        if error.note.startswith("missing value"):
            yield _missing_values((), error.note)


def _keys_shape(schema: Json) -> Iterator[SchemaFault]:
    """Shapes that Frictionless takes for granted before it looks."""
    keys = schema.get("foreignKeys") or []
    if not isinstance(keys, list):
        yield _shape(("foreignKeys",), "a list")
        return
    for number, key in enumerate(keys):
        if not isinstance(key, dict) or not isinstance(key.get("reference", {}), dict):
            yield _shape(("foreignKeys", number), "a list of names and values with “fields” and “reference”")


def _names(schema: Json) -> list[str]:
    named = (field.get("name") for field in schema["fields"] if isinstance(field, dict))
    return [name for name in named if isinstance(name, str)]


def _repeated(schema: Json) -> Iterator[SchemaFault]:
    fields = schema.get("fields")
    if not isinstance(fields, list):
        return
    counts, seen = Counter(_names(schema)), set[str]()
    for number, field in enumerate(fields):
        name = field.get("name") if isinstance(field, dict) else None
        if not isinstance(name, str) or counts[name] == 1:
            continue
        if name in seen:
            detail = f"{counts[name]} fields have this name."
            yield SchemaFault("schema-names", ("fields", number, "name"), detail, _short(name))
        seen.add(name)


def _named(schema: Json) -> Iterator[tuple[Place, str]]:
    """Every column that a key names, with its place."""
    for at, name in enumerate(schema.get("primaryKey", [])):
        yield ("primaryKey", at), name
    for number, key in enumerate(schema.get("foreignKeys", [])):
        for at, name in enumerate(key["fields"]):
            yield ("foreignKeys", number, "fields", at), name


def _fields(schema: Json) -> Iterator[SchemaFault]:
    fields, stated = schema.get("fields"), schema.get("$schema")
    if not isinstance(fields, list):
        return
    context = ValidationContext(
        datapackage_version=Schema.effective_datapackage_version({"$schema": stated}, None)
        if isinstance(stated, str)
        else "v1"
    )
    for number, field in enumerate(fields):
        place: Place = ("fields", number)
        if isinstance(field, dict):
            name = field.get("name")
            for fault in _field(field, place, context):
                yield SchemaFault(fault.rule, fault.place, fault.detail, _short(name) if isinstance(name, str) else "")
        else:  # Frictionless would take text for the name of a file to read
            yield _shape(place, "a list of names and values")


def _field(field: Json, place: Place, context: ValidationContext) -> Iterator[SchemaFault]:
    try:
        kind = Field.metadata_select_class(field.get("type"))
    except FrictionlessException:
        yield SchemaFault("schema-type", (*place, "type"), f"There is no type {_quoted(field['type'])}.")
        kind = Field
        field = {key: value for key, value in field.items() if key != "type"}
    kind.metadata_transform(field)
    shapes = [_of_profile(error, place) for error in _profile_errors(kind, field)]
    yield from shapes
    if "required" in field:
        yield SchemaFault(
            "schema-required", (*place, "required"), "“required” stands beside the type instead of in “constraints”."
        )
    if shapes or kind is Field:
        return
    try:
        for error in kind.metadata_validate(field, context=context):
            if not error.note.startswith('"required"'):
                yield _of_note(error.note, field, place)
        yield from _unreadable(kind.metadata_import(deepcopy(field)), place)
    except (FrictionlessException, *BREAKS):
        yield SchemaFault("schema-error", place, "No program can make sense of this field.")


def _of_note(note: str, field: Json, place: Place) -> SchemaFault:
    """A check of Frictionless's on one field, told apart by the words it has for it."""
    constraint = re.match(r'constraint "(\w+)" (is not supported|requires)', note)
    if constraint and constraint[2] == "requires":
        detail = f"“{constraint[1]}” needs version 2 of the standard, which the schema does not state."
        return SchemaFault("schema-version", (*place, "constraints", constraint[1]), detail)
    if constraint:
        detail = f"“{constraint[1]}” is no rule for the type “{field.get('type', 'any')}”."
        return SchemaFault("schema-constraint", (*place, "constraints", constraint[1]), detail)
    if note.startswith("missing value"):
        return _missing_values(place, note)
    if note.startswith("example value"):
        return SchemaFault("schema-example", (*place, "example"), "“example” is no value that the field would accept.")
    return SchemaFault("schema-error", place, _short(note, 200))


def _unreadable(field: Field, place: Place) -> list[SchemaFault]:
    """Rules that Frictionless takes, and then cannot read."""
    read, found = field.create_value_reader(), []
    rules = {name: field.constraints.get(name) for name in field.supported_constraints}
    for name in BOUNDS:
        if rules.get(name) is not None and read(rules[name]) is None:
            found.append((name, f"“{name}” is no value of the type “{field.type}”."))
    try:
        re.compile(f"^{rules.get('pattern')}$")
    except (re.error, OverflowError, RecursionError):
        found.append(("pattern", "“pattern” is no regular expression that can be read."))
    return [SchemaFault("schema-constraint", (*place, "constraints", name), detail) for name, detail in found]


def _profile_errors(kind: type[Schema] | type[Field], descriptor: Json) -> list[ValidationError]:
    profile = kind.metadata_ensure_profile()
    return list(validator_for(profile)(profile).iter_errors(descriptor))


def _of_profile(error: ValidationError, place: Place) -> SchemaFault:
    """What Frictionless's profile of a schema or field asks for."""
    path: Place = tuple(error.absolute_path)
    name = ".".join(map(str, path))
    rule = "schema-constraint" if path[:1] == ("constraints",) else "schema-error"
    if path[-1:] in (("type",), ("format",)) and place:
        rule = "schema-type"
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        inside = f" in “{name}”" if name else ""
        rule = "schema-names" if place and missing == "name" else rule
        return SchemaFault(rule, (*place, *path, missing), f"“{missing}” is missing{inside}.")
    if error.validator == "enum":
        return SchemaFault(rule, (*place, *path), f"“{name}” must be one of: {', '.join(error.validator_value)}.")
    if error.validator == "pattern":
        allowed = "small letters, digits and . _ - /" if path == ("name",) else "small letters"
        return SchemaFault(rule, (*place, *path), f"“{name}” may only have {allowed}, without spaces.")
    wanted = SHAPES[error.validator_value] if error.validator == "type" else "a list of texts"
    return _shape((*place, *path), wanted, name, rule)


def _shape(place: Place, wanted: str, name: str = "", rule: str = "schema-error") -> SchemaFault:
    return SchemaFault(rule, place, f"“{name or '.'.join(map(str, place))}” must be {wanted}.")


def _missing_values(place: Place, note: str) -> SchemaFault:
    here = (*place, "missingValues")
    if "require" in note:
        detail = "“missingValues” with labels need version 2 of the standard, which the schema does not state."
        return SchemaFault("schema-version", here, detail)
    return SchemaFault("schema-error", here, "“missingValues” names a value or a label twice.")


def _quoted(value: Any) -> str:
    return f"“{_short(str(value))}”"


def _short(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
