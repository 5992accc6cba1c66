"""Secrets for servers: locked with a key made from the portal's own, opened only for the request that carries them."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping

import ckan.plugins.toolkit as tk
from ckan import model
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ckanext.digitalcity.core.errors import Fatal
from ckanext.digitalcity.model import Secret


def lock(value: str) -> str:
    """Encrypts and signs a text; the same text looks different each time."""
    return _box().encrypt(value.encode()).decode()


def headers_for(organization_id: str) -> Mapping[str, Mapping[str, str]]:
    """The headers that an organization's sources send: server -> name -> value.

    Raises:
        Fatal: one of them was locked with another key.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in model.Session.query(Secret).filter_by(organization_id=organization_id):
        try:
            found[row.server][row.header] = _box().decrypt(row.value.encode()).decode()
        except InvalidToken:
            raise Fatal(
                f"The login for {row.server} can no longer be read: this portal's SECRET_KEY has changed since.",
                "Enter it again under “Logins for servers” of the organisation.",
            ) from None
    return found


def _box() -> Fernet:
    """A key of our own, so that it opens nothing else that SECRET_KEY locks (RFC 5869)."""
    own = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ckanext-digitalcity secrets")
    return Fernet(base64.urlsafe_b64encode(own.derive(str(tk.config["SECRET_KEY"]).encode())))
