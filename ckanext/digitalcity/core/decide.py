"""The gate's decision over a whole record, from what was found out about each of its files."""

from __future__ import annotations

from collections.abc import Sequence

from .model import CheckResult, Outcome, Policy, Verdict

# From worst to best: the worst file decides.
ORDER = (Outcome.ERROR, Outcome.HELD, Outcome.FAILED)


def decide(policy: Policy, results: Sequence[CheckResult]) -> Verdict:
    """The worst file decides. Suspected personal data is held whatever the policy, and an error never passes.

    Args:
        policy: ``warn`` lets invalid data pass, with its errors on the label.
        results: one for each file; none at all holds the record.
    """
    if not results:
        return Verdict(Outcome.HELD, "no-files")
    for outcome in ORDER:
        reasons = sorted(result.reason for result in results if _outcome(result) is outcome)
        if reasons and outcome is Outcome.FAILED and policy is Policy.WARN:
            return Verdict(Outcome.PASSED, "warned")
        if reasons:
            return Verdict(outcome, reasons[0])
    return Verdict(Outcome.PASSED, "sifted" if any(result.sifted for result in results) else "")


def _outcome(result: CheckResult) -> Outcome:
    """A check ends in one of four ways; whatever else it claims is no reason to publish anything."""
    return result.outcome if result.outcome in (*ORDER, Outcome.PASSED) else Outcome.ERROR
