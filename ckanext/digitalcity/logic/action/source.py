"""Sources: list, show, their recipe, save."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.harvest import ledger, schedule, standing, versions
from ckanext.digitalcity.harvest.preview import readable
from ckanext.digitalcity.logic import schema, shapes
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import UPLOAD, Item, Run, Source, now


def find(id_: str) -> Source:
    """A source by id or name.

    Raises:
        ckan.logic.NotFound: there is none.
    """
    source: Source | None = model.Session.get(Source, id_) or model.Session.query(Source).filter_by(name=id_).first()
    if source is None:
        raise tk.ObjectNotFound(tk._("There is no such source."))
    return source


def _shape(source: Source) -> dict[str, Any]:
    newest = model.Session.scalars(
        sa.select(Run).where(Run.source_id == source.id).order_by(Run.created.desc()).limit(1)
    ).first()
    counts = model.Session.execute(
        sa.select(Item.outcome, sa.func.count()).where(Item.source_id == source.id).group_by(Item.outcome)
    )
    return shapes.source(source, newest, dict(counts.tuples().all()))


@tk.side_effect_free
def digitalcity_source_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Sources: those that fail first, then those with something held, then by title.

    Args:
        organization: only those of the organization of this name or id.
        health: only those that stand so: failing, paused, good or new.
        q: only those with this in their title or name.
        offset, limit: which part of the list (limit at most 100).

    Returns:
        ``count`` and ``results``, and ``numbers``: how many there are of each health, whichever was asked for.
        Besides what ``digitalcity_source_show`` gives, each has ``waiting``, ``oldest`` and ``next_step`` (see
        harvest/standing.py) and ``trend``: its last runs.
    """
    tk.check_access("digitalcity_source_list", context, data_dict)
    data = validated(data_dict, schema.source_list())
    organizations = None
    if data["organization"]:
        organization = model.Group.get(data["organization"])
        organizations = [organization.id] if organization else []
    query = standing.listed(organizations, data["health"], data["q"])
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery()))
    rows = model.Session.scalars(query.offset(data["offset"]).limit(data["limit"]))
    return {
        "count": count,
        "numbers": standing.numbers(standing.listed(organizations, "", data["q"])),
        "results": [_listed(row) for row in rows],
    }


def _listed(source: Source) -> dict[str, Any]:
    facts = standing.facts(source)
    runs = [shapes.run_(run) for run in standing.trend(source.id)]
    return {**_shape(source), **facts, "oldest": shapes.iso(facts["oldest"]), "trend": runs}


@tk.side_effect_free
def digitalcity_source_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """One source, by id or name, with its ``schedule`` and the ``next_runs`` that are planned, at most three."""
    tk.check_access("digitalcity_source_show", context, data_dict)
    source = find(validated(data_dict, schema.by_id())["id"])
    text, times = schedule.planned(source)
    return {**_shape(source), "schedule": text, "next_runs": [shapes.iso(time) for time in times]}


@tk.side_effect_free
def digitalcity_source_recipe(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A source's recipe, as YAML text under ``recipe``."""
    tk.check_access("digitalcity_source_recipe", context, data_dict)
    return {"recipe": find(validated(data_dict, schema.by_id())["id"]).recipe}


def digitalcity_source_save(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Makes a source from a recipe, or changes the source of the same name.

    The recipe's organisation is made if it isn't there and the user may make organizations.

    Where the organization wants a second person to approve, the change is only proposed (``proposed`` is its number).

    Args:
        recipe: YAML text, see docs/guide/recipes.md.
        reason: why it is changed; kept with the version.
    """
    data = validated(data_dict, schema.source_save())
    text = data["recipe"]
    recipe = read_recipe(text)
    organization = _organization(context, recipe.organisation, recipe.organisation_title)
    tk.check_access("digitalcity_source_save", context, {"organization_id": organization.id})
    source = model.Session.query(Source).filter_by(name=recipe.name).with_for_update().first()
    if source is None:
        source = Source(name=recipe.name, title=recipe.title, kind=recipe.kind, organization_id=organization.id)
        source.recipe = ""  # nothing is in force yet
        model.Session.add(source)
    else:
        tk.check_access("digitalcity_source_recipe", context, {"id": source.id})
        _refuse_uploads(source)
    proposal = None
    if source.recipe != text or source.deleted:
        wait = versions.needs_approval(source.organization_id, organization.id)
        author = context.get("auth_user_obj") or model.User.get(context.get("user", ""))
        user_id = author.id if author else ""
        if wait:
            proposal = versions.propose(source, text, user_id, data["reason"]).number
        else:
            versions.add(source, text, user_id, data["reason"], state="used")
            use(source, recipe, text, organization.id)
    model.Session.commit()
    return {**_shape(source), "proposed": proposal}


def use(source: Source, recipe: Recipe, text: str, organization_id: str) -> None:
    """Makes a recipe the one that is in force. The caller commits.

    What the source lists as unchanged is looked at again in the next run: it may have to be read or checked otherwise.
    """
    model.Session.execute(sa.update(Item).where(Item.source_id == source.id).values(version=None))
    source.title, source.kind, source.recipe, source.deleted = recipe.title, recipe.kind, text, None
    source.organization_id, source.modified = organization_id, now()
    schedule.plan(source)


def digitalcity_source_delete(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Removes a source: it is never read again. Its datasets stay as they are, with their labels and reports.

    Saving a recipe of the same name brings it back.

    Args:
        id: the source's id or name.
    """
    tk.check_access("digitalcity_source_delete", context, data_dict)
    source = find(validated(data_dict, schema.by_id())["id"])
    _refuse_uploads(source)
    if ledger.unfinished(source.id):
        raise tk.ValidationError(
            {"id": [tk._("A run of this source is under way. Wait for its end or stop it, then remove it.")]}
        )
    source.deleted, source.next_run = now(), None
    model.Session.commit()
    return _shape(source)


def changeable(id_: str) -> Source:
    """A source that has settings and a schedule.

    Raises:
        ckan.logic.NotFound, ckan.logic.ValidationError: there is none, it stands for uploads, or it was removed.
    """
    source = find(id_)
    _refuse_uploads(source)
    if source.deleted:
        raise tk.ValidationError({"id": [tk._("This source was removed. Save its recipe again to bring it back.")]})
    return source


def _refuse_uploads(source: Source) -> None:
    if source.kind == UPLOAD:
        raise tk.ValidationError({"id": [tk._("The files that people upload are no source that can be changed.")]})


def read_recipe(text: str) -> Recipe:
    """A recipe that can be used.

    Raises:
        ckan.logic.ValidationError: says what is wrong with it.
    """
    try:
        return readable(text)
    except RecipeError as wrong:
        raise tk.ValidationError({"recipe": [str(wrong)]}) from wrong


def _organization(context: Any, name: str, title: str) -> Any:
    organization = model.Group.get(name)
    if organization is not None and organization.is_organization and organization.state == "active":
        return organization
    if organization is not None:
        raise tk.ValidationError({"recipe": [tk._("“{name}” is not an organization.").format(name=name)]})
    try:
        made = tk.get_action("organization_create")(tk.fresh_context(context), {"name": name, "title": title or name})
    except tk.NotAuthorized as refused:
        message = tk._("There is no organization “{name}”. Ask an administrator to make it.").format(name=name)
        raise tk.ValidationError({"recipe": [message]}) from refused
    return model.Group.get(made["id"])
