"""Turns what the gate found into evidence: one function a kind. Bodies are described in docs/guide/labels.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ckanext.digitalcity.core.licence import recognise
from ckanext.digitalcity.core.model import Assurance, CheckResult, Evidence, Json, Outcome, Recipe
from ckanext.digitalcity.core.pipeline import Candidate, StagedFile

# A check of the very bytes that are published stays true, but rules and schemas move on: look again after a year.
CHECK_COUNTS_FOR = timedelta(days=365)


def gather_facts(
    candidate: Candidate,
    checks: Sequence[tuple[StagedFile, CheckResult, str]],
    recipe: Recipe,
    organisation: str,
    moment: datetime,
    *,
    released: bool,
) -> Iterator[Evidence]:
    """All evidence that publishing a candidate leaves behind.

    Args:
        checks: each file with its check and the id of the stored report.
        organisation: title of the organization that owns the dataset.
    """
    for file, result, report in checks:
        yield _validation(file, result, report, moment, released)
        yield _screening(file, result, report, moment)
    yield licence(candidate.metadata, recipe, moment)
    yield contact(candidate.metadata, recipe, organisation, moment)
    yield _freshness(candidate.metadata, recipe, [result for _, result, _ in checks], moment)


def _validation(file: StagedFile, result: CheckResult, report: str, moment: datetime, released: bool) -> Evidence:
    errors = result.errors
    finished = result.outcome is not Outcome.ERROR and "frictionless" in result.method
    outcome = "error" if not finished else "failed" if errors else "passed"
    body = {
        "outcome": outcome,
        "rows": result.stats.get("rows", 0),
        "errors": errors,
        "rejected": result.sifted.get("rejected", 0),
        "schema": result.schema_name,
        "schema_origin": result.schema_origin,
        "schema_repaired": result.detected.get("schema_repaired", []),
        "drift": list(result.drift),
        "report": report,
        "sha256": file.sha256,
        "released": released,
    }
    checker = f"frictionless {result.method.get('frictionless', '')}".strip()
    return Evidence("validation", body, checker, moment, expires=moment + CHECK_COUNTS_FOR, subject=file.key)


def _screening(file: StagedFile, result: CheckResult, report: str, moment: datetime) -> Evidence:
    findings = [{"rule": f.rule, "field": f.field, "count": f.count} for f in result.findings if f.level == "personal"]
    method = f"screen {result.method.get('screen', '')}".strip()
    screened = "screen" in result.method
    body = {
        "outcome": "suspected" if findings else "clean" if screened else "error",
        "findings": findings,
        "method": method,
        "sha256": file.sha256,
        "report": report,
    }
    return Evidence("screening", body, method, moment, expires=moment + CHECK_COUNTS_FOR, subject=file.key)


def provenance(file: StagedFile, published_sha256: str, moment: datetime) -> Evidence:
    """Where the bytes came from, and that the published ones are the checked ones."""
    body = {
        "source_url": file.url,
        "fetched_sha256": file.fetched_sha256 or file.sha256,
        "fetched": moment.isoformat(),
        "checked_sha256": file.sha256,
        "published_sha256": published_sha256,
        "bytes": file.size,
    }
    return Evidence("provenance", body, "digitalcity", moment, subject=file.key)


def stated_licence(metadata: Json, recipe: Recipe) -> tuple[str, str]:
    """What is stated as the licence, and by whom: the source first, then the recipe, else nobody."""
    stated = str(metadata.get("license") or "")
    return (stated, "source") if stated else (recipe.licence, "recipe" if recipe.licence else "nobody")


def licence(metadata: Json, recipe: Recipe, moment: datetime) -> Evidence:
    """Which licence is stated, what it means, and who stated it."""
    stated, by = stated_licence(metadata, recipe)
    body = {"stated": stated, "spdx": recognise(stated), "by": by}
    return Evidence("licence", body, "digitalcity", moment, assurance=Assurance.DECLARED)


def contact(metadata: Json, recipe: Recipe, organisation: str, moment: datetime) -> Evidence:
    """Who answers for the data."""
    body = {
        "organisation": organisation,
        "name": str(metadata.get("contact_name") or recipe.contact.get("name", "")),
        "email": str(metadata.get("contact_email") or recipe.contact.get("email", "")),
    }
    return Evidence("contact", body, "data officer", moment, assurance=Assurance.DECLARED)


def _freshness(metadata: Json, recipe: Recipe, results: Sequence[CheckResult], moment: datetime) -> Evidence:
    body = {
        "newest": max((r.newest for r in results if r.newest), default=None),
        "modified": metadata.get("modified") or None,
        "frequency": str(metadata.get("accrualPeriodicity") or recipe.frequency),
    }
    return Evidence("freshness", body, "digitalcity", moment)


def decision(action: str, by: str, reason: str, findings: bool, moment: datetime) -> Evidence:
    """What a named person decided about something that was held, and why."""
    body = {"action": action, "by": by, "at": moment.isoformat(), "reason": reason, "findings": findings}
    return Evidence("decision", body, by, moment, assurance=Assurance.ATTESTED)
