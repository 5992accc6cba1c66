"""A real SFTP server on loopback, made of asyncssh: another program than the client that is tried against it."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any

import asyncssh

PASSWORD = "opens-s3same"


class Drop:
    """One user, ``council``, with a password and a key, who sees one folder as the root of everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")
        self.logins: list[str] = []
        self.connections = 0
        self.handler: type[asyncssh.SFTPServer] = asyncssh.SFTPServer
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)

    @property
    def fingerprint(self) -> str:
        return str(self.host_key.get_fingerprint("sha256"))

    def __enter__(self) -> Drop:
        self._thread.start()
        self._server = self._wait(self._listen())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def close(self) -> None:
        """Listens no longer."""
        self._wait(self._close())

    def put(self, path: str, text: str, age: float = 3600.0) -> Path:
        """Puts a file there that was last changed ``age`` seconds ago."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        when = place.stat().st_mtime - age
        os.utime(place, (when, when))
        return place

    def _wait(self, work: Any) -> Any:
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(20)

    async def _listen(self) -> Any:
        drop = self

        class Server(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                drop.connections += 1

            def begin_auth(self, username: str) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                drop.logins.append(f"{username}:{password}")
                return (username, password) == ("council", PASSWORD)

            def public_key_auth_supported(self) -> bool:
                return True

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                return username == "council" and key == drop.user_key.convert_to_public()

        return await asyncssh.create_server(
            Server, "127.0.0.1", 0, server_host_keys=[self.host_key],
            sftp_factory=lambda chan: drop.handler(chan, chroot=os.fsencode(drop.folder)),
        )  # fmt: skip

    async def _close(self) -> None:
        self._server.close()
        await self._server.wait_closed()
