"""A report's descriptor, as Frictionless makes it but without copying every error three times.

Each error that Frictionless words costs it more time than reading its row. What it looks up again and again for
them is looked up once here; the answers are the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from frictionless import Checklist, Error, Report
from frictionless.metadata import Metadata
from frictionless.vendors import stringcase

if TYPE_CHECKING:
    from ...model import Json

# asked for the same few dozen names again for every error
stringcase.snakecase = lru_cache(1024)(stringcase.snakecase)


def _has_defined(self: Metadata, name: str) -> bool:
    """What ``name in self.list_defined()`` says, without making the list."""
    if name in self.metadata_assigned:
        return True
    value = getattr(self, name, None)
    if isinstance(value, type):
        value = value.__dict__.copy()
    return name in self.metadata_defaults and bool(value != self.metadata_defaults[name])


Metadata.has_defined = _has_defined


class Everything(Checklist):  # type: ignore[misc]
    """A checklist without choices: what it looks for is the same for every error."""

    scope = Checklist().scope


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
        entry["errors"] = [_exported(error) for error in kept]
    return descriptor


def _exported(error: Error) -> Json:
    """What ``error.to_descriptor()`` returns; its lists are not copied, for the error is not used any more."""
    descriptor: Json = {}
    kind: Any = type(error)
    for name, attribute in _names(kind):
        value = getattr(error, attribute, None)
        if value not in (None, {}) and (name == "type" or error.has_defined(attribute)):
            descriptor[name] = value
    return {**descriptor, **error.custom}


@lru_cache(256)
def _names(kind: Any) -> list[tuple[str, str]]:
    """The properties of a kind of error, and the attributes that hold them."""
    return [(name, stringcase.snakecase(name)) for name in kind.metadata_ensure_profile()["properties"]]
