"""Template helpers: words, dates and numbers as people read them, and the label of the dataset at hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import ckan.plugins.toolkit as tk
from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal
from ckan import authz
from ckan.common import current_user
from flask import g
from markupsafe import Markup, escape

from ckanext.digitalcity import config, words
from ckanext.digitalcity.core.label import indicators
from ckanext.digitalcity.core.rhythm import rhythm
from ckanext.digitalcity.core.schedule import parse
from ckanext.digitalcity.core.shipped import names, shipped

__all__ = [
    "digitalcity_choices",
    "digitalcity_evidence_url",
    "digitalcity_extra",
    "digitalcity_in_order",
    "digitalcity_is_editor",
    "digitalcity_label",
    "digitalcity_moment",
    "digitalcity_number",
    "digitalcity_portal",
    "digitalcity_rhythm",
    "digitalcity_schemas",
    "digitalcity_sentence",
    "digitalcity_size",
    "digitalcity_span",
    "digitalcity_weakest",
    "digitalcity_why",
    "digitalcity_word",
    "digitalcity_zone",
]


def digitalcity_label(dataset_id: str) -> dict[str, Any]:
    """What ``digitalcity_label_show`` says of a dataset: asked once a request, however often a page needs it."""
    asked: dict[str, Any] = g.setdefault("digitalcity_labels", {})
    if dataset_id not in asked:
        asked[dataset_id] = tk.get_action("digitalcity_label_show")(_context(), {"id": dataset_id})
    found: dict[str, Any] = asked[dataset_id]
    return found


def digitalcity_portal() -> dict[str, Any]:
    """The portal at a glance, for the home page."""
    found: dict[str, Any] = tk.get_action("digitalcity_portal_show")(_context(), {})
    return found


def digitalcity_schemas() -> list[dict[str, str]]:
    """The shipped Table Schemas as options of a form; the first is none."""
    found = [{"value": name, "text": shipped(name).get("title", name)} for name in names()]
    return [{"value": "", "text": tk._("None: work the structure out from the file")}, *found]


def digitalcity_choices(table: str) -> list[dict[str, str]]:
    """The codes of a table of ``words`` as options of a form."""
    return [{"value": code, "text": tk._(word.text)} for code, word in words.TABLES[table].items()]


def digitalcity_in_order(table: str, numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    """Numbers by code in the order of a table of ``words``."""
    return words.in_order(table, numbers)


def digitalcity_is_editor() -> bool:
    """Whether the visitor edits for any organization, so that an inbox makes sense."""
    return bool(
        current_user.is_authenticated and authz.has_user_permission_for_some_org(current_user.name, "update_dataset")
    )


def digitalcity_word(table: str, code: str | None) -> dict[str, str]:
    """How a code is shown: translated ``text``, ``icon`` and ``tone`` (see ``words``)."""
    found = words.word(table, code or "")
    return {"text": tk._(found.text) if found.text else "", "icon": found.icon, "tone": found.tone}


def digitalcity_sentence(line: Mapping[str, Any]) -> Markup:
    """A label line's sentence in the reader's language, its values readable and escaped."""
    values = {name: _said(name, value) for name, value in line["values"].items()}
    message = line["sentence"]
    return escape(tk._(message)).format(**values)


def digitalcity_weakest(panel: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The lines that a panel's headline comes from."""
    return [line for line in panel["lines"] if line["state"] == panel["headline"]]


def digitalcity_why(panel: str, indicator: str) -> str:
    """Why a label asks a question, in the reader's language."""
    return next((str(tk._(found.why)) for found in indicators(panel) if found.id == indicator), "")


def digitalcity_evidence_url(evidence_id: str) -> str:
    """Where a piece of evidence can be read. What the ledger says by itself is on the item's or source's page."""
    for prefix, endpoint in (("item-", "digitalcity_item.read"), ("source-", "digitalcity_source.read")):
        if evidence_id.startswith(prefix):
            return str(tk.url_for(endpoint, id=evidence_id.removeprefix(prefix)))
    return str(tk.url_for("digitalcity_evidence.read", id=evidence_id))


def digitalcity_extra(key: str, value: str) -> tuple[str, Any]:
    """An extra fact about a dataset as people read it: its name and its value."""
    shown = words.word("frequency", value).text if key == "accrualPeriodicity" else value
    return tk._(words.word("extra", key).text), _readable(tk._(shown) if shown != value else value)


def digitalcity_moment(moment: str | datetime | date | None, *, time: bool = True) -> Markup:
    """A ``<time>`` element in the council's time zone, which it names, and the reader's language; a day stays a day.

    Args:
        moment: ISO 8601 text, or a date or datetime; one without a zone is shown as it is.
        time: whether the time of day is shown.
    """
    if not moment:
        return Markup("")
    value = _parse(moment) if isinstance(moment, str) else moment
    if value is None:
        return escape(moment)
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(config.time_zone())
    shown = format_date(value, "long", locale=_locale())
    if time and isinstance(value, datetime):
        shown = f"{shown}, {format_time(value, 'short', locale=_locale())} {value.tzname() or ''}".rstrip()
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), shown)


def digitalcity_rhythm(schedule: str) -> str:
    """A schedule in words: Every Monday, every Thursday at 04:30. What has no words is told as cron."""
    if not schedule:
        return ""
    read = parse(schedule)
    found = rhythm(read)
    if found is None:
        return str(tk._("By the cron expression {cron}").format(cron=read.cron))
    if found.minutes == 60:
        return str(tk._(words.word("often", "hour").text))
    if found.minutes:
        return str(tk._("Every {num} minutes").format(num=found.minutes))
    times = ", ".join(format_time(time, "short", locale=_locale()) for time in found.times)
    if found.days:
        days = ", ".join(str(day) for day in found.days)
        return str(tk._("On day {days} of every month at {times}").format(days=days, times=times))
    first, *others = (str(tk._(words.word("often", code).text)) for code in found.often)
    often = ", ".join([first, *(text[:1].lower() + text[1:] for text in others)])
    return str(tk._("{often} at {times}").format(often=often, times=times))


def digitalcity_zone() -> str:
    """The name of the council's time zone, such as Europe/London."""
    return config.time_zone().key


def digitalcity_number(number: float | None) -> str:
    """A number with the separators of the reader's language."""
    return str(format_decimal(number or 0, locale=_locale()))


def digitalcity_size(size: int | None) -> str:
    """A number of bytes as people read it; kilobytes are 1000 bytes, as in CKAN's own pages."""
    amount, unit = float(size or 0), tk._("bytes")
    for larger in (tk._("kB"), tk._("MB"), tk._("GB")):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{format_decimal(round(amount, 1), locale=_locale())} {unit}"


def digitalcity_span(seconds: float) -> str:
    """A length of time in one unit: 3 minutes."""
    return str(format_timedelta(timedelta(seconds=max(seconds, 1)), threshold=1.5, locale=_locale()))


def _context() -> dict[str, Any]:
    return {"user": current_user.name, "auth_user_obj": current_user}


def _locale() -> Locale:
    """The reader's language; plain ``en`` means British English here, so that days come before months."""
    code = str(tk.h.lang() or "en")
    return Locale.parse("en_GB" if code == "en" else code)


def _parse(text: str) -> date | datetime | None:
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


# Values of sentences that are codes, and their tables in ``words``.
CODES = {"frequency": "frequency", "reason": "reason", "by": "stated"}


def _said(name: str, value: Any) -> Any:
    """A sentence's value in words; it stands within a sentence, so it begins small."""
    if name in CODES and isinstance(value, str) and words.knows(CODES[name], value):
        text = str(tk._(words.word(CODES[name], value).text))
        return text[:1].lower() + text[1:]
    return _readable(value)


def _readable(value: Any) -> Any:
    """A sentence's value as people read it: dates as words, numbers with separators, lists with commas."""
    if isinstance(value, bool):
        return tk._("yes") if value else tk._("no")
    if isinstance(value, int | float):
        return digitalcity_number(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(_readable(entry)) for entry in value)
    if isinstance(value, str) and value[:4].isdigit() and (parsed := _parse(value)):
        return digitalcity_moment(parsed, time=False)
    return "" if value is None else value
