"""Checks of ours beyond Table Schema, off unless a recipe asks for them. One kind, one file.

checks = make(request.checks, labels, schema)      # each sees every row
report = told(checks)                              # after the last row
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..explanation import Explanation
from ..model import Fault, Json
from ..validate.places import Places
from . import (
    company_numbers,
    coordinates,
    duplicates,
    gaps,
    gss_codes,
    not_in_future,
    possible_values,
    stuck,
    time_order,
    time_range,
    totals,
    uprn,
)
from .check import ERROR, WARNING, Check, Kind, Setting, Tally
from .column import Context, find
from .settings import review
from .unread import MISSING, RULES

CHECKS: tuple[Kind, ...] = (
    coordinates.CHECK,
    not_in_future.CHECK,
    time_range.CHECK,
    time_order.CHECK,
    gaps.CHECK,
    stuck.CHECK,
    possible_values.CHECK,
    duplicates.CHECK,
    totals.CHECK,
    gss_codes.CHECK,
    uprn.CHECK,
    company_numbers.CHECK,
)
KINDS = {kind.name: kind for kind in CHECKS}
EXPLAINED: dict[str, Explanation] = RULES | {rule: said for kind in CHECKS for rule, said in kind.rules.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """What the checks have found.

    Attributes:
        faults: the first ones of every check, in the order of the recipe.
        counts: all of them by rule.
        warnings: those of ``counts`` that do not fail the file.
    """

    faults: tuple[Fault, ...]
    counts: Counter[str]
    warnings: Counter[str]

    @property
    def failed(self) -> bool:
        """Whether the file fails."""
        return self.counts.total() > self.warnings.total()


def make(
    wanted: Sequence[Json],
    labels: Sequence[str],
    schema: Json | None,
    now: datetime | None = None,
    places: Places | None = None,
) -> list[Check]:
    """The checks that a recipe asks for, in its order.

    Args:
        wanted: as in the recipe, found in order by ``review``: one name with its settings each.
        labels: names of the columns, in the order of the file.
        schema: Table Schema descriptor: it says how cells are written, and what stands for a missing value.
        now: time zone aware; the clock if None.
        places: where the geometries are, in formats that have any.
    """
    return [_make(one, labels, schema, now or datetime.now(UTC), places) for one in wanted]


def told(checks: Sequence[Check]) -> Told:
    """What they say after the last row."""
    faults = tuple(fault for check in checks for fault in check.faults())
    counts, warnings = Counter[str](), Counter[str]()
    for check in checks:
        counts.update(check.counts)
        if check.level == WARNING:
            warnings.update(check.counts)
    return Told(faults, counts, warnings)


def _make(one: Json, labels: Sequence[str], schema: Json | None, now: datetime, places: Places | None) -> Check:
    ((name, settings),) = one.items()
    kind = KINDS[name]
    found = {column: find(column, labels, schema) for column in _columns(kind, settings)}
    missing = [column for column, place in found.items() if place is None]
    if missing:
        check = Tally()
        for column in missing:
            check.note_file(MISSING, column, None, name)
    else:
        columns = {column: place for column, place in found.items() if place}
        check = kind.build(settings, Context(columns, now, places))
    check.level = settings.get("level", ERROR)
    return check


def _columns(kind: Kind, settings: Json) -> list[str]:
    """Every column that the settings name."""
    names = list[str]()
    for name, value in settings.items():
        shape = kind.settings[name].kind if name in kind.settings else ""
        names += [value] if shape == "column" else value if shape == "columns" else []
    return names


__all__ = [
    "CHECKS",
    "EXPLAINED",
    "KINDS",
    "Check",
    "Kind",
    "Setting",
    "Told",
    "make",
    "review",
    "told",
]
