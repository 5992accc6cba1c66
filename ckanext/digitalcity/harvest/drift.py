"""Compares the inferred structure of a file with that of its public version."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import model as ledger
from ckanext.digitalcity.core.model import CheckResult
from ckanext.digitalcity.core.validate.drift import as_json, drift


def since_public(dataset_id: str, key: str, result: CheckResult) -> CheckResult:
    """The result with its drift. There is none if nothing is public yet, or a schema promises the structure.

    Bytes that are public already keep the drift that they came with: checking them again changes nothing.
    """
    last = _public(dataset_id, key) if result.inferred else None
    if last is None or not last.result.get("inferred"):
        return result
    if last.sha256 == result.sha256:
        return replace(result, drift=tuple(last.result.get("drift", ())))
    return replace(result, drift=tuple(as_json(drift(last.result["inferred"], result.inferred))))


def _public(dataset_id: str, key: str) -> ledger.Report | None:
    """The report of the version that is public, which its evidence names."""
    evidence = sa.select(ledger.Evidence).where(
        ledger.Evidence.dataset_id == dataset_id,
        ledger.Evidence.kind == "validation",
        ledger.Evidence.subject == key,
        ledger.Evidence.replaced.is_(None),
    )
    found = model.Session.scalars(evidence).first()
    return model.Session.get(ledger.Report, found.body["report"]) if found else None
