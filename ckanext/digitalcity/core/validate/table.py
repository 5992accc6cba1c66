"""One table through Frictionless, the reference for what is valid; every row is also shown to the privacy screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property

from frictionless import Checklist, Error, Field, FrictionlessException, Package, Report, Schema
from frictionless.errors import RowError
from frictionless.resources import TableResource

from ..reasons import Reason, Unchecked
from ..screen import Screen
from .audience import Audience
from .fast.engine import Options, select
from .newest import Newest
from .source import Layout
from .watch import Watch

# Frictionless's words for a file it could not read to its end. Never "invalid": part of it was not looked at.
UNREADABLE: dict[str, Reason] = {
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
    rows: set[int]
    beyond_rows: bool = False

    @cached_property
    def _scope(self) -> frozenset[str]:
        return frozenset(self.scope)

    def match(self, error: Error) -> bool:
        """Whether an error goes into the report."""
        if not super().match(error):
            return False
        self.counts[error.type] += 1
        if isinstance(error, RowError):
            self.rows.add(error.row_number)
        else:
            self.beyond_rows = True
        return sum(self.counts.values()) <= self.most


@dataclass(frozen=True, slots=True)
class Checked:
    """What Frictionless said. ``counts`` has the true number of errors by type.

    Attributes:
        rejected: numbers of the rows with errors; None if more than rows is wrong.
    """

    report: Report
    counts: Counter[str]
    labels: tuple[str, ...]
    fields: Sequence[Field]
    newest: str | None
    rejected: frozenset[int] | None


def check_table(
    layout: Layout,
    schema: Schema | None,
    most_errors: int,
    on_start: Callable[[tuple[str, ...], tuple[str, ...]], tuple[Screen, Sequence[Watch]]],
    options: Options | None = None,
    others: Sequence[TableResource] = (),
) -> Checked:
    """Validates a whole table.

    Args:
        on_start: called once with the labels found in the header and the names of the schema's fields; returns who
            sees every row.
        others: tables that the schema's foreign keys lead to.

    Raises:
        Unchecked: the file could not be read to its end.
    """
    checklist = Counting()
    checklist.most, checklist.counts, checklist.rows = most_errors, Counter(), set()
    table = layout.resource(schema=schema)
    if others:
        Package(resources=[table, *others])
    with ExitStack() as ending:
        selection = select(table, options)
        if selection:
            ending.callback(selection.close)
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
        if error.type in UNREADABLE or error.type.endswith(("resource-error", "schema-error", "field-error")):
            raise _skip(error)
    rejected = None if checklist.beyond_rows else frozenset(checklist.rows)
    return Checked(report, checklist.counts, labels, fields, newest.value, rejected)


def _skip(error: Error) -> Unchecked:
    reason: Reason
    if error.type == "source-error" and "field larger than field limit" in error.note:
        reason = "giant-cell"
    elif error.type == "source-error" and not error.note:
        reason = "memory-limit"  # MemoryError has no words, and Frictionless keeps nothing else of it
    elif error.type == "source-error" and "empty" in error.note:
        reason = "empty"
    else:
        reason = UNREADABLE.get(error.type, "schema-invalid")
    return Unchecked("The table could not be read to its end.", reason=reason)
