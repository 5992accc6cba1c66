"""Both verdicts on one file: ours and that of Frictionless alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frictionless import Dialect, FrictionlessException, Resource, Schema

from ckanext.digitalcity.core.validate.fast import validate
from ckanext.digitalcity.core.validate.fast.engine import Options

Json = dict[str, Any]


def frictionless(path: Path, schema: Json | None, dialect: Json | None, encoding: str | None, limit: int) -> Json:
    """What Frictionless alone says."""
    kind = path.suffix[1:] if path.suffix in (".tsv", ".xlsx") else "csv"
    options: Json = {"format": kind, "encoding": encoding}
    if schema is not None:
        options["schema"] = Schema.from_descriptor(schema)
        if "$schema" in schema:  # or Frictionless refuses what version 2 alone has
            options["schema_profile"] = "https://datapackage.org/profiles/2.0/dataresource.json"
    table = Resource(
        path=path.name, basepath=str(path.parent), dialect=Dialect.from_descriptor(dialect or {}), **options
    )
    return table.validate(limit_errors=limit).to_descriptor()


def verdicts(
    path: Path,
    schema: Json | None,
    dialect: Json | None = None,
    encoding: str | None = "utf-8",
    limit: int = 1000,
    block: int = 1 << 20,
) -> tuple[Any, Any]:
    """Ours and Frictionless's report, or the exception that came instead."""
    kind = path.suffix[1:] if path.suffix in (".tsv", ".xlsx") else "csv"
    options = Options(block=block, small=0)
    ours = _outcome(
        lambda: validate(
            str(path),
            schema=schema,
            dialect=dialect,
            encoding=encoding,
            file_format=kind,
            limit_errors=limit,
            options=options,
        )
    )
    theirs = _outcome(lambda: frictionless(path, schema, dialect, encoding, limit))
    return ours, theirs


def _outcome(run: Any) -> Any:
    try:
        report = run()
    except FrictionlessException as refused:
        return "refused", str(refused)
    except (ArithmeticError, AttributeError, TypeError, ValueError) as broken:
        return "broken", type(broken).__name__, str(broken)
    for stats in (report["stats"], *(task["stats"] for task in report["tasks"])):
        stats.pop("seconds")
    return report
