"""How a candidate differs from what is public: field by field and file by file. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import publish
from ckanext.digitalcity.core.model import CheckResult, Json, Recipe
from ckanext.digitalcity.core.pipeline import Candidate, StagedFile
from ckanext.digitalcity.model import File, Item, Report

FIELDS = ("title", "notes", "license_id", "url", "maintainer", "maintainer_email")
FAULTS = 5  # shown of each file
LONGEST = 500  # characters of a value that are shown


def fields(candidate: Candidate, recipe: Recipe, owner_org: str, item: Item) -> list[Json]:
    """What would change in the description of the dataset: ``part``, ``now`` (None if not public) and ``then``."""
    package = model.Package.get(item.dataset_id)
    public = tk.get_action("package_show")(publish.as_portal(), {"id": item.dataset_id}) if package else None
    shown = public if public and public["state"] == "active" else None
    wanted = publish.package_dict(item, recipe, owner_org, candidate, public)
    now, then = _flat(shown) if shown else {}, _flat(wanted)
    return [
        {"part": part, "now": now.get(part), "then": then.get(part)}
        for part in (*FIELDS, "tags", *publish.OWN_EXTRAS)
        if now.get(part) != then.get(part)
    ]


def files(candidate: Candidate, results: Sequence[CheckResult], item: Item) -> list[Json]:
    """Each file: ``change`` (new, changed, same, gone), what it is now and what it would be, what its check found."""
    rows = {row.key: row for row in model.Session.scalars(sa.select(File).where(File.item_id == item.id))}
    found = [_file(file, result, rows.get(file.key)) for file, result in zip(candidate.files, results, strict=True)]
    staying = {*candidate.kept, *(file.key for file in candidate.files)}
    found += [
        {"key": key, "name": row.facts.get("name") or key, "change": "gone", "now": _public(row)}
        for key, row in sorted(rows.items())
        if key not in staying
    ]
    return found


def _file(file: StagedFile, result: CheckResult, row: File | None) -> Json:
    same = row is not None and row.sha256 in (file.sha256, file.fetched_sha256 or file.sha256)
    return {
        "key": file.key,
        "name": file.name,
        "change": "same" if same else "changed" if row else "new",
        "now": _public(row) if row else None,
        "then": {
            "format": str(result.detected.get("format") or file.format).upper(),
            "size": file.size,
            "rows": result.stats.get("rows"),
        },
        "outcome": result.outcome.value,
        "reason": result.reason,
        "message": file.message,
        "errors": result.errors,
        "schema": result.schema_name,
        "faults": [
            {"rule": fault.rule, "row": fault.row, "field": fault.field, "detail": fault.detail}
            for fault in (*result.faults, *result.beyond)[:FAULTS]
        ],
        "findings": [{"rule": f.rule, "field": f.field, "count": f.count} for f in result.findings],
    }


def _public(row: File) -> Json:
    report = model.Session.get(Report, row.report_id) if row.report_id else None
    rows = (report.result.get("stats") or {}).get("rows") if report else None
    return {"format": row.facts.get("format"), "size": row.facts.get("size"), "rows": rows}


def _flat(package: Any) -> dict[str, str]:
    """A dataset's description as one text a field."""
    extras = {extra["key"]: extra["value"] for extra in package.get("extras", [])}
    tags = ", ".join(sorted(str(tag["name"]) for tag in package.get("tags", [])))
    values = {**{key: package.get(key) for key in FIELDS}, "tags": tags}
    values |= {key: extras.get(key) for key in publish.OWN_EXTRAS}
    return {key: _short(str(value)) for key, value in values.items() if value}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
