"""The extension's settings, typed. Their defaults and descriptions are in config_declaration.yaml."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import ckan.plugins.toolkit as tk

from ckanext.digitalcity.core.check import Limits
from ckanext.digitalcity.harvesters.address import AddressPolicy


def stage_storage() -> str:
    """Name of the CKAN file storage that keeps staged bytes."""
    return str(tk.config["ckanext.digitalcity.stage.storage"])


def file_limit() -> int:
    """Most bytes one harvested file may have, unpacked."""
    return int(tk.config["ckanext.digitalcity.file.megabytes"]) * 1_000_000


def check_limits() -> Limits:
    """What one check of one file may use."""
    return Limits(
        seconds=float(tk.config["ckanext.digitalcity.check.seconds"]),
        memory=int(tk.config["ckanext.digitalcity.check.megabytes"]) * 1_000_000,
    )


def at_once() -> int:
    """Most bytes of an upload that is checked within the web request; a larger one waits for a worker."""
    return int(tk.config["ckanext.digitalcity.gate.at_once"])


def at_once_limits() -> Limits:
    """What a check within a web request may use: few seconds, then it is a worker's."""
    limits = check_limits()
    return replace(limits, seconds=min(limits.seconds, float(tk.config["ckanext.digitalcity.gate.seconds"])))


def allowed_addresses() -> tuple[str, ...]:
    """Addresses in private networks that sources may be read from nevertheless, as ``host:port`` or CIDR."""
    return tuple(tk.config["ckanext.digitalcity.http.allowed"])


def allowed_hosts() -> frozenset[str]:
    """Hosts among them that are named one by one, with their port."""
    return frozenset(host for host, _ in AddressPolicy.parse(allowed_addresses()).places)


def user_agent() -> str:
    """Who asks, and how to reach them."""
    return (
        str(tk.config["ckanext.digitalcity.http.user_agent"]) or f"ckanext-digitalcity (+{tk.config['ckan.site_url']})"
    )


def http_proxy() -> str:
    """The proxy through which every source is read; "" is none."""
    return str(tk.config["ckanext.digitalcity.http.proxy"])


def http_rate() -> int:
    """Most requests a second to one server, by all workers together; 0 is no limit."""
    return int(tk.config["ckanext.digitalcity.http.rate"])


def time_zone() -> ZoneInfo:
    """The council's own time zone, in which schedules are meant."""
    return ZoneInfo(str(tk.config["ckanext.digitalcity.time_zone"]))


def withdrawal_share() -> float:
    """Largest share of a source's datasets, in percent, that a run may find missing without asking a person."""
    return float(tk.config["ckanext.digitalcity.withdrawal.percent"])


def withdrawal_grace() -> int:
    """Days that a dataset missing from its source stays public."""
    return int(tk.config["ckanext.digitalcity.withdrawal.days"])


def keep_run_days() -> int:
    """Days for which ended runs are kept; 0 keeps them for good."""
    return int(tk.config["ckanext.digitalcity.keep.run_days"])


def approval_organizations() -> frozenset[str]:
    """Names of the organizations whose recipes a second person must approve; ``*`` is every one."""
    return frozenset(tk.config["ckanext.digitalcity.approval_organizations"])


def notify_when() -> str:
    """After which runs people are written to: ``changes``, ``always`` or ``never``."""
    return str(tk.config["ckanext.digitalcity.notify.when"])


def mail_is_set_up() -> bool:
    """Whether somebody told CKAN how to send mail: who it comes from has no default."""
    return bool(tk.config.get("smtp.server") and tk.config.get("smtp.mail_from"))


def webhook_address() -> str:
    """What is told of the same runs; "" if nothing is, or if there is no secret to sign with."""
    return str(tk.config["ckanext.digitalcity.webhook.url"]) if webhook_secret() else ""


def webhook_secret() -> str:
    """With what those messages are signed."""
    return str(tk.config["ckanext.digitalcity.webhook.secret"])


def preview_records() -> int:
    """Most records that a preview fetches and checks."""
    return int(tk.config["ckanext.digitalcity.preview.records"])


def preview_minutes() -> int:
    """Longest time that a preview may take."""
    return int(tk.config["ckanext.digitalcity.preview.minutes"])


def rows_shown() -> int:
    """Most faults that a report page shows; all of them can be downloaded."""
    return int(tk.config["ckanext.digitalcity.report.rows"])
