"""What each action accepts."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

Schema = dict[str, Any]


@tk.validator_args
def by_id(not_empty: Any, unicode_safe: Any) -> Schema:
    """Just an id (or a name, where the thing has one)."""
    return {"id": [not_empty, unicode_safe]}


@tk.validator_args
def page(ignore_empty: Any, default: Any, int_validator: Any, limit_to_configured_maximum: Any) -> Schema:
    """A part of a list: ``offset`` from 0, ``limit`` at most 100."""
    return {
        "offset": [default(0), int_validator],
        "limit": [default(20), int_validator, limit_to_configured_maximum("", 100)],
    }


def page_of(id_: bool = True) -> Schema:
    """A part of a list that belongs to something."""
    return {**(by_id() if id_ else {}), **page()}


@tk.validator_args
def source_list(default: Any, unicode_safe: Any, strip_value: Any) -> Schema:
    """Which sources, and which part of the list."""
    text = [default(""), unicode_safe, strip_value]
    return {**page(), "organization": text, "health": text, "q": text}


@tk.validator_args
def item_list(default: Any, unicode_safe: Any) -> Schema:
    """A source, which of its items by how they stand (all if empty), and which part of those."""
    return {**page_of(), "outcome": [default(""), unicode_safe]}


@tk.validator_args
def run_show(default: Any, unicode_safe: Any) -> Schema:
    """A run, which of its records by what became of them (all if empty), and which part of those."""
    return {**page_of(), "change": [default(""), unicode_safe]}


@tk.validator_args
def run_records(default: Any, unicode_safe: Any, int_validator: Any, limit_to_configured_maximum: Any) -> Schema:
    """A run, which of its records by what became of them, and after which position; at most 1,000."""
    limit = [default(1000), int_validator, limit_to_configured_maximum("", 1000)]
    return {**by_id(), "change": [default(""), unicode_safe], "after": [default(-1), int_validator], "limit": limit}


@tk.validator_args
def source_save(not_empty: Any, unicode_safe: Any, default: Any, strip_value: Any) -> Schema:
    """A recipe as YAML text, and why it was changed."""
    return {"recipe": [not_empty, unicode_safe], "reason": [default(""), unicode_safe, strip_value]}


@tk.validator_args
def version(not_empty: Any, unicode_safe: Any, int_validator: Any) -> Schema:
    """A source's id or name and the number of a version."""
    return {"id": [not_empty, unicode_safe], "number": [not_empty, int_validator]}


@tk.validator_args
def version_decide(not_missing: Any, boolean_validator: Any) -> Schema:
    """A version, and whether it shall take effect."""
    return {**version(), "approve": [not_missing, boolean_validator]}


@tk.validator_args
def preview_start(not_empty: Any, unicode_safe: Any, default: Any, one_of: Any) -> Schema:
    """A recipe as YAML text, and whether all that it would do is wanted or only what is found at its address."""
    return {"recipe": [not_empty, unicode_safe], "purpose": [default("preview"), one_of(["preview", "test"])]}


@tk.validator_args
def run_start(not_empty: Any, unicode_safe: Any, default: Any, boolean_validator: Any) -> Schema:
    """A source's id or name, and whether records that vanished may be withdrawn whatever their number."""
    return {"id": [not_empty, unicode_safe], "allow_withdrawals": [default(False), boolean_validator]}


@tk.validator_args
def decide(not_empty: Any, unicode_safe: Any, strip_value: Any) -> Schema:
    """An item's id and the reason of a decision about it; blanks are no reason."""
    return {"id": [not_empty, unicode_safe], "reason": [not_empty, unicode_safe, strip_value, not_empty]}


@tk.validator_args
def of_organization(not_empty: Any, unicode_safe: Any) -> Schema:
    """Just an organization's id or name."""
    return {"organization": [not_empty, unicode_safe]}


@tk.validator_args
def letter_save(default: Any, unicode_safe: Any) -> Schema:
    """A language, or "" for the portal's own."""
    return {"language": [default(""), unicode_safe]}


@tk.validator_args
def secret_save(not_empty: Any, unicode_safe: Any, strip_value: Any, default: Any) -> Schema:
    """A login for a server."""
    return {
        **of_organization(),
        "server": [not_empty, unicode_safe, strip_value],
        "value": [not_empty, unicode_safe, strip_value, not_empty],
        "user": [default(""), unicode_safe, strip_value],
        "header": [default("Authorization"), unicode_safe, strip_value],
    }
