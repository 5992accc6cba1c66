"""Recipes: the YAML that a data officer writes about one source. All faults are listed at once, with their lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

import yaml

from . import blackout
from .errors import RecipeError
from .label.data import load
from .model import Policy, Recipe
from .reading import review as review_reading
from .schedule import parse
from .yaml_text import Lines, Path, read_mapping

NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,98}[a-z0-9]")
ORGANISATION = re.compile(r"[a-z0-9_-]{2,100}")  # CKAN's own rule for names
SPDX = re.compile(r"[A-Za-z0-9.+-]{2,40}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
REQUIRED = ("name", "title", "kind", "address", "organisation")
TIMES = ("schedule", "blackout", "frequency")
TEXTS = (*REQUIRED, "organisation_title", "description", "licence", *TIMES, "policy", "robots")
MAPS = ("schemas", "contact", "fields", "options")
FLAGS = ("repair_schema",)
SHARE = "most_rejected"
CHECKED = "checks"
READING = "reading"
CONTACT = ("name", "email")
MOST = 30  # faults that are listed

FREQUENCIES = frozenset(load("frequencies")["periods"]) | frozenset(load("frequencies")["irregular"])


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
        RecipeError: lists everything that is wrong, each with its line and what to do.
    """
    values, lines = read_mapping(text, name)
    faults = _Faults(name, lines)
    values = {key: value for key, value in values.items() if value not in (None, "")}
    _check_keys(values, faults)
    _check_shapes(values, faults)
    for key, check in CHECKS.items():
        if problem := check(values[key]) if key in values else "":
            faults.add((key,), problem)
    if kinds is not None and "kind" in values:
        faults.choice(("kind",), values["kind"], kinds, "kind of source")
    for pattern, schema in values.get("schemas", {}).items() if schemas is not None else ():
        faults.choice(("schemas", pattern), schema, schemas or (), "Table Schema")
    faults.stop()
    return Recipe(**{**values, "policy": Policy(values.get("policy", "hold"))})


def write(recipe: Recipe) -> str:
    """The recipe as YAML; ``read`` gives it back. What is empty is left out."""
    values = {key: value for key, value in asdict(recipe).items() if value}
    values["policy"] = recipe.policy.value
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=110)


class _Faults:
    """Collects what is wrong, each with its line."""

    def __init__(self, name: str, lines: Lines) -> None:
        self.name, self.lines, self.found = name, lines, list[tuple[int, str, Path]]()

    def add(self, path: Path, message: str) -> None:
        self.found.append((self.lines.get(path, 0), message, path))

    def choice(self, path: Path, value: str, choices: Collection[str], what: str) -> None:
        if value not in choices:
            self.add(path, f"there is no {what} {_quoted(value)}.{_suggest(value, choices)}")

    def keys(self, path: Path, given: Iterable[str], known: Collection[str]) -> None:
        for key in given:
            if key not in known:
                where = f" under “{path[0]}”" if path else ""
                self.add((*path, key), f"nobody knows a key {_quoted(key)}{where}.{_suggest(key, known)}")

    def stop(self) -> None:
        if self.found:
            said = [
                f"Line {line}: {text}" if line else text[:1].upper() + text[1:] for line, text, _ in sorted(self.found)
            ]
            faults = tuple((path, text[:1].upper() + text[1:]) for _, text, path in sorted(self.found))
            more = [f"There are {len(said) - MOST} faults more."] if len(said) > MOST else []
            listed = [f"The recipe “{self.name}” cannot be used.", *said[:MOST], *more]
            raise RecipeError("\n".join(listed), faults=faults)


def _quoted(text: str) -> str:
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


def _suggest(word: str, choices: Collection[str]) -> str:
    folded = {choice.lower(): choice for choice in sorted(choices)}
    close = get_close_matches(word[:60].lower(), folded, n=1)
    if close:
        return f" Did you mean “{folded[close[0]]}”?"
    return f" Choose one of: {', '.join(sorted(choices))}." if choices else ""


def _check_keys(values: dict[str, Any], faults: _Faults) -> None:
    known = (*TEXTS, *MAPS, *FLAGS, SHARE, CHECKED, READING)
    faults.keys((), values, known)
    for key in values.keys() - {*known}:
        del values[key]
    for key in REQUIRED:
        if key not in values:
            faults.add((key,), f"“{key}” is missing.")


def _check_shapes(values: dict[str, Any], faults: _Faults) -> None:
    """Leaves in the values only what has the right shape."""
    for key in TEXTS:
        if not isinstance(values.get(key, ""), str):
            faults.add((key,), f"“{key}” must be text; put it in quotes.")
            del values[key]
    for key in MAPS:
        value = values.get(key, {})
        if not isinstance(value, dict):
            faults.add((key,), f"“{key}” must be a list of names and values, one a line.")
            del values[key]
        elif key != "options" and (wrong := [name for name, entry in value.items() if not isinstance(entry, str)]):
            for name in wrong:
                faults.add((key, name), f"{_quoted(name)} under “{key}” must be text; put it in quotes.")
            del values[key]
    for key in FLAGS:
        if not isinstance(values.get(key, False), bool):
            faults.add((key,), f"“{key}” must be true or false, without quotes.")
            del values[key]
    share = values.get(SHARE, 1)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 100:
        faults.add((SHARE,), f"“{SHARE}” must be a number between 0 and 100: per cent of a table's rows.")
        del values[SHARE]
    if CHECKED in values:
        from .checks import KINDS, review  # here, because they take half a second to load

        review(values[CHECKED], KINDS, faults)
    if READING in values:
        review_reading(values[READING], faults)
    contact = values.get("contact", {})
    faults.keys(("contact",), contact, CONTACT)
    if contact.get("email") and not EMAIL.fullmatch(contact["email"]):
        faults.add(("contact", "email"), "“email” under “contact” is no e-mail address.")


def _name(value: str) -> str:
    fine = NAME.fullmatch(value)
    return "" if fine else f"{_quoted(value)} is no name. Use 3 to 100 lower-case letters, digits and hyphens."


def _organisation(value: str) -> str:
    fine = ORGANISATION.fullmatch(value)
    return "" if fine else f"{_quoted(value)} is no organisation's name. Use lower-case letters, digits, - and _."


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        fine = parts.scheme in ("http", "https", "sftp") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine:
        return "“address” must be an address that begins with https://, http:// or sftp://."
    return "“address” must not hold a user name or password." if parts.username or parts.password else ""


def _policy(value: str) -> str:
    return "" if value in set(Policy) else f"there is no policy {_quoted(value)}.{_suggest(value, list(Policy))}"


def _frequency(value: str) -> str:
    return "" if value in FREQUENCIES else f"there is no frequency {_quoted(value)}.{_suggest(value, FREQUENCIES)}"


def _licence(value: str) -> str:
    return "" if SPDX.fullmatch(value) else f"{_quoted(value)} is no SPDX licence id. Write for example OGL-UK-3.0."


def _schedule(value: str) -> str:
    try:
        parse(value)
    except RecipeError as wrong:
        return str(wrong)
    return ""


def _blackout(value: str) -> str:
    try:
        blackout.parse(value)
    except RecipeError as wrong:
        return str(wrong)
    return ""


def _robots(value: str) -> str:
    return "" if value == "agreed" else "“robots” can only be “agreed”. Leave it out to keep to what robots.txt asks."


CHECKS: dict[str, Callable[[str], str]] = {
    "name": _name,
    "organisation": _organisation,
    "address": _address,
    "policy": _policy,
    "frequency": _frequency,
    "licence": _licence,
    "schedule": _schedule,
    "blackout": _blackout,
    "robots": _robots,
}
