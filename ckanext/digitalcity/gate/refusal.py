"""Why an upload was refused, in a few plain sentences. Never quotes a value from the file."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.digitalcity.core.explain import explain
from ckanext.digitalcity.core.model import CheckResult, Fault, Outcome

SHOWN = 3  # faults that are told one by one


def refusal(filename: str, result: CheckResult) -> str:
    """How many errors, where the first are, and what to do; of personal data which columns."""
    said = [tk._("“{name}” was not published, because it did not pass the check.").format(name=filename)]
    if result.reason == "invalid" or (result.errors and result.outcome is Outcome.FAILED):
        said += _errors(result)
    else:
        why = explain(result.reason)
        said += [f"{tk._(why.title)}.", tk._(why.meaning)]
        if columns := sorted({found.field for found in result.findings if found.level == "personal" and found.field}):
            said.append(tk._("Columns: {names}.").format(names=", ".join(columns)))
        said.append(tk._(why.mend))
    if result.outcome in (Outcome.FAILED, Outcome.HELD):
        said.append(tk._("If it is right as it is, upload it again with “Keep it for a decision” ticked."))
    return " ".join(said)


def unusable(filename: str, reason: str) -> str:
    """Why the file could not even be taken."""
    why = explain(reason)
    refused = tk._("“{name}” was not published.").format(name=filename)
    return f"{refused} {tk._(why.title)}. {tk._(why.mend)}"


def _errors(result: CheckResult) -> list[str]:
    faults = [*result.faults, *result.beyond]
    said = [tk.ungettext("It has {num} error.", "It has {num} errors.", result.errors).format(num=result.errors)]
    said += [_one(fault) for fault in faults[:SHOWN]]
    if result.errors > SHOWN:
        said.append(tk._("These are the first."))
    mends = dict.fromkeys(tk._(explain(fault.rule).mend) for fault in faults[:SHOWN])
    return [*said, *mends]


def _one(fault: Fault) -> str:
    what = tk._(explain(fault.rule).title)
    column = fault.field or (str(fault.position) if fault.position else "")
    if fault.row is not None and column:
        return str(tk._("Row {row}, column “{column}”: {what}.").format(row=fault.row, column=column, what=what))
    if fault.row is not None:
        return str(tk._("Row {row}: {what}.").format(row=fault.row, what=what))
    if column:
        return str(tk._("Column “{column}”: {what}.").format(column=column, what=what))
    return f"{what}."
