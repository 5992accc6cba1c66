"""Public entry: Frictionless validates the table; a dialect of ours hands it only the rows that are not sure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from frictionless import Checklist, Dialect, Report, Schema, system
from frictionless.resources import TableResource

from ..standard import profile_of
from .descriptor import Everything, descriptor_of
from .selection import Selection

if TYPE_CHECKING:
    from ...model import Json

BLOCK = 2 << 20
SMALL = 128 << 10


@dataclass(frozen=True, slots=True)
class Options:
    """How the file is read; nothing here changes the report.

    Attributes:
        block: bytes screened at a time.
        small: files up to this many bytes go to Frictionless whole: loading the screen would take longer.
    """

    block: int = BLOCK
    small: int = SMALL


def validate(
    path: str,
    *,
    schema: Json | None,
    dialect: Json | None = None,
    encoding: str | None = None,
    file_format: str = "csv",
    limit_errors: int = 1000,
    options: Options | None = None,
) -> Json:
    """Frictionless's report on a local CSV or TSV file; it differs only in ``seconds``.

    Args:
        schema: Table Schema descriptor; None lets Frictionless infer one from the first rows.
        dialect: Frictionless dialect descriptor; what it leaves open is sniffed by Frictionless.
        file_format: ``csv`` or ``tsv``.
        encoding: Python codec name; None lets Frictionless guess.
        limit_errors: reading stops after this many; 0 is no limit.

    Raises:
        FrictionlessException: the schema's or the dialect's own descriptor is not valid.
    """

    def build() -> TableResource:
        promised = None if schema is None else Schema.from_descriptor(schema)
        table = TableResource(
            path=Path(path).name,
            basepath=str(Path(path).parent),  # Frictionless trusts no absolute path
            format=file_format,
            encoding=encoding,
            dialect=Dialect.from_descriptor(dialect or {}),
            schema_profile=profile_of(promised),
        )
        if promised is not None:
            table.schema = promised
        return table

    return descriptor_of(validate_table(build, limit_errors=limit_errors, options=options))


def validate_table(
    build: Callable[[], TableResource],
    *,
    checklist: Checklist | None = None,
    limit_rows: int | None = None,
    limit_errors: int = 1000,
    options: Options | None = None,
) -> Report:
    """What ``build().validate(...)`` returns.

    Args:
        build: makes the table, closed; called again if the reading stops at a limit.
    """
    table = build()
    selection = None if limit_rows or (checklist and checklist.checks) else select(table, options)
    if selection is None:
        return table.validate(checklist, limit_rows=limit_rows, limit_errors=limit_errors)
    with closing(selection):
        report = table.validate(checklist or Everything(), limit_errors=limit_errors)
    if selection.stopped:
        _measure_as_read(report, build(), selection.last)
    return report


def select(table: TableResource, options: Options | None = None) -> Selection | None:
    """Makes a closed table hand only its doubtful rows to Frictionless; None if Frictionless has to read it all.

    The statistics are right if the table is then validated to its end, without limits.
    """
    return Selection.install(table, options or Options()) if _plain_file(table) else None


def _plain_file(table: TableResource) -> bool:
    return (
        type(table) is TableResource
        and table.closed
        and table.format in ("csv", "tsv", "xlsx")
        and table.scheme == "file"
        and bool(table.path)
        and not (table.memory or table.remote or table.multipart or table.compression)
        and system.onerror == "ignore"
    )


def _measure_as_read(report: Report, fresh: TableResource, rows: int) -> None:
    """Sets size and hashes as they are when Frictionless reads so many rows of the file and then stops."""
    with fresh:
        _exhaust(islice(fresh.cell_stream, rows))
        stats = report.tasks[0].stats
        for name in ("md5", "sha256", "bytes"):
            value = getattr(fresh.stats, name)
            stats.pop(name, None)
            if value:
                stats[name] = value


def _exhaust(stream: Iterator[object]) -> None:
    for _ in stream:
        pass
