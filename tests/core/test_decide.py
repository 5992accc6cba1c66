"""The gate's decision over a whole record."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.decide import ORDER, decide
from ckanext.digitalcity.core.model import CheckResult, Outcome, Policy, Verdict

BAD = {Outcome.ERROR: "crash", Outcome.HELD: "personal-data", Outcome.FAILED: "invalid"}
results = st.sampled_from([Outcome.PASSED, *ORDER]).map(lambda o: CheckResult("a" * 64, o, BAD.get(o, "")))
many = st.lists(results, max_size=6)
policies = st.sampled_from(Policy)
RANK = {Outcome.PASSED: 3, Outcome.FAILED: 2, Outcome.HELD: 1, Outcome.ERROR: 0}


def test_a_record_whose_files_all_passed_passes() -> None:
    assert decide(Policy.HOLD, [CheckResult("", Outcome.PASSED)]) == Verdict(Outcome.PASSED)


def test_a_record_without_files_waits_for_a_person() -> None:
    assert decide(Policy.WARN, []) == Verdict(Outcome.HELD, "no-files")


def test_a_policy_of_warnings_lets_invalid_data_pass_and_says_so() -> None:
    failed = CheckResult("", Outcome.FAILED, "invalid")
    assert decide(Policy.WARN, [failed]) == Verdict(Outcome.PASSED, "warned")
    assert decide(Policy.HOLD, [failed]) == Verdict(Outcome.FAILED, "invalid")


@given(policies, many)
def test_an_error_or_personal_data_never_passes_whatever_the_policy(policy: Policy, files: list[CheckResult]) -> None:
    verdict = decide(policy, files)
    if any(file.outcome in (Outcome.ERROR, Outcome.HELD) for file in files):
        assert verdict.outcome is not Outcome.PASSED


@given(policies, st.lists(st.sampled_from(Outcome).map(lambda o: CheckResult("", o)), max_size=4))
def test_nothing_passes_but_what_passed_or_was_let_pass_by_the_policy(policy: Policy, files: list[CheckResult]) -> None:
    fine = {Outcome.PASSED, Outcome.FAILED} if policy is Policy.WARN else {Outcome.PASSED}
    passes = bool(files) and {file.outcome for file in files} <= fine
    assert (decide(policy, files).outcome is Outcome.PASSED) == passes


@given(policies, st.lists(results, min_size=1, max_size=6), results)
def test_one_more_file_never_makes_a_verdict_better(
    policy: Policy, files: list[CheckResult], another: CheckResult
) -> None:
    assert RANK[decide(policy, [*files, another]).outcome] <= RANK[decide(policy, files).outcome]


@given(policies, many, st.randoms())
def test_the_order_of_files_does_not_matter(policy: Policy, files: list[CheckResult], chance: object) -> None:
    shuffled = list(files)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(policy, shuffled) == decide(policy, files)
