"""What one portal remembers between commands: ports, generated passwords, services that are not ours."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Collection
from dataclasses import asdict, dataclass, field

from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.users import write_private

SECRETS = ("postgres", "ckan", "valkey", "solr", "supervisor", "secret_key", "mark")
PREFERRED_PORT = 5000


@dataclass
class Settings:
    """The contents of ``settings.json``.

    Attributes:
        ports: TCP port on 127.0.0.1 of each service, by name.
        passwords: generated secrets, by name.
        external: address of each service that we use but do not run: ``postgres``, ``solr``, ``redis``.
        demo: whether the demo city belongs to this portal.
    """

    ports: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    external: dict[str, str] = field(default_factory=dict)
    demo: bool = True


def load(folders: Folders) -> Settings:
    """Read the settings, adding any secret that is still missing."""
    settings = Settings()
    if folders.settings.exists():
        try:
            settings = Settings(**json.loads(folders.settings.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise PortalError(
                f"The file {folders.settings} is damaged.",
                "Put back a copy of it, or give another folder with --data.",
            ) from error
    for name in SECRETS:
        settings.passwords.setdefault(name, secrets.token_urlsafe(24))
    return settings


def save(folders: Folders, settings: Settings) -> None:
    """Write the settings so that only the caller can read them, not even the services."""
    write_private(folders.settings, json.dumps(asdict(settings), indent=2) + "\n", for_services=False)


def port_is_free(port: int) -> bool:
    """Whether a service could listen on this port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: Collection[int] = ()) -> int:
    """A port of the loopback address that nobody uses at this moment and that is not promised already."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port


def inner_port(settings: Settings, name: str) -> int:
    """The remembered port of a service only we talk to, or another one if somebody else took it meanwhile."""
    port = settings.ports.get(name)
    if port is None or not port_is_free(port):
        port = settings.ports[name] = free_port(settings.ports.values())
    return port


def site_port(settings: Settings, wanted: int | None) -> int:
    """The portal's own port: people know it, so it never changes by itself.

    Raises:
        PortalError: the wanted or remembered port is in use.
    """
    port = wanted or settings.ports.get("site")
    if port is None:
        port = PREFERRED_PORT if port_is_free(PREFERRED_PORT) else free_port(settings.ports.values())
    elif not port_is_free(port):
        raise PortalError(
            f"Port {port} of this machine is already in use by another program.",
            "Stop that program, or choose another port: ./portal up --port 5001",
        )
    settings.ports["site"] = port
    return port
