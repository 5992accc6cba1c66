"""Minimum, maximum and their exclusive forms, as Frictionless reads them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from frictionless import Field

from .unsure import NotSure

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound: ``passes`` compares a cell with a value, ``strictly`` the same but never equal."""

    value: Any
    passes: Callable[[Any, Any], Any]
    strictly: Callable[[Any, Any], Any]


def bounds(field: Field, kind: type | tuple[type, ...]) -> list[Bound]:
    """The field's bounds, read as Frictionless reads them.

    Raises:
        NotSure: one of them is not a value of the field's type.
    """
    read = field.create_value_reader()
    found = []
    for name, passes in COMPARE.items():
        stated = field.constraints.get(name)
        if stated is None:
            continue
        value = read(stated)
        if not isinstance(value, kind):
            raise NotSure
        found.append(Bound(value, passes, operator.gt if "inimum" in name else operator.lt))
    return found
