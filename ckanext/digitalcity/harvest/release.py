"""Publishes a held candidate because a person said so, from the very bytes that were staged and checked."""

from __future__ import annotations

from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.core import recipe as recipes
from ckanext.digitalcity.core.check import from_json
from ckanext.digitalcity.core.model import CheckResult, Json, Outcome, Verdict
from ckanext.digitalcity.core.pipeline import Candidate
from ckanext.digitalcity.gate import settle
from ckanext.digitalcity.harvest import evidence
from ckanext.digitalcity.harvest.facts import decision
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.harvest.work import Done, Home, release
from ckanext.digitalcity.model import UPLOAD, Item, Report, Source, now


def release_held(item: Item, source: Source, by: str, reason: str) -> Done:
    """Makes the item's candidate public and commits.

    Args:
        by: display name of the person who decided.
        reason: why, shown on the label.
    """
    if source.kind == UPLOAD:
        return settle.release(item, by, reason)
    recipe = recipes.read(source.recipe, name=source.name)
    organization = model.Group.get(source.organization_id)
    waiting: Json = item.candidate or {}
    candidate = Candidate.from_json(waiting["record"])
    results = {entry["key"]: _result(entry["report"]) for entry in waiting["reports"]}
    checks = [(file, *results[file.key]) for file in candidate.files]
    found = any(result.findings for _, result, _ in checks)
    evidence.keep(item.dataset_id, [decision("release", by, reason, found, now())])
    with StorageStage(config.stage_storage(), config.file_limit()) as stage:
        home = Home(recipe, organization.id, organization.title or organization.name, stage)
        return release(home, item, candidate, checks, Verdict(Outcome.PASSED, "released"), by_person=True)


def _result(report_id: str) -> tuple[CheckResult, str]:
    return from_json(model.Session.get(Report, report_id).result), report_id
