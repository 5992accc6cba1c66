"""A drop folder on a real SFTP server. It speaks no HTTP, so what the contract asks of HTTP cannot be asked."""

from __future__ import annotations

import base64
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import asyncssh
from pytest_httpserver import HTTPServer
from sftp_server import PASSWORD, Drop
from werkzeug import Request, Response
from world_folder import FOLDER
from worlds import World

from ckanext.digitalcity.core.model import Recipe

HTTP = "SFTP has no such answers: see test_sftp_door.py"
NAMES = "a folder is no text, and its list has no links"


class DropFolder(World):
    """Files that were put there an hour ago, each called as its record is."""

    kind = "sftp"
    path = "/"
    cannot: ClassVar = {
        **FOLDER,
        "test_a_list_on_a_server_in_trouble_is_incomplete": HTTP,
        "test_an_address_without_a_list_needs_a_person": HTTP,
        "test_a_web_page_instead_of_a_list_is_named_as_such": NAMES,
        "test_a_garbled_list_is_no_list": NAMES,
        "test_an_absurd_list_is_no_list": NAMES,
        "test_a_list_that_is_too_large_is_not_read": "the list comes name by name: see test_sftp.py",
        "test_a_list_that_goes_round_in_a_circle_ends_with_an_error": NAMES,
        "test_a_private_address_is_not_read_unless_it_is_allowed": "the server is another: see test_sftp_door.py",
        "test_an_answer_about_another_record_never_becomes_this_one": "a file is asked for by its own name",
        "test_a_file_on_a_server_in_trouble_is_worth_another_try": HTTP,
        "test_a_file_larger_than_is_read_is_named_as_such": "its size is known beforehand: see test_sftp.py",
    }

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self._folder = TemporaryDirectory()
        self.drop = Drop(Path(self._folder.name)).__enter__()
        carried = base64.b64encode(f"council:{PASSWORD}".encode()).decode()
        self.secrets = {f"sftp://127.0.0.1:{self.drop.port}": {"Authorization": f"Basic {carried}"}}
        self.again: list[str] = []
        self.breaks = False
        world = self

        class Handler(asyncssh.SFTPServer):
            async def scandir(self, path: bytes) -> Any:
                async for entry in super().scandir(path):
                    yield entry
                    if world.breaks:
                        raise asyncssh.SFTPConnectionLost("it hung up")
                    for _ in range(world.again.count(str(entry.filename, "utf-8"))):
                        yield entry

            async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
                if world.file_fault:
                    gone = world.file_fault.status_code in (404, 410)
                    raise asyncssh.SFTPNoSuchFile("gone") if gone else asyncssh.SFTPFailure("out of order")
                return super().open(path, pflags, attrs)

        self.drop.handler = Handler

    def close(self) -> None:
        self.drop.__exit__(None, None, None)
        self._folder.cleanup()

    def recipe(self, **changes: Any) -> Recipe:
        options = {"pattern": "*", "host_key": self.drop.fingerprint, **changes.get("options", {})}
        return super().recipe(**{"address": f"sftp://127.0.0.1:{self.drop.port}/", **changes, "options": options})

    def add(self, id_: str, **facts: Any) -> None:
        self.drop.put(id_, "a,b\r\n1,2\r\n")

    def change_file(self, id_: str) -> None:
        self.drop.put(id_, "a,b\r\n1,2\r\n3,4\r\n")

    def remove(self, id_: str) -> None:
        (self.drop.folder / id_).unlink()

    def repeat(self, id_: str) -> None:
        self.again.append(id_)

    def break_off(self) -> None:
        self.breaks = True

    def blank(self) -> None:
        for name in ("empty", " "):
            self.drop.put(name, "")

    def is_file(self, request: Request) -> bool:
        raise NotImplementedError

    def list(self, request: Request) -> Response:  # type: ignore[override]
        raise NotImplementedError

    def file(self, request: Request) -> Response:
        raise NotImplementedError

    def change(self, id_: str, **facts: Any) -> None:
        raise NotImplementedError

    def go_round(self) -> None:
        raise NotImplementedError

    def garble(self) -> Response:
        raise NotImplementedError
