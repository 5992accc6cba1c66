"""Keeps the ledger of uploads in step with what CKAN's dataset says, without looking at any file again."""

from __future__ import annotations

from ckan import model

from ckanext.digitalcity import labels
from ckanext.digitalcity.gate import home
from ckanext.digitalcity.gate.settle import forget
from ckanext.digitalcity.harvest import evidence
from ckanext.digitalcity.harvest.facts import contact, licence
from ckanext.digitalcity.model import Source, now


def follow(dataset_id: str) -> None:
    """After a write to a dataset: removed files are forgotten, the rest belongs to the organization that owns it now.

    Licence and contact are what the dataset declares; the label follows them. In the caller's transaction.
    """
    items = home.of_dataset(dataset_id)
    if not items:
        return
    model.Session.flush()
    package = model.Session.get(model.Package, dataset_id)
    source = home.source_for(package.owner_org or "")
    for item in items:
        item.source_id = source.id
        resource = model.Session.get(model.Resource, item.remote_id)
        gone = resource is None or resource.state == "deleted" or resource.package_id != dataset_id
        if gone and item.outcome != "withdrawn":
            forget(item)
    if any(item.published for item in items):
        _declared(package, source)


def _declared(package: model.Package, source: Source) -> None:
    facts, recipe, moment = home.metadata_of(package), home.recipe_of(source), now()
    organization = model.Group.get(source.organization_id) if source.organization_id else None
    title = organization.display_name if organization else ""
    declared = [licence(facts, recipe, moment), contact(facts, recipe, title, moment)]
    if evidence.keep(package.id, declared):
        model.Session.flush()
        labels.remember(package.id)
