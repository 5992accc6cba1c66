"""The search index compared with the database: what it was handed and does not show, it is handed again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from ckan import logic, model
from ckan.lib import search
from ckan.lib.search.common import make_connection

from ckanext.digitalcity.model import Item, Run, Task

AT_ONCE = 500  # datasets in one question


def changed(*which: sa.sql.elements.ColumnElement[bool]) -> list[str]:
    """The datasets that tasks have changed.

    Args:
        which: the tasks.
    """
    query = (
        sa.select(Item.dataset_id)
        .join(Run, Run.source_id == Item.source_id)
        .join(Task, sa.and_(Task.run_id == Run.id, Task.remote_id == Item.remote_id))
        .where(Task.change.in_(("published", "updated", "withdrawn")), *which)
        .distinct()
    )
    return list(model.Session.scalars(query))


def mend(ids: Sequence[str]) -> None:
    """Has the index show these datasets as the database has them. Commits nothing in the database.

    Raises:
        ckan.lib.search.SearchError, pysolr.SolrError: it does not answer.
    """
    index = make_connection(decode_dates=False)
    amiss = 0
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        query = sa.select(model.Package.id, model.Package.metadata_modified).where(
            model.Package.id.in_(some), model.Package.state == "active"
        )
        known = {id_: _milliseconds(modified) for id_, modified in model.Session.execute(query)}
        found = index.search("*:*", fq="{!terms f=id}" + ",".join(some), fl="id,metadata_modified", rows=len(some))
        shown = {
            document["id"]: _milliseconds(datetime.fromisoformat(document["metadata_modified"])) for document in found
        }
        for id_ in some:
            if id_ in known and shown.get(id_) != known[id_]:
                logic.index_update_package({"ignore_auth": True}, id_, defer_commit=True)
                amiss += 1
            elif id_ in shown and id_ not in known:
                search.clear(id_)
                amiss += 1
    if amiss:
        index.commit()


def _milliseconds(moment: datetime) -> datetime:
    """As the index has it."""
    return moment.replace(tzinfo=None, microsecond=moment.microsecond // 1000 * 1000)
