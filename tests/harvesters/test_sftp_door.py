"""Who an SFTP server is, who it lets in, and what becomes of its troubles."""

from __future__ import annotations

import socket
from collections.abc import Callable
from threading import Thread
from typing import Any

import asyncssh
import pytest
from sftp_server import Drop

from ckanext.digitalcity.core.errors import Fatal, IncompleteGather
from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.harvesters.manners import Manners
from ckanext.digitalcity.harvesters.sftp import Sftp
from ckanext.digitalcity.harvesters.sftp_door import private_key


def test_a_private_key_opens_too_also_without_its_line_breaks(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    drop.put("a.csv", "a\n")
    key = drop.user_key.export_private_key("openssh").decode()
    for text in (key, key.replace("\n", ""), key.replace("\n", " ")):
        assert [ref.remote_id for ref in drop_folder(secret=text).gather()] == ["a.csv"]


@pytest.mark.parametrize("format_", ["openssh", "pkcs8-pem", "pkcs1-pem"])
@pytest.mark.parametrize("algorithm", ["ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521", "ssh-ed25519"])
def test_the_usual_kinds_of_private_keys_are_read(algorithm: str, format_: str) -> None:
    if (algorithm, format_) == ("ssh-ed25519", "pkcs1-pem"):
        return  # there is no such thing
    for _ in range(20):  # some keys of a curve are written otherwise than most
        key = asyncssh.generate_private_key(algorithm, **({"key_size": 1024} if algorithm == "ssh-rsa" else {}))
        found = private_key(key.export_private_key(format_).decode())
        assert found is not None
        assert found.asbytes() == key.public_data


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN OPENSSH PRIVATE KEY-----AAAA-----END OPENSSH PRIVATE KEY-----"])
def test_what_is_no_private_key_is_none(text: str) -> None:
    assert private_key(text) is None


def test_a_private_key_with_a_passphrase_is_not_read() -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh", "secret").decode()
    assert private_key(key) is None


def test_a_wrong_password_needs_a_person(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    with pytest.raises(Fatal, match="does not let us in") as caught:
        list(drop_folder(secret="guess").gather())
    assert "guess" not in str(caught.value)


def test_without_a_login_nobody_is_asked(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    with pytest.raises(Fatal, match="No login is kept"):
        list(drop_folder(secret="").gather())
    assert drop.connections == 0


@pytest.mark.parametrize("said", ["", "SHA256:uNiVztksCsDhcc0u9e8BrM3uZk1nEaQaK9EwVhR0pVY"])
def test_a_server_with_another_key_gets_no_password(drop: Drop, drop_folder: Callable[..., Sftp], said: str) -> None:
    with pytest.raises(Fatal) as caught:
        list(drop_folder(host_key=said).gather())
    assert drop.fingerprint in str(caught.value)
    assert drop.logins == []


def test_a_private_address_is_not_read_unless_it_is_allowed(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    with pytest.raises(Fatal, match="private network"):
        list(drop_folder(allowed=()).gather())
    assert drop.connections == 0


def test_nothing_goes_past_the_operator_s_proxy(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    one = drop_folder()
    one.http.proxy = "http://proxy.example.org:3128"
    with pytest.raises(Fatal, match="proxy"):
        list(one.gather())
    assert drop.connections == 0


def test_a_folder_that_may_not_be_read_needs_a_person(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    class Closed(asyncssh.SFTPServer):
        async def scandir(self, path: bytes) -> Any:
            raise asyncssh.SFTPPermissionDenied("no")
            yield

    drop.handler = Closed
    with pytest.raises(Fatal, match="does not let us read"):
        list(drop_folder().gather())


def test_a_folder_that_is_not_there_needs_a_person(drop_folder: Callable[..., Sftp]) -> None:
    with pytest.raises(Fatal, match="not on sftp://127"):
        list(drop_folder(path="/nosuch/").gather())


# -- trouble


def test_a_server_that_is_away_may_come_back(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    one = drop_folder()
    drop.close()
    with pytest.raises(IncompleteGather, match="failed or broke off"):
        list(one.gather())


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n" + b"\xff" * 5000, b"\0" * 99]
)
def test_what_speaks_no_sftp_is_an_error_soon(drop_folder: Callable[..., Sftp], said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(said)

        Thread(target=answer, daemon=True).start()
        one = drop_folder()
        port = server.getsockname()[1]
        one.http._secrets = {f"sftp://127.0.0.1:{port}": {"Authorization": "Basic Yzp4"}}
        one = Sftp(Recipe("drop", "Drop", "sftp", f"sftp://127.0.0.1:{port}/", "aberfal"), one.http)
        with pytest.raises(IncompleteGather):
            list(one.gather())


def test_a_server_in_trouble_is_left_alone_after_a_while(drop: Drop, drop_folder: Callable[..., Sftp]) -> None:
    one = drop_folder()
    one.http.manners = Manners(failures=2)

    class Broken(asyncssh.SFTPServer):
        async def scandir(self, path: bytes) -> Any:
            raise asyncssh.SFTPFailure("out of order")
            yield

    drop.handler = Broken
    for _ in range(4):
        with pytest.raises(IncompleteGather):
            list(one.gather())
    assert drop.connections == 2
