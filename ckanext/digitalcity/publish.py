"""Writes a checked candidate as a CKAN dataset: metadata, files, evidence and ledger in one transaction."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.munge import munge_tag, munge_title_to_name
from sqlalchemy.dialects.postgresql import ARRAY

from ckanext.digitalcity.core.licence import CKAN_IDS, recognise
from ckanext.digitalcity.core.model import CheckResult, Json, Recipe
from ckanext.digitalcity.core.pipeline import Candidate, StagedFile
from ckanext.digitalcity.harvest.facts import stated_licence
from ckanext.digitalcity.model import File, Item, now

# Extras that the harvest owns and overwrites; all others belong to the portal's editors.
OWN_EXTRAS = (
    "accrualPeriodicity", "isPartOf", "issued", "modified", "language", "publisher", "spatial", "license_stated"
)  # fmt: skip

RESERVED = ("edit", "new", "search")  # names that CKAN has pages of its own at, and gives to no dataset

Checked = tuple[StagedFile, CheckResult, str]


def resource_id(dataset_id: str, key: str) -> str:
    """The lasting id of a file's resource: the same dataset and key always give the same id."""
    return str(uuid5(NAMESPACE_URL, f"digitalcity:{dataset_id}:{key}"))


def dataset_id(source_id: str, remote_id: str) -> str:
    """The lasting id of a record's dataset, known before it exists: a replay finds it instead of making another."""
    return str(uuid5(NAMESPACE_URL, f"digitalcity:{source_id}:{remote_id}"))


def write(
    item: Item, recipe: Recipe, owner_org: str, candidate: Candidate, checks: Sequence[Checked], existing: Json | None
) -> None:
    """Creates the item's dataset or updates the existing one, and commits, with all that is in the session.

    Raises:
        ckan.logic.ValidationError: CKAN refuses the metadata; nothing is written.
    """
    query = sa.select(File).where(File.item_id == item.id)
    rows = {row.key: row for row in model.Session.scalars(query)}
    files = [_file(item, rows.get(check[0].key), check) for check in checks]
    model.Session.add_all(files)
    kept = [_kept(rows[key], existing) for key in candidate.kept if key in rows]
    package = package_dict(item, recipe, owner_org, candidate, existing)
    hold_tags([candidate])
    package["resources"] = [*kept, *(dict(row.facts) for row in files)]
    wanted = {resource["id"] for resource in package["resources"]}
    for row in rows.values():
        if row.resource_id not in wanted:
            model.Session.delete(row)
    action = "package_update" if existing else "package_create"
    tk.get_action(action)(as_portal(), package)
    model.Session.commit()  # CKAN itself doesn't where it sees no change, but evidence may be new


def new(
    item: Item, recipe: Recipe, owner_org: str, candidate: Candidate, checks: Sequence[Checked], names: Names
) -> tuple[Json, list[File]]:
    """A dataset that is still to be created, as CKAN's action takes it, and the rows of its files."""
    files = [_file(item, None, check) for check in checks]
    package = package_dict(item, recipe, owner_org, candidate, None, names)
    return {**package, "resources": [dict(row.facts) for row in files]}, files


def withdraw(item: Item) -> None:
    """Takes the item's dataset out of the catalogue, as CKAN's own delete does. Commits."""
    tk.get_action("package_delete")(as_portal(), {"id": item.dataset_id})


def as_portal() -> Any:
    """The context in which the portal itself writes what it has checked."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return {"user": user["name"], "ignore_auth": True}


def existing(id_: str) -> Json | None:
    """The dataset as it is now, or None if there is none."""
    if model.Session.get(model.Package, id_) is None:
        return None
    found: Json = tk.get_action("package_show")(as_portal(), {"id": id_})
    return found


class Names:
    """Names of new datasets, each given out once.

    Two workers may publish datasets of one title at once: the second waits here, until the first's transaction is over,
    and sees its names.

    Args:
        wanted: names that the caller's transaction may give out.
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        names = set(wanted)
        _hold("name", names)
        taken = sa.select(model.Package.name).where(model.Package.name.in_(names))
        self._taken = {*RESERVED, *model.Session.scalars(taken)}

    def give(self, candidate: Candidate, dataset_id: str) -> str:
        """The name that the candidate's dataset gets: the one wanted, unless another has it."""
        name = wanted_name(candidate)
        if len(name) < 2 or name in self._taken:
            name = f"{name or 'dataset'}-{dataset_id[:8]}"
        self._taken.add(name)
        return name


def hold_tags(candidates: Iterable[Candidate]) -> None:
    """Lets no other worker bring the same new tags before the caller's transaction is over: CKAN would keep them twice.

    To be called after names are given, if any are.
    """
    tags = {tag["name"] for candidate in candidates for tag in _tags(candidate)}
    known = sa.select(model.Tag.name).where(model.Tag.name.in_(tags), model.Tag.vocabulary_id.is_(None))
    if new := tags and tags - set(model.Session.scalars(known)):
        _hold("tag", new)


def _hold(what: str, words: set[str]) -> None:
    """Waits until no other worker's transaction holds any of these words; the caller's holds them until it is over."""
    keys = [f"digitalcity:{what}:{word}" for word in sorted(words)]  # in one order, or two would wait for each other
    locks = sa.func.unnest(sa.cast(keys, ARRAY(sa.Text))).column_valued()
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(locks))))


def wanted_name(candidate: Candidate) -> str:
    """What a dataset would be called if there were no others."""
    name: str = munge_title_to_name(candidate.title or candidate.remote_id)
    return name[:80].strip("-_")


def package_dict(
    item: Item,
    recipe: Recipe,
    owner_org: str,
    candidate: Candidate,
    existing: Json | None,
    names: Names | None = None,
) -> Json:
    """The dataset without its files, as CKAN's actions take it. What isn't ours stays as ``existing`` has it.

    Args:
        names: gives a new dataset its name.
    """
    if existing is None:
        names = names or Names([wanted_name(candidate)])
        existing = {"id": item.dataset_id, "name": names.give(candidate, item.dataset_id)}
    facts = candidate.metadata
    stated, _ = stated_licence(facts, recipe)
    extras = {e["key"]: e["value"] for e in existing.get("extras", []) if e["key"] not in OWN_EXTRAS}
    extras |= {key: _text(facts[key]) for key in OWN_EXTRAS if facts.get(key)}
    if recipe.frequency and "accrualPeriodicity" not in extras:
        extras["accrualPeriodicity"] = recipe.frequency
    if stated:
        extras["license_stated"] = stated
    return {
        **existing,
        "title": candidate.title or item.remote_id,
        "notes": candidate.notes,
        "owner_org": owner_org,
        "private": False,
        "state": "active",
        "license_id": CKAN_IDS.get(recognise(stated), "notspecified"),
        "url": str(facts.get("landingPage") or ""),
        "maintainer": str(facts.get("contact_name") or recipe.contact.get("name", "")),
        "maintainer_email": str(facts.get("contact_email") or recipe.contact.get("email", "")),
        "tags": _tags(candidate),
        "extras": [{"key": key, "value": value} for key, value in sorted(extras.items())],
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _tags(candidate: Candidate) -> list[Json]:
    words = candidate.metadata.get("keyword") or []
    names = {munge_tag(str(word)) for word in words if str(word).strip()}
    return [{"name": name} for name in sorted(names) if len(name) >= 2]


def _kept(row: File, existing: Json | None) -> Json:
    """The resource as it is; or as we wrote it, if somebody removed it by hand."""
    found = (r for r in (existing or {}).get("resources", []) if r["id"] == row.resource_id)
    return next(found, dict(row.facts))


def _file(item: Item, row: File | None, check: Checked) -> File:
    """What is published of a file, in its row or a new one."""
    file, result, report = check
    id_ = resource_id(item.dataset_id, file.key)
    row = row or File(resource_id=id_, item_id=item.id, key=file.key)
    row.sha256, row.report_id = file.sha256, report
    row.facts = {
        "id": id_,
        "name": file.name,
        "description": file.description,
        "format": str(result.detected.get("format") or file.format).upper(),
        "url": file.filename,
        "url_type": "upload",
        "mimetype": mimetypes.guess_type(file.filename)[0] or "application/octet-stream",
        "size": file.size,
        "hash": f"sha256:{file.sha256}",
        "last_modified": now().replace(tzinfo=None).isoformat(),
    }
    return row
