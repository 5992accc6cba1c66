"""Logins for servers: entered, replaced and removed by editors, and never shown again to anybody."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.harvest.secrets import lock
from ckanext.digitalcity.harvesters.sftp_door import private_key
from ckanext.digitalcity.harvesters.urls import PORTS, server_of
from ckanext.digitalcity.logic import schema
from ckanext.digitalcity.logic.validate import validated
from ckanext.digitalcity.model import Secret, now

NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110, section 5.1
OURS = {"accept", "accept-encoding", "connection", "content-length", "host", "te", "transfer-encoding", "user-agent"}


@tk.side_effect_free
def digitalcity_secret_list(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """For which servers an organization has logins; never what they are.

    Args:
        organization: its id or name.

    Returns:
        ``id``, ``server``, ``header``, ``modified`` and ``by`` of each.
    """
    organization = _organization(data_dict)
    tk.check_access("digitalcity_secret_list", context, {"organization_id": organization.id})
    query = model.Session.query(Secret).filter_by(organization_id=organization.id)
    return [_shape(row) for row in query.order_by(Secret.server, Secret.header)]


def digitalcity_secret_save(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Keeps what a server wants to be told, in place of what was kept for the same server and header.

    Args:
        organization: id or name of the organization whose sources send it.
        server: an address of the server; only its scheme, host and port count.
        value: a password, token or key; for SFTP also a private key, with or without its line breaks.
        user: a name, if the server asks for name and password (HTTP Basic, SFTP; the access key ID of a bucket).
        header: the header that carries it; ``Authorization`` if left out, in which a lone token is a bearer token.
    """
    organization = _organization(data_dict)
    tk.check_access("digitalcity_secret_save", context, {"organization_id": organization.id})
    data = validated(data_dict, schema.secret_save())
    if "PRIVATE KEY" in data["value"]:
        data["value"] = " ".join(data["value"].split())  # a key's line breaks mean nothing
    if data["header"].lower() == "authorization":
        data["header"] = "Authorization"
    if errors := _faults(data):
        raise tk.ValidationError(errors)
    facts = {"organization_id": organization.id, "server": server_of(data["server"]), "header": data["header"]}
    row = model.Session.query(Secret).filter_by(**facts).first() or Secret(**facts)
    row.value, row.modified, row.user_id = lock(_carried(data)), now(), _user(context)
    model.Session.add(row)
    model.Session.commit()
    return _shape(row)


def digitalcity_secret_delete(context: Any, data_dict: dict[str, Any]) -> None:
    """Forgets a login.

    Args:
        id: as listed.
    """
    row = model.Session.get(Secret, validated(data_dict, schema.by_id())["id"])
    tk.check_access("digitalcity_secret_save", context, {"organization_id": row.organization_id if row else ""})
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such login."))
    model.Session.delete(row)
    model.Session.commit()


def _organization(data_dict: dict[str, Any]) -> Any:
    name = validated(data_dict, schema.of_organization())["organization"]
    found = model.Group.get(name)
    if found is None or not found.is_organization:
        raise tk.ObjectNotFound(tk._("There is no such organisation."))
    return found


def _faults(data: dict[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    parts = urlsplit(data["server"])
    if parts.scheme not in PORTS or not parts.hostname:
        errors["server"] = [tk._("Write the server's address, such as https://files.example.org.")]
    elif parts.scheme == "http" and parts.hostname not in config.allowed_hosts():
        errors["server"] = [
            tk._("A login is only sent over a secure connection. Use an address that begins with https://.")
        ]
    if not NAME.fullmatch(data["header"]) or data["header"].lower() in OURS:
        errors["header"] = [tk._("This is not the name of a header that can carry a login.")]
    said = data["user"] + data["value"]
    if len(said) > 4000 or not said.isprintable():
        errors["value"] = [tk._("It may hold no line breaks, and at most 4,000 characters.")]
    elif not data["user"] and not said.isascii():
        errors["value"] = [tk._("A token or key may hold only plain letters, digits and signs.")]
    elif ":" in data["user"]:
        errors["user"] = [tk._("A user name may hold no colon.")]
    return errors | (_sftp_faults(data) if parts.scheme == "sftp" else {})


def _sftp_faults(data: dict[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not data["user"]:
        errors["user"] = [tk._("SFTP needs a user name, too.")]
    if "PRIVATE KEY" in data["value"] and not private_key(data["value"]):
        errors["value"] = [tk._("This private key cannot be read. Use one without a passphrase.")]
    if data["header"] != "Authorization":
        errors["header"] = [tk._("SFTP knows no headers. Leave it as it was.")]
    return errors


def _carried(data: dict[str, Any]) -> str:
    """What the header says (RFC 7617 for name and password, RFC 6750 for a bearer token)."""
    if data["user"]:
        return "Basic " + base64.b64encode(f"{data['user']}:{data['value']}".encode()).decode()
    lone = data["header"].lower() == "authorization" and " " not in data["value"]
    return f"Bearer {data['value']}" if lone else str(data["value"])


def _shape(row: Secret) -> dict[str, Any]:
    user = model.User.get(row.user_id) if row.user_id else None
    return {
        "id": row.id,
        "server": row.server,
        "header": row.header,
        "modified": row.modified.isoformat(),
        "by": user.display_name if user else "",
    }


def _user(context: Any) -> str:
    user = context.get("auth_user_obj") or model.User.get(context.get("user", ""))
    return str(user.id) if user and not getattr(user, "is_anonymous", False) else ""
