"""A mail server on loopback that takes what it is given (RFC 5321, as far as smtplib needs it)."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any, cast

import pytest


class PostOffice(socketserver.ThreadingTCPServer):
    """``letters`` are what was delivered; while it is ``closed`` it takes none."""

    daemon_threads = True
    letters: list[EmailMessage]
    closed = False


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        office = cast(PostOffice, self.server)
        self.say("220 here")
        for line in self.rfile:
            word = line.split(maxsplit=1)[0].upper() if line.strip() else b""
            if word == b"DATA":
                self.say("354 go on")
                lines = []
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(part.removeprefix(b".") if part.startswith(b"..") else part)
                letter = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                office.letters.append(cast(EmailMessage, letter))
                self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("451 closed" if office.closed and word == b"MAIL" else "250 fine")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def post_office(portal: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """A mail server that the portal knows."""
    with PostOffice(("127.0.0.1", 0), _Handler) as office:
        office.letters = []
        threading.Thread(target=office.serve_forever, daemon=True).start()
        monkeypatch.setitem(portal, "smtp.server", f"127.0.0.1:{office.server_address[1]}")
        monkeypatch.setitem(portal, "smtp.mail_from", "portal@aberfal.example")
        yield office
        office.shutdown()
