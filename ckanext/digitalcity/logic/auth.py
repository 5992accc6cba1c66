"""Who may do what. Reports, evidence and labels are public; sources and what is held belong to an organization."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.digitalcity.model import UPLOAD, Item, Preview, Report, Run, Source, Version

__all__ = [
    "digitalcity_evidence_show",
    "digitalcity_health_show",
    "digitalcity_inbox_list",
    "digitalcity_item_decide",
    "digitalcity_item_list",
    "digitalcity_item_show",
    "digitalcity_label_show",
    "digitalcity_letter_save",
    "digitalcity_letter_show",
    "digitalcity_portal_show",
    "digitalcity_preview_show",
    "digitalcity_preview_start",
    "digitalcity_report_file",
    "digitalcity_report_show",
    "digitalcity_run_abort",
    "digitalcity_run_list",
    "digitalcity_run_start",
    "digitalcity_secret_list",
    "digitalcity_secret_save",
    "digitalcity_source_delete",
    "digitalcity_source_list",
    "digitalcity_source_pause",
    "digitalcity_source_recipe",
    "digitalcity_source_save",
    "digitalcity_source_show",
    "digitalcity_version_decide",
]


def _everyone(context: Any, data_dict: Any) -> dict[str, Any]:
    return {"success": True}


digitalcity_source_list = tk.auth_allow_anonymous_access(_everyone)
digitalcity_source_show = tk.auth_allow_anonymous_access(_everyone)
digitalcity_run_list = tk.auth_allow_anonymous_access(_everyone)
digitalcity_health_show = tk.auth_allow_anonymous_access(_everyone)
digitalcity_portal_show = tk.auth_allow_anonymous_access(_everyone)
digitalcity_item_list = tk.auth_allow_anonymous_access(_everyone)


@tk.auth_allow_anonymous_access
def digitalcity_item_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Everyone; of an uploaded file whoever may see its dataset, which may be a draft or private."""
    return _of_item(context, model.Session.get(Item, str(data_dict.get("id", ""))))


@tk.auth_allow_anonymous_access
def digitalcity_report_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever may see the item that it is about."""
    report = model.Session.get(Report, str(data_dict.get("id", "")))
    return _of_item(context, model.Session.get(Item, report.item_id) if report else None)


@tk.auth_allow_anonymous_access
def digitalcity_label_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever may see the dataset."""
    return _may("package_show", context, data_dict)


@tk.auth_allow_anonymous_access
def digitalcity_evidence_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever may see the dataset it is about."""
    return _may("package_show", context, {"id": data_dict["dataset_id"]})


def digitalcity_inbox_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Anybody who is logged in; they see only what their organizations hold."""
    return {"success": isinstance(context.get("auth_user_obj"), model.User)}  # a stranger is an object, too


def digitalcity_letter_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Anybody who is logged in, about themselves."""
    return {"success": isinstance(context.get("auth_user_obj"), model.User)}


digitalcity_letter_save = digitalcity_letter_show


def digitalcity_source_save(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the organization that will own the datasets."""
    return _works_for(context, data_dict.get("organization_id", ""))


def digitalcity_source_recipe(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the source's organization: a recipe may hold addresses that aren't public."""
    return _works_for(context, _source_org(data_dict))


def digitalcity_source_delete(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the source's organization."""
    return _works_for(context, _source_org(data_dict))


def digitalcity_secret_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the organization: even which servers want a login is theirs alone."""
    return _works_for(context, data_dict.get("organization_id", ""))


def digitalcity_secret_save(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the organization, for entering, replacing and removing."""
    return _works_for(context, data_dict.get("organization_id", ""))


@tk.auth_sysadmins_check  # a sysadmin's own proposal waits for somebody else, too
def digitalcity_version_decide(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the source's organization who did not write the proposal; sysadmins are no exception."""
    source = _source(data_dict)
    row = source and model.Session.query(Version).filter_by(source_id=source.id, number=data_dict["number"]).first()
    user = context.get("auth_user_obj")
    if row and user and not user.is_anonymous and row.user_id == user.id:
        message = tk._("Another editor of the organisation must approve it; you wrote it yourself.")
        return {"success": False, "msg": message}
    return _works_for(context, source.organization_id if source else "")


def digitalcity_preview_start(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the organization; where that is not known yet, whoever edits for any."""
    organization_id = data_dict.get("organization_id", "")
    if organization_id:
        return _works_for(context, organization_id)
    user = context.get("user", "")
    if user and authz.has_user_permission_for_some_org(user, "update_dataset"):
        return {"success": True}
    return {"success": False, "msg": tk._("Only editors of an organization may add a source.")}


def digitalcity_preview_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever asked for it, and editors of its organization."""
    row = model.Session.get(Preview, str(data_dict.get("id", "")))
    user = context.get("auth_user_obj")
    if row and user and not user.is_anonymous and row.asked_by == user.id:
        return {"success": True}
    return _works_for(context, row.organization_id if row else "")


def digitalcity_run_start(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the source's organization."""
    return _works_for(context, _source_org(data_dict))


def digitalcity_run_abort(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the organization of the run's source."""
    run = model.Session.get(Run, str(data_dict.get("id", "")))
    return digitalcity_run_start(context, {"id": run.source_id if run else ""})


def digitalcity_source_pause(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the source's organization, for pausing and for taking it up again."""
    return _works_for(context, _source_org(data_dict))


def digitalcity_report_file(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the organization whose source the file came from: rows that failed are not public."""
    report = model.Session.get(Report, str(data_dict.get("id", "")))
    return digitalcity_item_decide(context, {"id": report.item_id if report else ""})


def digitalcity_item_decide(context: Any, data_dict: Any) -> dict[str, Any]:
    """Editors of the organization whose source the item came from."""
    item = model.Session.get(Item, str(data_dict.get("id", "")))
    source = model.Session.get(Source, item.source_id) if item else None
    return _works_for(context, source.organization_id if source else "")


def _of_item(context: Any, item: Item | None) -> dict[str, Any]:
    source = model.Session.get(Source, item.source_id) if item else None
    if item is None or source is None or source.kind != UPLOAD:
        return {"success": True}
    return _may("package_show", context, {"id": item.dataset_id})


def _source(data_dict: Any) -> Source | None:
    id_ = str(data_dict.get("id", ""))
    found: Source | None = model.Session.get(Source, id_) or model.Session.query(Source).filter_by(name=id_).first()
    return found


def _source_org(data_dict: Any) -> str:
    source = _source(data_dict)
    return source.organization_id if source else ""


def _works_for(context: Any, organization_id: str) -> dict[str, Any]:
    user = context.get("user", "")
    if organization_id and authz.has_user_permission_for_group_or_org(organization_id, user, "update_dataset"):
        return {"success": True}
    return {"success": False, "msg": tk._("Only editors of the organization that owns this may do that.")}


def _may(action: str, context: Any, data_dict: Any) -> dict[str, Any]:
    try:
        tk.check_access(action, context, data_dict)
    except tk.NotAuthorized:
        return {"success": False, "msg": tk._("You may not see this dataset.")}
    return {"success": True}
