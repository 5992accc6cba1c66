"""One table through Frictionless, the reference for what is valid; every row is also shown to the privacy screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from frictionless import Checklist, Error, FrictionlessException, Report, Schema

from ..errors import Skippable
from ..model import Json
from ..screen import Screen
from .audience import Audience
from .fast.engine import Options, select
from .newest import Newest
from .source import Layout
from .watch import Watch

# Frictionless's words for a file it could not read to its end. Never "invalid": part of it was not looked at.
UNREADABLE = {
    "encoding-error": "wrong-encoding",
    "source-error": "unreadable",
    "format-error": "unreadable",
    "scheme-error": "unreadable",
    "compression-error": "unreadable",
    "error": "ambiguous-columns",
    "metadata-error": "ambiguous-columns",
}


class Counting(Checklist):  # type: ignore[misc]
    """Frictionless's checklist, keeping the first errors and counting all: its own limit would stop the reading."""

    most: int
    counts: Counter[str]

    @cached_property
    def _scope(self) -> frozenset[str]:
        return frozenset(self.scope)

    def match(self, error: Error) -> bool:
        """Whether an error goes into the report."""
        if not super().match(error):
            return False
        self.counts[error.type] += 1
        return sum(self.counts.values()) <= self.most


@dataclass(frozen=True, slots=True)
class Checked:
    """What Frictionless said. ``counts`` has the true number of errors by type."""

    report: Report
    counts: Counter[str]
    labels: tuple[str, ...]
    newest: str | None


def check_table(
    layout: Layout,
    schema: Schema | None,
    most_errors: int,
    on_start: Callable[[tuple[str, ...], tuple[str, ...]], tuple[Screen, Sequence[Watch]]],
    options: Options | None = None,
) -> Checked:
    """Validates a whole table.

    Args:
        on_start: called once with the labels found in the header and the names of the schema's fields; returns who
            sees every row.

    Raises:
        Skippable: the file could not be read to its end.
    """
    checklist = Counting()
    checklist.most, checklist.counts = most_errors, Counter()
    table = layout.resource()
    if schema is not None:
        table.schema = schema
    selection = select(table, options)
    try:
        table.open()
    except FrictionlessException as refused:
        raise _skip(refused.error) from None
    labels = tuple(table.labels)
    screen, watches = on_start(labels, tuple(table.schema.field_names))
    fields = table.header.get_expected_fields()
    newest = Newest(fields)
    audience = Audience(screen, newest, watches, len(fields))
    if selection:
        selection.show = audience.block
    report = table.validate(checklist, on_row=audience.row, limit_errors=0)
    audience.end()
    task = report.tasks[0]
    for error in task.errors:
        if error.type in UNREADABLE or error.type.endswith(("resource-error", "schema-error")):
            raise _skip(error)
    return Checked(report, checklist.counts, labels, newest.value)


def read_schema(descriptor: Json) -> tuple[Schema, bool]:
    """A Table Schema without keys into other files, which one file alone cannot answer, and whether it had any.

    Raises:
        Skippable: it is not a valid Table Schema.
    """
    try:
        schema = Schema.from_descriptor(descriptor)
    except FrictionlessException as refused:
        raise Skippable("The Table Schema itself is not valid.", reason="schema-invalid") from refused
    own = [key for key in schema.foreign_keys if not key["reference"]["resource"]]
    outward = len(own) < len(schema.foreign_keys)
    schema.foreign_keys = own
    return schema, outward


def _skip(error: Error) -> Skippable:
    if error.type == "source-error" and "field larger than field limit" in error.note:
        reason = "giant-cell"
    elif error.type == "source-error" and not error.note:
        reason = "memory-limit"  # MemoryError has no words, and Frictionless keeps nothing else of it
    elif error.type == "source-error" and "empty" in error.note:
        reason = "empty"
    else:
        reason = UNREADABLE.get(error.type, "schema-invalid")
    return Skippable("The table could not be read to its end.", reason=reason)
