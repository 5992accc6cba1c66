"""Runs: start, abort, show, list."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.harvest import ledger, schedule
from ckanext.digitalcity.harvest.progress import progress
from ckanext.digitalcity.harvest.worker import enqueue
from ckanext.digitalcity.logic import schema, shapes
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import UPLOAD, Item, Run, Source, Task


def digitalcity_run_start(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Starts a run of a source in the background, or gives the one that is under way.

    Args:
        id: the source's id or name.
        allow_withdrawals: withdraw what the source no longer lists, however much it is.
    """
    tk.check_access("digitalcity_run_start", context, data_dict)
    data = validated(data_dict, schema.run_start())
    source = find(data["id"])
    refuse_unfit(source)
    run = ledger.open_run(source, context.get("user", ""), allow_withdrawals=data["allow_withdrawals"])
    enqueue(run.id)
    return shapes.run_(run)


def refuse_unfit(source: Source) -> None:
    """Some sources cannot be run.

    Raises:
        ckan.logic.ValidationError: says why.
    """
    if source.kind == UPLOAD:
        raise tk.ValidationError({"id": [tk._("Uploads are not fetched: each is checked when it is uploaded.")]})
    if source.deleted:
        raise tk.ValidationError({"id": [tk._("This source was removed. Save its recipe again to bring it back.")]})
    if not source.recipe:
        raise tk.ValidationError({"id": [tk._("The recipe of this source has not been approved yet.")]})


def digitalcity_run_abort(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Ends a run before its time. Records that it has finished stay as they are; nothing is withdrawn.

    Args:
        id: the run's id.
    """
    tk.check_access("digitalcity_run_abort", context, data_dict)
    run = _found(validated(data_dict, schema.by_id())["id"])
    id_, source_id, by = run.id, run.source_id, context.get("user", "")
    if not ledger.abort(id_, f"Stopped by {by or 'an administrator'}."):
        raise tk.ValidationError({"id": [tk._("This run has ended already.")]})
    schedule.plan(model.Session.get(Source, source_id))
    model.Session.commit()
    return shapes.run_(model.Session.get(Run, id_))


@tk.side_effect_free
def digitalcity_run_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A source's runs, newest first: ``count`` and ``results``."""
    tk.check_access("digitalcity_run_list", context, data_dict)
    data = validated(data_dict, schema.page_of())
    query = model.Session.query(Run).filter_by(source_id=find(data["id"]).id)
    rows = query.order_by(Run.created.desc()).offset(data["offset"]).limit(data["limit"])
    return {"count": query.count(), "results": [shapes.run_(row) for row in rows]}


@tk.side_effect_free
def digitalcity_run_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """One run with what became of each record that had to be looked at.

    Args:
        id: the run's id.
        change: only records of which this became (``held``, ``error``, …).
        offset, limit: which part of the list (limit at most 100).

    Returns:
        The run, its ``progress`` (harvest/progress.py), ``done`` records of it, and ``count`` and ``results``.
    """
    tk.check_access("digitalcity_run_list", context, data_dict)
    data = validated(data_dict, schema.run_show())
    run = _found(data["id"])
    query = _records(run, data["change"])
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))
    rows = model.Session.execute(query.order_by(Task.position).offset(data["offset"]).limit(data["limit"]))
    standing = asdict(progress(run))
    return {
        **shapes.run_(run),
        "progress": standing,
        "count": count,
        "done": standing["done"],
        "results": [shapes.task(task, item) for task, item in rows],
    }


@tk.side_effect_free
def digitalcity_run_records(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """The records of a run in their order, for reading all of them: each part begins where the one before it ended.

    Args:
        id: the run's id.
        change: only records of which this became.
        after: the ``position`` of the last record that is known already.
        limit: at most 1,000.

    Returns:
        ``results``; none if there are no more.
    """
    tk.check_access("digitalcity_run_list", context, data_dict)
    data = validated(data_dict, schema.run_records())
    query = _records(_found(data["id"]), data["change"]).where(Task.position > data["after"])
    rows = model.Session.execute(query.order_by(Task.position).limit(data["limit"]))
    return {"results": [{**shapes.task(task, item), "position": task.position} for task, item in rows]}


def _found(id_: str) -> Run:
    run: Run | None = model.Session.get(Run, id_)
    if run is None:
        raise tk.ObjectNotFound(tk._("There is no such run."))
    return run


def _records(run: Run, change: str) -> sa.Select[tuple[Task, Item]]:
    """The run's records with what is known of each; those with one ending only, if it is named."""
    same = sa.and_(Item.source_id == run.source_id, Item.remote_id == Task.remote_id)
    query = sa.select(Task, Item).outerjoin(Item, same).where(Task.run_id == run.id)
    return query.where(Task.change == change) if change else query
