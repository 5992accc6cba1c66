"""Sends what is in the outbox. What cannot be delivered now is tried again, ever more seldom."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import smtplib
from collections.abc import Callable
from datetime import timedelta

import requests
import sqlalchemy as sa
from ckan import model
from ckan.lib.mailer import MailerException, mail_recipient

from ckanext.digitalcity import config
from ckanext.digitalcity.harvest.letter import letter
from ckanext.digitalcity.harvest.tongue import language_of
from ckanext.digitalcity.model import Message, now

log = logging.getLogger(__name__)

AT_ONCE = 200  # messages of one tick
TRIES = 12
LONGEST = timedelta(days=1)  # between two tries
KEPT = timedelta(days=30)
PATIENCE = 10  # seconds that a webhook has for its answer


class Undelivered(Exception):
    """A message could not be delivered now."""


def deliver() -> int:
    """Sends what is due: how many messages. Commits after each, so that none is sent twice but by a crash."""
    model.Session.execute(sa.delete(Message).where(Message.due.is_(None), Message.created < now() - KEPT))
    model.Session.commit()
    sent = 0
    for _ in range(AT_ONCE):
        query = sa.select(Message).where(Message.due <= now()).order_by(Message.due).limit(1)
        message = model.Session.scalars(query.with_for_update(skip_locked=True)).first()
        if message is None:
            model.Session.rollback()
            break
        try:
            CHANNELS[message.channel](message)
        except Undelivered as problem:
            _later(message, str(problem))
        else:
            message.sent, message.due, message.error = now(), None, ""
            sent += 1
        model.Session.commit()
    return sent


def _later(message: Message, problem: str) -> None:
    message.tries += 1
    message.error = problem
    wait = min(timedelta(minutes=2**message.tries), LONGEST)
    message.due = now() + wait if message.tries < TRIES else None
    log.warning("message %s could not be delivered (try %s): %s", message.id, message.tries, problem)


def _email(message: Message) -> None:
    user = model.User.get(message.recipient)
    if user is None or user.state != "active" or not user.email:
        return  # who has gone need not be told
    subject, text = letter(message.body, language_of(user))
    headers = {"Message-ID": f"<{message.id}@digitalcity>", "Auto-Submitted": "auto-generated"}
    try:
        mail_recipient(user.display_name, user.email, subject, text, headers=headers)
    except (MailerException, smtplib.SMTPException, OSError) as problem:
        raise Undelivered(f"The mail server did not take it ({type(problem).__name__}).") from problem


def _webhook(message: Message) -> None:
    """Signed as Standard Webhooks 1.0.0 says, so that the other side can tell that it comes from here, once."""
    body = json.dumps({"type": "digitalcity.run", "data": message.body}, ensure_ascii=False).encode()
    stamp = str(int(now().timestamp()))
    signed = hmac.new(config.webhook_secret().encode(), f"{message.id}.{stamp}.".encode() + body, hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": config.user_agent(),
        "webhook-id": message.id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signed.digest()).decode()}",
    }
    try:
        answer = requests.post(
            config.webhook_address(), data=body, headers=headers, timeout=PATIENCE, allow_redirects=False
        )
    except requests.RequestException as problem:
        raise Undelivered(f"The webhook did not answer ({type(problem).__name__}).") from problem
    if not 200 <= answer.status_code < 300:
        raise Undelivered(f"The webhook answered with {answer.status_code}.")


CHANNELS: dict[str, Callable[[Message], None]] = {"email": _email, "webhook": _webhook}
