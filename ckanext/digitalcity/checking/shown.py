"""A result on a terminal: what happened, where, and what to do. No value from the file is shown."""

from __future__ import annotations

from rich import markup
from rich.console import Console
from rich.table import Table

from ..core.explain import explain
from ..core.model import CheckResult, Json, Outcome

COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.HELD: "yellow", Outcome.ERROR: "red"}
MOST_ROWS = 10  # row numbers shown for one fault; --json has more


def printable(text: str) -> str:
    """Text of strangers without what would steer a terminal; line breaks stay."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def escape(text: str) -> str:
    """The same, and without markup."""
    return markup.escape(printable(text))


def show(result: CheckResult, filename: str, console: Console) -> None:
    """Prints the outcome, then what was found."""
    console.print(f"[bold {COLOURS[result.outcome]}]{result.outcome.value.upper()}[/] {escape(filename)}")
    console.print(escape(_facts(result)), style="dim")
    if result.reason:
        said = explain(result.reason)
        console.print(f"\n[bold]{said.title}.[/] {said.meaning}\n{said.mend}")
    for member in result.detected.get("members", []):
        console.print(escape(f"  {_member(member)}"), style="dim")
    for change in result.detected.get("schema_repaired", []):
        console.print(escape(f"Mended in the schema: {change}"))
    if result.outcome is Outcome.ERROR and result.reason != "schema-invalid":
        details = [fault.detail for fault in result.faults if fault.detail]
        console.print(escape("; ".join(details)), style="dim")
        return
    if result.faults:
        console.print(_faults(result))
    if result.findings:
        console.print(_findings(result))


def _facts(result: CheckResult) -> str:
    found, stats = result.detected, result.stats
    parts = [str(found.get("format", "unknown")).upper(), str(found.get("encoding", ""))]
    if "rows" in stats:
        parts += [_many(stats["rows"], "row"), _many(stats["fields"], "column")]
        if "members" not in found:
            parts.append(f"header on row {found['header_row']}" if found.get("header_row") else "no header row")
    if result.schema_origin:
        parts.append(f"schema: {result.schema_name or result.schema_origin}")
    return ", ".join(part for part in parts if part)


def _member(member: Json) -> str:
    """One file of an archive, and whether it was checked."""
    if not member["checked"]:
        return f"{member['name']}: no table"
    counts = [
        _many(member[what], thing) for what, thing in (("rows", "row"), ("fields", "column"), ("errors", "fault"))
    ]
    return f"{member['name']}: {', '.join(counts)}"


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _title(result: CheckResult) -> str:
    found = result.stats.get("errors", len(result.faults))
    total = _many(found, "fault")
    return total if found == len(result.faults) else f"{total}, the first {len(result.faults):,} shown"


def _faults(result: CheckResult) -> Table:
    """Faults grouped by rule and column, with what to do about each."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for fault in result.faults:
        rows = groups.setdefault((fault.rule, fault.field or "", fault.detail), [])
        rows.append(str(fault.row) if fault.row else "")
    table = Table("Fault", "Column", "Rows", "What to do", title=_title(result), expand=True)
    for (rule, field, detail), rows in groups.items():
        said = explain(rule)
        shown = ", ".join(row for row in rows[:MOST_ROWS] if row)
        more = f" and {len(rows) - MOST_ROWS:,} more" if len(rows) > MOST_ROWS else ""
        title = f"{said.title}\n[dim]{escape(detail)}[/]" if detail else said.title
        table.add_row(title, escape(field), shown + more, said.mend)
    listed = {fault.rule for fault in result.faults}
    for rule, count in result.stats.get("rules", {}).items():
        if rule not in listed:  # all of them came after the last one that is listed
            said = explain(rule)
            table.add_row(said.title, "", _many(count, "fault"), said.mend)
    return table


def _findings(result: CheckResult) -> Table:
    table = Table("Looks like", "Column", "Cells", "First rows", "", title="Personal data", expand=True)
    for item in result.findings:
        rows = ", ".join(str(row) for row in item.rows[:MOST_ROWS])
        held = "held" if item.level == "personal" else "only noted"
        table.add_row(explain(item.rule).title, escape(item.field), f"{item.count:,}", rows, held)
    return table
