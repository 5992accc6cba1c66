"""Settings that several checks have, and what can be wrong with the settings that a recipe gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from math import isfinite
from typing import Any, Protocol
from zoneinfo import available_timezones

from ..model import Json
from .check import ERROR, WARNING, Kind, Setting

FORMAT = Setting("text", "how dates are written, such as %d/%m/%Y; left out: as the schema says, else ISO 8601")
TIME_ZONE = Setting("text", "time zone of a wall clock that changes to summer time, such as Europe/London")
NO_ZONES = {"Factory", "localtime"}  # files in the database, but no names of the IANA list
LEVEL = Setting("text", "warning: a fault is listed but does not fail the file", choices=(ERROR, WARNING))


def time_zone(settings: Json) -> str:
    """What is wrong with ``time_zone`` and ``format``."""
    if settings.get("time_zone", "UTC") not in available_timezones() - NO_ZONES:
        return "“time_zone” must be a name of the IANA list, such as Europe/London."
    return date_format(settings)


def date_format(settings: Json) -> str:
    """What is wrong with ``format``."""
    return "" if "%" in settings.get("format", "%") else "“format” must say how dates are written, such as %d/%m/%Y."


class Faults(Protocol):
    """Who collects what is wrong with a recipe."""

    def add(self, path: tuple[str, ...], message: str) -> None:
        """Notes a fault at a key."""
        ...

    def choice(self, path: tuple[str, ...], value: str, choices: Collection[str], what: str) -> None:
        """Notes a fault with a suggestion if a value is not among the choices."""
        ...


def review(checks: Any, kinds: Mapping[str, Kind], faults: Faults) -> None:
    """Looks through the key ``checks`` of a recipe: file key patterns, each with a list of checks."""
    if not isinstance(checks, dict):
        faults.add(("checks",), "“checks” must name files, each with a list of checks below it.")
        return
    for pattern, wanted in checks.items():
        if not isinstance(wanted, list) or not all(isinstance(one, dict) and len(one) == 1 for one in wanted):
            faults.add(("checks", pattern), f"the checks of “{pattern[:60]}” must be a list: “- name: {{settings}}”.")
            continue
        for number, one in enumerate(wanted):
            ((name, settings),) = one.items()
            path = ("checks", pattern, str(number), name)
            faults.choice(path, name, kinds, "check")
            if name in kinds:
                _settings(path, kinds[name], settings, faults)


def _settings(path: tuple[str, ...], kind: Kind, settings: Any, faults: Faults) -> None:
    if not isinstance(settings, dict):
        faults.add(path, f"“{kind.name}” needs its settings: {{{', '.join(_required(kind))}}}.")
        return
    known = {**kind.settings, "level": LEVEL}
    wrong = [name for name in _required(kind) if name not in settings]
    for name in wrong:
        faults.add(path, f"“{name}” of “{kind.name}” is missing: {kind.settings[name].says}.")
    for name, value in settings.items():
        faults.choice((*path, name), name, known, f"setting of “{kind.name}” called")
        if name not in known:
            continue
        setting = known[name]
        shape, fits = SHAPES[setting.kind]
        if not fits(value):
            wrong.append(name)
            faults.add((*path, name), f"“{name}” of “{kind.name}” must be {shape}.")
        elif setting.choices:
            faults.choice((*path, name), value, setting.choices, f"“{name}” of “{kind.name}” called")
            wrong += [name] if value not in setting.choices else []
    if not wrong and (problem := kind.problem(settings)):
        faults.add(path, problem)


def _required(kind: Kind) -> Iterator[str]:
    return (name for name, setting in kind.settings.items() if setting.required)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300 and isfinite(value)


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(fits(entry) for entry in value)


SHAPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "column": ("a column's name; put it in quotes", _text),
    "columns": ("a list of columns' names: [first, second]", _list_of(_text)),
    "text": ("text; put it in quotes", _text),
    "texts": ('a list of texts, each in quotes: ["first", "second"]', _list_of(_text)),
    "number": ("a number without quotes", _number),
    "numbers": ("a list of numbers: [0, 1.5]", _list_of(_number)),
    "count": (
        "a whole number from 1, without quotes",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000_000,
    ),
}
