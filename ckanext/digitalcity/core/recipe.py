"""Recipes: the YAML that a data officer writes about one source. All faults are listed at once, with their lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

import yaml

from .errors import RecipeError
from .label.data import load
from .model import Policy, Recipe
from .schedule import parse

MOST = 100_000  # characters
NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,98}[a-z0-9]")
SPDX = re.compile(r"[A-Za-z0-9.+-]{2,40}")
REQUIRED = ("name", "title", "kind", "address", "organisation")
TEXTS = (*REQUIRED, "organisation_title", "description", "licence", "schedule", "policy", "frequency")
MAPS = ("schemas", "contact", "fields", "options")

FREQUENCIES = frozenset(load("frequencies")["days"]) | frozenset(load("frequencies")["irregular"])


def read(
    text: str, *, name: str = "recipe", kinds: Collection[str] | None = None, schemas: Collection[str] | None = None
) -> Recipe:
    """Reads and checks a recipe.

    Args:
        text: YAML.
        name: what to call it in messages.
        kinds: names of the kinds of source there are; not checked if None.
        schemas: names of the Table Schemas there are; not checked if None.

    Raises:
        RecipeError: lists everything that is wrong, with line numbers and what to do.
    """
    values, lines = _load(text, name)
    faults = _Faults(name, lines)
    _check_keys(values, faults)
    _check_values(values, faults)
    if kinds is not None:
        faults.choice("kind", values.get("kind"), kinds, "kind of source")
    if schemas is not None and isinstance(values.get("schemas"), dict):
        for schema in values["schemas"].values():
            faults.choice("schemas", schema, schemas, "Table Schema")
    faults.stop()
    return Recipe(**{**values, "policy": Policy(values.get("policy", "hold"))})


def write(recipe: Recipe) -> str:
    """The recipe as YAML; ``read`` gives it back. What is empty is left out."""
    values = {key: value for key, value in asdict(recipe).items() if value}
    values["policy"] = recipe.policy.value
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=110)


class _Faults:
    """Collects what is wrong, each with its line."""

    def __init__(self, name: str, lines: dict[str, int]) -> None:
        self.name, self.lines, self.found = name, lines, list[str]()

    def add(self, key: str, message: str) -> None:
        line = f"line {self.lines[key]}: " if key in self.lines else ""
        self.found.append(f"{line}{message}")

    def choice(self, key: str, value: object, choices: Collection[str], what: str) -> None:
        if isinstance(value, str) and value not in choices:
            self.add(key, f"there is no {what} “{value}”.{_suggest(value, choices)}")

    def stop(self) -> None:
        if self.found:
            raise RecipeError(f"The recipe “{self.name}” cannot be used. " + " ".join(map(_sentence, self.found)))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _suggest(word: str, choices: Collection[str]) -> str:
    close = get_close_matches(word, list(choices), n=1)
    return f" Did you mean “{close[0]}”?" if close else f" Choose one of: {', '.join(sorted(choices))}."


def _load(text: str, name: str) -> tuple[dict[str, Any], dict[str, int]]:
    if len(text) > MOST:
        raise RecipeError(f"The recipe “{name}” is longer than {MOST} characters.", "It should fit on a page.")
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader)):
            raise RecipeError(f"The recipe “{name}” uses YAML aliases (*name).", "Write the value out instead.")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except RecursionError as deep:
        raise RecipeError(f"The recipe “{name}” is nested too deeply.", "A recipe is a plain list of keys.") from deep
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        hint = "Check colons, quotes and how far lines are indented."
        raise RecipeError(f"The recipe “{name}” is not readable YAML{where}.", hint) from broken
    if not isinstance(node, yaml.MappingNode):
        raise RecipeError(f"The recipe “{name}” is not a list of keys and values.", "Start from an example recipe.")
    lines: dict[str, int] = {}
    for key, _ in node.value:
        if key.value in lines:
            line = key.start_mark.line + 1
            raise RecipeError(f"The recipe “{name}” says “{key.value}” twice (line {line}).", "Remove one of them.")
        lines[str(key.value)] = key.start_mark.line + 1
    return {str(key): value for key, value in values.items() if value is not None}, lines


def _check_keys(values: dict[str, Any], faults: _Faults) -> None:
    known = (*TEXTS, *MAPS)
    for key in list(values):
        if key not in known:
            faults.add(key, f"nobody knows a key “{key}”.{_suggest(key, known)}")
            del values[key]
    for key in REQUIRED:
        if not values.get(key):
            faults.add(key, f"“{key}” is missing.")


def _check_values(values: dict[str, Any], faults: _Faults) -> None:
    for key in TEXTS:
        if key in values and not isinstance(values[key], str):
            faults.add(key, f"“{key}” must be text; put it in quotes.")
            del values[key]
    for key in MAPS:
        if key in values and not _is_map(values[key], texts=key != "options"):
            faults.add(key, f"“{key}” must be a list of names and texts.")
            del values[key]
    for key, check in CHECKS.items():
        problem = check(values[key]) if values.get(key) else ""
        if problem:
            faults.add(key, problem)


def _is_map(value: object, *, texts: bool) -> bool:
    return isinstance(value, dict) and all(
        isinstance(k, str) and (isinstance(v, str) or not texts) for k, v in value.items()
    )


def _name(value: str) -> str:
    fine = NAME.fullmatch(value)
    return "" if fine else f"“{value}” is no name. Use 3 to 100 lower-case letters, digits and hyphens."


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fine = False
    if not fine:
        return "“address” must be a web address that begins with http:// or https://."
    return "“address” must not hold a user name or password." if parts.username or parts.password else ""


def _policy(value: str) -> str:
    return "" if value in set(Policy) else f"there is no policy “{value}”.{_suggest(value, list(Policy))}"


def _frequency(value: str) -> str:
    return "" if value in FREQUENCIES else f"there is no frequency “{value}”.{_suggest(value, FREQUENCIES)}"


def _licence(value: str) -> str:
    return "" if SPDX.fullmatch(value) else f"“{value}” is no SPDX licence id. Write for example OGL-UK-3.0."


def _schedule(value: str) -> str:
    try:
        parse(value)
    except RecipeError as wrong:
        return str(wrong)
    return ""


CHECKS: dict[str, Callable[[str], str]] = {
    "name": _name,
    "organisation": _name,
    "address": _address,
    "policy": _policy,
    "frequency": _frequency,
    "licence": _licence,
    "schedule": _schedule,
}
