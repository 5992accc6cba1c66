"""The Table Schemas that come with this package, by name."""

from __future__ import annotations

import json
from importlib.resources import files
from importlib.resources.abc import Traversable

from .errors import RecipeError
from .model import Json


def shipped(name: str) -> Json:
    """The descriptor of a shipped Table Schema.

    Raises:
        RecipeError: there is none of that name.
    """
    if name not in names():
        raise RecipeError(
            f"There is no Table Schema called '{name}'.",
            f"Choose one of: {', '.join(names())}.",
        )
    descriptor: Json = json.loads((_folder() / name / "schema.json").read_text("utf-8"))
    return descriptor


def names() -> list[str]:
    """The names of all shipped Table Schemas, sorted."""
    folder = _folder()
    return sorted(e.name for e in folder.iterdir() if (e / "schema.json").is_file()) if folder.is_dir() else []


def _folder() -> Traversable:
    return files("ckanext.digitalcity.schemas") / "table"
