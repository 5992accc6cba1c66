"""Frictionless alone, for comparing: its own report with the values that it quotes, and without our limits."""

from __future__ import annotations

from frictionless import FrictionlessException, Report, Schema, system
from frictionless.resources import TableResource

from ..core.errors import Fatal
from ..core.model import Json
from ..core.validate.standard import profile_of
from .target import Target

# Frictionless's error types that mean that the data was not read, or not to its end.
UNFINISHED = ("error", "metadata-error", "source-error", "scheme-error", "format-error", "encoding-error")
UNFINISHED_KINDS = ("resource-error", "compression-error", "schema-error", "field-error", "dialect-error")


def validate(target: Target, schema: Json | None) -> Report:
    """Frictionless's own report.

    Raises:
        Fatal: it refuses the schema.
    """
    ending = target.filename.rpartition(".")[2].lower() if "." in target.filename else "csv"
    options: Json = {} if target.path.name == target.filename and target.path.suffix else {"format": ending}
    try:
        if schema is not None:
            options["schema"] = Schema.from_descriptor(schema)
            options["schema_profile"] = profile_of(options["schema"])
        with system.use_context(trusted=True):  # a name with a folder in it is not unsafe on one's own machine
            return TableResource(path=str(target.path), **options).validate()
    except FrictionlessException as refused:
        notes = [error.note for error in (refused.reasons or [refused.error])]
        raise Fatal("Frictionless cannot start: " + "; ".join(notes), "Correct the schema.") from None


def code_of(report: Report) -> int:
    """0 for valid, 1 for invalid, 2 where Frictionless did not read the data to its end."""
    if report.valid:
        return 0
    types = {error.type for error in report.errors} | {e.type for task in report.tasks for e in task.errors}
    return 2 if types & {*UNFINISHED, *UNFINISHED_KINDS} else 1
