"""A recipe's text with other values: what stays the same keeps its place, its wording and its comments."""

from __future__ import annotations

from typing import Any

import yaml

from .errors import RecipeError
from .yaml_text import read_mapping


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Recipes have none (see ``yaml_text``)."""
        return True


def dump(values: dict[str, Any]) -> str:
    """Values as YAML; ``read_mapping`` gives them back."""
    return str(yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)) if values else ""


def rewritten(text: str, values: dict[str, Any]) -> str:
    """The text with these values in place of its own.

    Args:
        text: the recipe as it was; "" for a new one.
        values: what ``read_mapping`` shall find in the result.
    """
    try:
        old, lines = read_mapping(text, "recipe")
    except RecipeError:
        return dump(values)
    starts = {path[0]: line - 1 for path, line in lines.items() if len(path) == 1}
    written = text.splitlines()
    if not all(written[start].startswith((key, f"'{key}", f'"{key}')) for key, start in starts.items()):
        return dump(values)  # not one key a line
    found = [*_kept(written, starts, old, values)]
    new = {key: value for key, value in values.items() if key not in old}
    result = "\n".join(found).rstrip("\n") + "\n" + dump(new)
    try:
        faithful = read_mapping(result, "recipe")[0] == values
    except RecipeError:
        faithful = False
    return result if faithful else dump(values)


def _kept(written: list[str], starts: dict[str, int], old: dict[str, Any], values: dict[str, Any]) -> list[str]:
    """The old keys that are still there, each with the comments above it."""
    order = sorted(starts, key=lambda key: starts[key])
    found = written[: _lead(written, starts[order[0]])] if order else []
    for position, key in enumerate(order):
        start = starts[key]
        after = starts[order[position + 1]] if position + 1 < len(order) else len(written)
        end = _lead(written, after)
        if key not in values:
            continue
        found += written[_lead(written, start) : start]
        found += written[start:end] if values[key] == old[key] else dump({key: values[key]}).splitlines()
    return found + (written[_lead(written, len(written)) :] if order else [])


def _lead(written: list[str], line: int) -> int:
    """Where the comments and empty lines above a line begin."""
    while line and (not written[line - 1].strip() or written[line - 1].startswith("#")):
        line -= 1
    return line
