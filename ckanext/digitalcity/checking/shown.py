"""A result on a terminal: what happened, where, and what to do. No value from the file is shown."""

from __future__ import annotations

from gettext import NullTranslations

from rich import markup
from rich.console import Console
from rich.table import Table

from ..core.explain import N_, explain
from ..core.model import CheckResult, Json, Outcome

COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.HELD: "yellow", Outcome.ERROR: "red"}
WORDS = {
    Outcome.PASSED: N_("PASSED"),
    Outcome.FAILED: N_("FAILED"),
    Outcome.HELD: N_("HELD"),
    Outcome.ERROR: N_("ERROR"),
}
ENGLISH = NullTranslations()
MOST_ROWS = 10  # row numbers shown for one fault; --json has more


def printable(text: str) -> str:
    """Text of strangers without what would steer a terminal; line breaks stay."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def escape(text: str) -> str:
    """The same, and without markup."""
    return markup.escape(printable(text))


def show(result: CheckResult, filename: str, console: Console, say: NullTranslations = ENGLISH) -> None:
    """Prints the outcome, then what was found. What the check itself noted stays in English, as on the pages."""
    _ = say.gettext
    console.print(f"[bold {COLOURS[result.outcome]}]{_(WORDS[result.outcome])}[/] {escape(filename)}")
    console.print(escape(_facts(result, say)), style="dim")
    if result.reason:
        said = explain(result.reason)
        console.print(f"\n[bold]{_(said.title)}.[/] {_(said.meaning)}\n{_(said.mend)}")
    if place := _odd(result.detected, say):
        console.print(place)
    for member in result.detected.get("members", []):
        console.print(escape(f"  {_member(member, say)}"), style="dim")
    for change in result.detected.get("schema_repaired", []):
        console.print(escape(f"{_('Mended in the schema')}: {change}"))
    if result.outcome is Outcome.ERROR and result.reason != "schema-invalid":
        details = [fault.detail for fault in result.faults if fault.detail]
        console.print(escape("; ".join(details)), style="dim")
        return
    if result.faults:
        console.print(_faults(result, say))
    if result.findings:
        console.print(_findings(result, say))


def _facts(result: CheckResult, say: NullTranslations) -> str:
    _, found, stats = say.gettext, result.detected, result.stats
    parts = [str(found.get("format", _("not recognised"))).upper(), str(found.get("encoding", ""))]
    if "rows" in stats:
        parts += [_rows(stats["rows"], say), _columns(stats["fields"], say)]
        if "members" not in found:
            header = _("header on row {num}").format(num=found.get("header_row"))
            parts.append(header if found.get("header_row") else _("no header row"))
    if "CR" in found.get("line_ends", []):
        parts.append(f"{_('Lines end in')} {', '.join(found['line_ends'])}")
    if result.schema_origin:
        inferred = _("inferred") if result.schema_origin == "inferred" else result.schema_origin
        parts.append(f"{_('schema')}: {result.schema_name or inferred}")
    return ", ".join(part for part in parts if part)


def _odd(detected: Json, say: NullTranslations) -> str:
    """Where that stands which Frictionless has no word for."""
    parts = []
    if repeated := detected.get("repeated_header"):
        rows, count = ", ".join(map(str, repeated["rows"])), repeated["count"]
        more = f" … ({count:,})" if count > len(repeated["rows"]) else ""
        parts.append(f"{say.gettext('Rows that are the header again')}: {rows}{more}")
    if nul := detected.get("nul"):
        title = say.gettext("NUL characters, and the line of the first")
        parts.append(f"{title}: {nul['count']:,}, {nul['line']:,}")
    return "\n".join(parts)


def _member(member: Json, say: NullTranslations) -> str:
    """One file of an archive, and whether it was checked."""
    if not member["checked"]:
        return f"{member['name']}: {say.gettext('no table')}"
    counts = (_rows(member["rows"], say), _columns(member["fields"], say), _errors(member["errors"], say))
    return f"{member['name']}: {', '.join(counts)}"


def _rows(number: int, say: NullTranslations) -> str:
    return say.ngettext("{num} row", "{num} rows", number).format(num=f"{number:,}")


def _columns(number: int, say: NullTranslations) -> str:
    return say.ngettext("{num} column", "{num} columns", number).format(num=f"{number:,}")


def _errors(number: int, say: NullTranslations) -> str:
    return say.ngettext("{num} error", "{num} errors", number).format(num=f"{number:,}")


def _title(result: CheckResult, say: NullTranslations) -> str:
    found, listed = result.stats.get("errors", len(result.faults)), len(result.faults)
    first = say.gettext("the first {num} are shown").format(num=f"{listed:,}")
    return _errors(found, say) if found == listed else f"{_errors(found, say)}, {first}"


def _faults(result: CheckResult, say: NullTranslations) -> Table:
    """Faults grouped by rule and column, with what to do about each."""
    _ = say.gettext
    groups: dict[tuple[str, str, str], list[str]] = {}
    for fault in result.faults:
        rows = groups.setdefault((fault.rule, fault.field or "", fault.detail), [])
        rows.append(str(fault.row) if fault.row else "")
    headings = (_("Error"), _("Column"), _("Rows"), _("What to do"))
    table = Table(*headings, title=_title(result, say), expand=True)
    for (rule, field, detail), rows in groups.items():
        said = explain(rule)
        shown = ", ".join(row for row in rows[:MOST_ROWS] if row)
        more = f" … ({len(rows):,})" if len(rows) > MOST_ROWS else ""
        title = f"{_(said.title)}\n[dim]{escape(detail)}[/]" if detail else _(said.title)
        table.add_row(title, escape(field), shown + more, _(said.mend))
    listed = {fault.rule for fault in result.faults}
    for rule, count in result.stats.get("rules", {}).items():
        if rule not in listed:  # all of them came after the last one that is listed
            said = explain(rule)
            table.add_row(_(said.title), "", _errors(count, say), _(said.mend))
    return table


def _findings(result: CheckResult, say: NullTranslations) -> Table:
    _ = say.gettext
    headings = (_("Looks like"), _("Column"), _("Cells"), _("First rows"), "")
    table = Table(*headings, title=_("Personal data"), expand=True)
    for item in result.findings:
        rows = ", ".join(str(row) for row in item.rows[:MOST_ROWS])
        held = _("Held") if item.level == "personal" else _("only noted")
        table.add_row(_(explain(item.rule).title), escape(item.field), f"{item.count:,}", rows, held)
    return table
