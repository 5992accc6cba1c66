"""What a portal remembers: ports and passwords."""

from __future__ import annotations

import socket
import stat

import pytest

from ckanext.digitalcity.portal import settings
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.settings import Settings
from ckanext.digitalcity.portal.stack import choose_external


@pytest.fixture
def busy_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]  # type: ignore[misc]


def test_settings_survive_and_only_their_owner_can_read_them(folders: Folders) -> None:
    made = settings.load(folders)
    made.ports["site"] = 5000
    settings.save(folders, made)
    assert settings.load(folders) == made
    assert stat.S_IMODE(folders.settings.stat().st_mode) == 0o600


def test_every_password_is_different_and_long(folders: Folders) -> None:
    passwords = settings.load(folders).passwords.values()
    assert len(set(passwords)) == len(settings.SECRETS)
    assert min(map(len, passwords)) >= 32


def test_a_damaged_settings_file_is_said_to_be_damaged(folders: Folders) -> None:
    folders.settings.write_text('{"ports": ')
    with pytest.raises(PortalError, match="is damaged"):
        settings.load(folders)
    folders.settings.unlink()


def test_the_portals_own_port_never_moves_by_itself(busy_port: int) -> None:
    with pytest.raises(PortalError, match=f"Port {busy_port} .* already in use"):
        settings.site_port(Settings(ports={"site": busy_port}), None)


def test_a_wanted_port_that_is_busy_is_refused_and_not_remembered(busy_port: int) -> None:
    known = Settings()
    with pytest.raises(PortalError):
        settings.site_port(known, busy_port)
    assert known.ports == {}


def test_a_port_that_only_we_use_moves_when_somebody_took_it(busy_port: int) -> None:
    known = Settings(ports={"solr": busy_port})
    moved = settings.inner_port(known, "solr")
    assert moved != busy_port
    assert settings.inner_port(known, "solr") == moved == known.ports["solr"]


def test_no_two_services_are_promised_the_same_port() -> None:
    known = Settings()
    names = [f"service{number}" for number in range(50)]
    assert len({settings.inner_port(known, name) for name in names}) == len(names)


def test_a_new_portal_can_use_services_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CKAN_REDIS_URL", "redis://cache/1")
    monkeypatch.delenv("CKAN_SQLALCHEMY_URL", raising=False)
    monkeypatch.delenv("CKAN_SOLR_URL", raising=False)
    known = Settings()
    choose_external(known, {"postgres": "postgresql://db/ckan"})
    assert known.external == {"postgres": "postgresql://db/ckan", "redis": "redis://cache/1"}


def test_a_portal_with_data_of_its_own_does_not_silently_move_to_another_database() -> None:
    known = Settings(ports={"postgres": 5432})
    with pytest.raises(PortalError, match="runs its own postgres"):
        choose_external(known, {"postgres": "postgresql://db/ckan"})
