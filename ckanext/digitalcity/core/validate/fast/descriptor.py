"""A report's descriptor, as Frictionless makes it but without copying every error three times."""

from __future__ import annotations

from functools import lru_cache

from frictionless import Report
from frictionless.vendors import stringcase

from ...model import Json

# Frictionless asks this for the same few dozen names again for every error; the answer never changes.
stringcase.snakecase = lru_cache(1024)(stringcase.snakecase)


def descriptor_of(report: Report) -> Json:
    """What ``report.to_descriptor()`` returns."""
    errors = [task.errors for task in report.tasks]
    for task in report.tasks:
        task.errors = []
    try:
        descriptor: Json = report.to_descriptor()
    finally:
        for task, kept in zip(report.tasks, errors, strict=True):
            task.errors = kept
    for entry, kept in zip(descriptor["tasks"], errors, strict=True):
        entry["errors"] = [error.to_descriptor() for error in kept]
    return descriptor
