"""How the structure of a file differs from that of its last version. Names and types of columns only, never a value.

A structure is a Table Schema's list of fields, as ``structure_of`` makes it. A difference is never a fault: nobody
promised anything.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from frictionless import Field

from ..model import Json

Column = tuple[str, int]  # a name, and how many columns before have the same name


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        kind: ``added``, ``removed``, ``renamed``, ``moved`` or ``retyped``.
        field: name of the column now; of one that was removed, its last name.
        was: last name (``renamed``), place from 1 (``moved``, ``removed``) or type (``retyped``); else None.
        now: place from 1 (``moved``, ``added``) or type (``retyped``); else None.
    """

    kind: str
    field: str
    was: str | int | None = None
    now: str | int | None = None


def structure_of(fields: Sequence[Field], shown: Callable[[int], str]) -> Json:
    """An inferred schema as it is kept: a Table Schema with names, types and formats, and nothing from any cell.

    Args:
        shown: name to show for a column by its position: never a header that is really data.
    """
    return {"fields": [_described(field, shown(at)) for at, field in enumerate(fields, start=1)]}


def _described(field: Field, name: str) -> Json:
    facts: Json = {"name": name, "type": field.type}
    if field.format and field.format != "default":
        facts["format"] = field.format
    return facts


def drift(last: Json, now: Json) -> tuple[Change, ...]:
    """What changed between two structures, in the order of the columns now, with the removed ones last.

    A column that is gone and a new one of the same type in its very place count as one that was renamed.
    """
    old, new = _columns(last), _columns(now)
    places = {column: at for at, column in enumerate(old, start=1)}
    gone = {places[column]: column for column in old if column not in new}
    moved = set(_moved([column for column in new if column in old], places))
    changes = []
    for at, (column, kind) in enumerate(new.items(), start=1):
        if column in old:
            if column in moved:
                changes.append(Change("moved", column[0], places[column], at))
            if old[column] != kind:
                changes.append(Change("retyped", column[0], old[column], kind))
        elif at in gone and old[gone[at]] == kind:
            changes.append(Change("renamed", column[0], gone.pop(at)[0]))
        else:
            changes.append(Change("added", column[0], now=at))
    return (*changes, *(Change("removed", column[0], at) for at, column in sorted(gone.items())))


def as_json(changes: Sequence[Change]) -> list[Json]:
    """A form that JSON can hold."""
    return [asdict(change) for change in changes]


def _columns(structure: Json) -> dict[Column, str]:
    seen, found = Counter[str](), dict[Column, str]()
    for field in structure["fields"]:
        found[field["name"], seen[field["name"]]] = _kind(field)
        seen[field["name"]] += 1
    return found


def _kind(field: Json) -> str:
    return f"{field['type']} ({field['format']})" if "format" in field else str(field["type"])


def _moved(common: Sequence[Column], places: dict[Column, int]) -> list[Column]:
    """The fewest columns that must have moved: all but a longest run that kept its order."""
    ends, run, before = list[int](), list[Column](), dict[Column, Any]()
    for column in common:
        at = bisect_left(ends, places[column])
        ends[at : at + 1], run[at : at + 1] = [places[column]], [column]
        before[column] = run[at - 1] if at else None
    kept, last = set[Column](), run[-1] if run else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return [column for column in common if column not in kept]
