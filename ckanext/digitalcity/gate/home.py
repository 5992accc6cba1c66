"""Where uploaded files belong in the ledger: one source of kind ``upload`` an organization, one item a resource."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert

from ckanext.digitalcity.core.model import Json, Recipe
from ckanext.digitalcity.model import UPLOAD, Item, Source


def source_for(organization_id: str) -> Source:
    """The organization's source of uploads, made with its first upload in the caller's transaction."""
    id_ = str(uuid5(NAMESPACE_URL, f"digitalcity:uploads:{organization_id}"))
    organization = model.Group.get(organization_id) if organization_id else None
    title = organization.display_name if organization else "no organisation"
    # no recipe's name has an underscore, so that none can take this one
    row = Source(id=id_, name=f"uploads_{organization_id}", title=f"Uploads: {title}", kind=UPLOAD, recipe="")
    values = {key: getattr(row, key) for key in ("id", "name", "title", "kind", "recipe")}
    model.Session.execute(
        insert(Source)
        .values(**values, organization_id=organization_id, last_message="")
        .on_conflict_do_nothing(index_elements=["id"])
    )
    found: Source = model.Session.get(Source, id_)
    return found


def recipe_of(source: Source) -> Recipe:
    """The terms of uploads: whatever does not pass is held."""
    return Recipe(name=source.name, title=source.title, kind=UPLOAD, address="", organisation=source.organization_id)


def find(resource_id: str) -> Item | None:
    """The item of an uploaded file, if this resource ever had one."""
    query = sa.select(Item).join(Source, Source.id == Item.source_id)
    item: Item | None = model.Session.scalars(query.where(Item.remote_id == resource_id, Source.kind == UPLOAD)).first()
    return item


def of_dataset(dataset_id: str) -> list[Item]:
    """The items of all files that were uploaded to a dataset."""
    query = sa.select(Item).join(Source, Source.id == Item.source_id)
    return list(model.Session.scalars(query.where(Item.dataset_id == dataset_id, Source.kind == UPLOAD)))


def item_for(resource_id: str, package: Any, title: str) -> Item:
    """The item of a resource, new or known, under the source of the organization that owns its dataset now."""
    source = source_for(package.owner_org or "")
    item = find(resource_id) or Item(remote_id=resource_id, outcome="")
    item.source_id, item.dataset_id, item.title = source.id, package.id, title
    model.Session.add(item)
    model.Session.flush()
    return item


def metadata_of(package: Any) -> Json:
    """What the dataset itself states, by the names that harvested metadata has (core.model.Record)."""
    return {
        "license": "" if package.license_id in (None, "notspecified") else package.license_id,
        "contact_name": package.maintainer or package.author or "",
        "contact_email": package.maintainer_email or package.author_email or "",
        "accrualPeriodicity": package.extras.get("accrualPeriodicity", ""),
        "modified": package.extras.get("modified", ""),
    }
