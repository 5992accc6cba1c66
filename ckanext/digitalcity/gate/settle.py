"""What the ledger says of an uploaded file: being checked, waiting for a person, public, or gone."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.digitalcity import config, labels
from ckanext.digitalcity.core.check import from_json
from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import CheckResult, Json, Outcome, Verdict
from ckanext.digitalcity.core.pipeline import Candidate, StagedFile
from ckanext.digitalcity.gate import home
from ckanext.digitalcity.gate.offer import Offer, candidate
from ckanext.digitalcity.harvest import evidence
from ckanext.digitalcity.harvest.drift import since_public
from ckanext.digitalcity.harvest.facts import decision, gather_facts, provenance
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.harvest.work import Done, put_aside, store
from ckanext.digitalcity.model import PENDING, File, Item, Report, Source, now
from ckanext.digitalcity.publish import as_portal


def settle(resource_id: str, offer: Offer) -> Item:
    """Writes down what became of an upload, in CKAN's own transaction: it counts only if the resource does."""
    resource = model.Session.get(model.Resource, resource_id)
    package = model.Session.get(model.Package, resource.package_id)
    item = home.item_for(resource_id, package, offer.file.name)
    found = candidate(offer.file, resource_id)
    if offer.result is None:
        item.outcome, item.reason, item.message, item.held_since = PENDING, "", "", None
        item.candidate = {"content": found.content, "record": found.as_json(), "verdict": {}, "reports": []}
        item.modified = now()
    else:
        conclude(item, found, offer.result, Verdict(offer.result.outcome, offer.result.reason))
    model.Session.flush()
    return item


def conclude(item: Item, found: Candidate, result: CheckResult, verdict: Verdict) -> None:
    """The check is done: the file becomes what the resource serves, or waits for a person. Doesn't commit."""
    file = found.files[0]
    result = since_public(item.dataset_id, file.key, result)
    report = store(item, file.key, file.name, result)
    item.modified = now()
    if verdict.outcome is Outcome.PASSED:
        _serve(item, found, result, report, verdict)
    else:
        put_aside(item, found, [(file, result, report)], verdict)
        model.Session.flush()
        if item.published:
            labels.remember(item.dataset_id)


def release(item: Item, by: str, reason: str) -> Done:
    """Makes a waiting file public because a person said so, and commits.

    Raises:
        Skippable: CKAN refuses the dataset's own metadata.
    """
    waiting: Json = item.candidate or {}
    found = Candidate.from_json(waiting["record"])
    report = waiting["reports"][0]["report"]
    result = from_json(model.Session.get(Report, report).result)
    fact = decision("release", by, reason, bool(result.findings), now())
    _serve(item, found, result, report, Verdict(Outcome.PASSED, "released"))
    evidence.keep(item.dataset_id, [replace(fact, subject=item.remote_id)])
    model.Session.flush()
    labels.remember(item.dataset_id)
    show(item)
    return Done(Outcome.PASSED, "published", "released")


def show(item: Item) -> None:
    """Writes the facts of the public file into CKAN's resource and commits, with all that is in the session."""
    row = model.Session.get(File, item.remote_id)
    try:
        tk.get_action("resource_patch")(as_portal(), {**row.facts, "id": row.resource_id})
    except tk.ValidationError as refused:
        model.Session.rollback()
        raise Skippable(
            f"CKAN does not accept this dataset's metadata: {'; '.join(sorted(refused.error_summary))}.",
            "Correct it in the dataset's form, and upload the file again.",
            reason="metadata",
        ) from refused
    model.Session.commit()


def forget(item: Item) -> None:
    """The resource is gone or is a link now: nothing of its file is said or served any more. Doesn't commit."""
    row = model.Session.get(File, item.remote_id)
    if row is not None:
        model.Session.delete(row)
    evidence.end(item.dataset_id, item.remote_id)
    item.outcome, item.reason, item.message = Outcome.WITHDRAWN, "", ""
    item.candidate, item.held_since, item.published, item.content = None, None, None, ""
    model.Session.flush()
    labels.remember(item.dataset_id)


def facts_of(file: StagedFile, result: CheckResult) -> Json:
    """What CKAN's resource says of its file."""
    facts: dict[str, Any] = {
        "url": file.filename,
        "url_type": "upload",
        "mimetype": mimetypes.guess_type(file.filename)[0] or "application/octet-stream",
        "size": file.size,
        "hash": f"sha256:{file.sha256}",
        "last_modified": now().replace(tzinfo=None).isoformat(),
    }
    detected = str(result.detected.get("format") or "")
    return {**facts, "format": detected.upper()} if detected else facts


def _serve(item: Item, found: Candidate, result: CheckResult, report: str, verdict: Verdict) -> None:
    moment, file = now(), found.files[0]
    package = model.Session.get(model.Package, item.dataset_id)
    source = model.Session.get(Source, item.source_id)
    organization = model.Group.get(source.organization_id) if source.organization_id else None
    found = replace(found, metadata=home.metadata_of(package))
    checks = [(file, result, report)]
    title = organization.display_name if organization else ""
    by_person = verdict.reason == "released"
    evidence.end(item.dataset_id, file.key, kind="decision")
    facts = list(gather_facts(found, checks, home.recipe_of(source), title, moment, released=by_person))
    with StorageStage(config.stage_storage(), config.file_limit()) as stage:
        facts.append(provenance(file, stage.digest(file.sha256), moment))
    evidence.keep(item.dataset_id, facts)
    row = model.Session.get(File, item.remote_id) or File(resource_id=item.remote_id, key=file.key)
    row.item_id, row.sha256, row.report_id, row.facts = item.id, file.sha256, report, facts_of(file, result)
    model.Session.add(row)
    item.outcome, item.reason, item.message = Outcome.PASSED, verdict.reason, ""
    item.content, item.candidate, item.held_since, item.rejected = found.content, None, None, ""
    item.published = item.published or moment
    model.Session.flush()
    labels.remember(item.dataset_id)
