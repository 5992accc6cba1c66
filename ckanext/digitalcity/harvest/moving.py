"""Takes over the sources of ckanext-harvest, with the datasets that each of its records became.

Reads ckanext-harvest's tables (``harvest_source``, ``harvest_object``) and changes nothing in them, so it needs neither
its code nor its plugin, and who goes back finds everything as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
import yaml
from ckan import model

from ckanext.digitalcity.core.errors import Fatal
from ckanext.digitalcity.harvesters.registry import kinds
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import Item, Source, now

KINDS = {"ckan": "ckan", "dcat_rdf": "dcat", "dcat_json": "data-json", "csw": "csw"}
SCHEDULES = {
    "ALWAYS": "every hour",
    "DAILY": "every day at 02:00",
    "WEEKLY": "every Monday at 02:00",
    "BIWEEKLY": "every Monday at 02:00",
    "MONTHLY": "every month on the 1st at 02:00",
}
WHY = "Moved from ckanext-harvest. Look at a preview, then take the schedule up."


@dataclass(slots=True)
class Move:
    """What becomes of one source.

    Attributes:
        state: ``moved`` (or would be), ``there`` (it was moved before) or ``left``, with ``why``.
        records: how many keep their dataset. ``notes``: what somebody should look at.
    """

    name: str
    title: str
    type: str
    kind: str = ""
    state: str = "moved"
    why: str = ""
    records: int = 0
    recipe: str = ""
    notes: list[str] = field(default_factory=list)


def move(context: Any, *, dry_run: bool) -> Iterator[Move]:
    """Moves every source that can be, each in a transaction of its own. Done again, it takes only what is new.

    Raises:
        Fatal: ckanext-harvest has no tables here.
    """
    if not sa.inspect(model.meta.engine).has_table("harvest_source"):
        raise Fatal(
            "There are no sources of ckanext-harvest in this database.", "Run this on the portal that has them."
        )
    query = sa.text(
        "SELECT s.id, s.url, s.title, s.type, s.config, s.frequency, p.name, p.owner_org "
        "FROM harvest_source s JOIN package p ON p.id = s.id WHERE s.active AND p.state = 'active' ORDER BY p.name"
    )
    for row in model.Session.execute(query).mappings().all():
        yield _one(context, dict(row), dry_run)


def _one(context: Any, theirs: dict[str, Any], dry_run: bool) -> Move:
    found = Move(theirs["name"], theirs["title"] or theirs["name"], theirs["type"], _kind(theirs["type"]))
    organization = model.Group.get(theirs["owner_org"] or "")
    if not found.kind:
        found.state, found.why = "left", f"There is no kind of source here for “{found.type}”."
    elif organization is None:
        found.state, found.why = "left", "It belongs to no organization. Give it one in ckanext-harvest."
    if found.state == "left":
        return found
    found.recipe = _recipe(found, theirs, organization.name)
    known = model.Session.query(Source).filter_by(name=found.name).first()
    pairs = _records(theirs["id"], known.id if known else "", found)
    found.records = len(pairs)
    if known and not pairs:
        found.state = "there"
    if dry_run or found.state == "there":
        return found
    if known is None:
        try:
            tk.get_action("digitalcity_source_save")(context, {"recipe": found.recipe, "reason": WHY})
        except tk.ValidationError as wrong:
            model.Session.rollback()
            found.state, found.why = "left", " ".join(wrong.error_summary.values())
            return found
    source = find(found.name)
    if known is None:
        source.paused, source.paused_by, source.paused_why, source.next_run = now(), "ckanext-harvest", WHY, None
    for guid, package in pairs:
        since = package.metadata_created.replace(tzinfo=UTC)
        title = package.title or guid
        model.Session.add(
            Item(source_id=source.id, remote_id=guid, dataset_id=package.id, title=title, outcome="", published=since)
        )
    model.Session.commit()
    return found


def _kind(type_: str) -> str:
    ours = {f"digitalcity_{kind.replace('-', '_')}": kind for kind in kinds()}
    return (KINDS | ours).get(type_, "")


def _recipe(found: Move, theirs: dict[str, Any], organisation: str) -> str:
    facts = {"name": found.name, "title": found.title, "kind": found.kind, "address": theirs["url"]}
    facts["organisation"] = organisation
    if schedule := SCHEDULES.get(theirs["frequency"] or ""):
        facts["schedule"] = schedule
    if theirs["frequency"] == "BIWEEKLY":
        found.notes.append("It ran every two weeks; here it is every week.")
    config = theirs["config"] or ""
    if found.type.startswith("digitalcity_"):
        return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True) + config
    if names := _settings(config):
        found.notes.append(f"Set these again in its recipe if they are still wanted: {', '.join(names)}.")
    return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True)


def _settings(config: str) -> list[str]:
    """Names of settings that are not taken over. Never their values: some are keys."""
    try:
        found = json.loads(config) if config.strip() else {}
    except ValueError:
        return ["a configuration that is not JSON"]
    return sorted(found) if isinstance(found, dict) else []


def _records(theirs: str, ours: str, found: Move) -> list[tuple[str, model.Package]]:
    """Each record's id at the source with its public dataset, but those that are known here already."""
    query = sa.text(
        "SELECT DISTINCT ON (o.guid) o.guid, o.package_id FROM harvest_object o "
        "WHERE o.harvest_source_id = :id AND o.current AND o.package_id IS NOT NULL AND coalesce(o.guid, '') <> '' "
        "ORDER BY o.guid, o.import_finished DESC NULLS LAST"
    )
    taken = {id_ for (id_,) in model.Session.query(Item.dataset_id)}
    named = {id_ for (id_,) in model.Session.query(Item.remote_id).filter_by(source_id=ours)}
    pairs, doubled = [], 0
    for guid, package_id in model.Session.execute(query, {"id": theirs}).all():
        package = model.Session.get(model.Package, package_id)
        if package is None or package.state != "active" or guid in named:
            continue
        if package_id in taken:
            doubled += 1
            continue
        taken.add(package_id)
        pairs.append((guid, package))
    if doubled:
        found.notes.append(f"{doubled} records belong to datasets that another record has already.")
    return pairs
