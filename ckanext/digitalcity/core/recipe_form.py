"""A recipe as the fields of a form, and back. What the form does not know, or nobody changed, stays as it was."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from unicodedata import normalize

import yaml

from .errors import RecipeError
from .reading import KEYS
from .schedule import DAYS, parse
from .yaml_text import Path, read_mapping

Form = Mapping[str, str]
Values = dict[str, Any]

TEXTS = ("title", "name", "address", "robots", "organisation", "description", "licence", "blackout", "frequency")
CONTACT = ("name", "email")
TIMES_OF_DAY = ("day", "weekday", *DAYS[1:], DAYS[0], "month")
OFTEN = ("", "hour", "30 minutes", "15 minutes", *TIMES_OF_DAY, "other")
TIMED = re.compile(rf"every (day|weekday|{'|'.join(DAYS)}) at (\d\d:\d\d)")
MONTHLY = re.compile(r"every month on the (\d{1,2})(?:st|nd|rd|th) at (\d\d:\d\d)")
SPARE = 2  # empty rows for schemas
MOST_ROWS = 200
EVERY = "*"  # the pattern of the files whose reading the form shows; others stay in the recipe


def fill(values: Values, fields: Collection[str], options: Collection[str]) -> dict[str, str]:
    """What the form shows of a recipe.

    Args:
        values: the recipe as ``read_mapping`` gives it; may have any fault.
        fields: names of facts that this kind of source finds in columns.
        options: names of the settings of this kind of source.
    """
    contact, columns, settings = (_map(values, key) for key in ("contact", "fields", "options"))
    return {
        **{key: _text(values.get(key)) for key in TEXTS},
        **{f"contact_{key}": _text(contact.get(key)) for key in CONTACT},
        **{f"field_{key}": _text(columns.get(key)) for key in fields},
        **{f"option_{key}": _shown(settings.get(key)) for key in options},
        **{f"reading_{key}": _shown(_map(_map(values, "reading"), EVERY).get(key)) for key in KEYS},
        "policy": _text(values.get("policy")) or "hold",
        "most_rejected": _shown(values.get("most_rejected")),
        "repair_schema": "yes" if values.get("repair_schema") is True else "",
        **_schedule_shown(_text(values.get("schedule"))),
        **_rows_shown(_map(values, "schemas")),
    }


def merge(values: Values, form: Form, fields: Collection[str], options: Collection[str]) -> Values:
    """The recipe with what was changed in the form; only what differs from ``fill(values)`` counts as changed."""
    before = fill(values, fields, options)
    typed = {key: value.replace("\r\n", "\n").strip() for key, value in form.items()}
    changed = {key for key in before if key in typed and typed[key] != before[key].strip()}
    found = dict(values)
    for key in (*TEXTS, "policy"):
        if key in changed:
            _set(found, key, typed[key])
    if "organisation" in changed:
        found.pop("organisation_title", None)  # it was the other one's
    if "most_rejected" in changed:
        _set(found, "most_rejected", _typed(typed["most_rejected"]))
    if (typed.get("repair_schema") == "yes") != bool(before["repair_schema"]):
        _set(found, "repair_schema", True if typed.get("repair_schema") == "yes" else "")
    for section, prefix, names in (
        ("contact", "contact_", CONTACT),
        ("fields", "field_", fields),
        ("options", "option_", options),
    ):
        entries = {name: typed[prefix + name] for name in names if prefix + name in changed}
        if entries:
            read = _typed if section == "options" else str
            _set_in(found, section, {name: read(text) for name, text in entries.items()})
    if reading := {key: _typed(typed[f"reading_{key}"]) for key in KEYS if f"reading_{key}" in changed}:
        every = dict(_map(values, "reading"))
        _set_in(every, EVERY, reading)
        _set(found, "reading", every)
    if (schedule := _schedule(typed)) != _schedule(before):
        _set(found, "schedule", schedule)
    if (rows := _rows(typed)) != _rows(before):
        _set(found, "schemas", rows)
    return found


def field_of(path: Path, form: Form) -> str:
    """The form's field that a fault belongs to; "" if it has none."""
    head, *rest = path or ("",)
    if head in ("contact", "fields", "options") and rest:
        name = f"{head.removesuffix('s')}_{rest[0]}"
        return name if name in form else ""
    if head == "schemas":
        pattern = rest[0] if rest else ""
        files = (key for key, value in form.items() if key.startswith("schema_file_") and value.strip() == pattern)
        return next(files, "schema_file_0")
    if head == "schedule":
        often = form.get("schedule_often", "")
        return {"other": "schedule_other", "month": "schedule_day"}.get(often, "schedule_often")
    if head == "reading" and rest[:1] == [EVERY]:
        return f"reading_{rest[-1]}" if f"reading_{rest[-1]}" in form else "reading_encoding"
    return head if head in form else ""


def slug(title: str) -> str:
    """A name made of a title: lower-case letters, digits and hyphens."""
    plain = normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:100].strip("-")


def rows(form: Form, spare: int = SPARE) -> list[tuple[str, str, int]]:
    """The rows of the table of schemas: pattern, schema and number; some are empty."""
    given = _numbers(form)
    last = max((n for n in given if form.get(f"schema_file_{n}") or form.get(f"schema_name_{n}")), default=-1)
    many = min(max(last + 1 + spare, len(given)), MOST_ROWS)
    return [(form.get(f"schema_file_{n}", ""), form.get(f"schema_name_{n}", ""), n) for n in range(many)]


def _numbers(form: Form) -> list[int]:
    found = (key.removeprefix("schema_file_") for key in form if key.startswith("schema_file_"))
    return sorted(int(number) for number in found if number.isdecimal() and int(number) < MOST_ROWS)


def _rows_shown(schemas: Values) -> dict[str, str]:
    shown: dict[str, str] = {}
    for number, (pattern, name) in enumerate(list(schemas.items())[:MOST_ROWS]):
        shown[f"schema_file_{number}"], shown[f"schema_name_{number}"] = _text(pattern), _text(name)
    return shown


def _rows(form: Form) -> dict[str, str]:
    """Pattern -> schema. A schema without a pattern is meant for every file."""
    found = {}
    for number in _numbers(form):
        pattern, name = form.get(f"schema_file_{number}", "").strip(), form.get(f"schema_name_{number}", "").strip()
        if pattern or name:
            found[pattern or "*"] = name
    return found


def _schedule_shown(text: str) -> dict[str, str]:
    shown = {"schedule_often": "", "schedule_time": "", "schedule_day": "", "schedule_other": ""}
    try:
        words = parse(text).words().lower() if text else ""
    except RecipeError:
        words = text
    timed, monthly = TIMED.fullmatch(words), MONTHLY.fullmatch(words)
    if timed:
        return {**shown, "schedule_often": timed[1], "schedule_time": timed[2]}
    if monthly:
        return {**shown, "schedule_often": "month", "schedule_day": monthly[1], "schedule_time": monthly[2]}
    if words.removeprefix("every ") in OFTEN:
        return {**shown, "schedule_often": words.removeprefix("every ")}
    return {**shown, "schedule_often": "other", "schedule_other": text}


def _schedule(form: Form) -> str:
    often, time, day = (form.get(f"schedule_{key}", "") for key in ("often", "time", "day"))
    if often == "other":
        return form.get("schedule_other", "")
    if often in ("", "hour", "30 minutes", "15 minutes"):
        return f"every {often}" if often else ""
    if often == "month":
        ending = {"1": "st", "2": "nd", "3": "rd"}.get(day[-1:], "th") if day[-2:] not in ("11", "12", "13") else "th"
        return f"every month on the {day}{ending} at {time}"
    return f"every {often.capitalize() if often in DAYS else often} at {time}"


def _map(values: Values, key: str) -> Values:
    found = values.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _shown(value: Any) -> str:
    """A setting as ``_typed`` reads it back; a text in quotes only where it would else be taken for something."""
    if value is None:
        return ""
    if isinstance(value, str) and _typed(value) == value:
        return value
    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=100_000)
    return text.removesuffix("\n").removesuffix("\n...")


def _typed(text: str) -> Any:
    """A number, yes or no, a list or a table, if that is what was written; else the text."""
    try:
        value = read_mapping(f"value: {text}", "form")[0]["value"]
    except RecipeError:
        return text
    quoted = text[:1] in ("'", '"')
    return value if isinstance(value, int | float | list | dict) or (quoted and isinstance(value, str)) else text


def _set(values: Values, key: str, value: Any) -> None:
    if value in ("", {}):
        values.pop(key, None)
    else:
        values[key] = value


def _set_in(values: Values, section: str, entries: Values) -> None:
    inner = dict(_map(values, section))
    for name, value in entries.items():
        _set(inner, name, value)
    _set(values, section, inner)
