"""A message: something that people or another system must be told. Written with its cause, sent by the next tick."""

from __future__ import annotations

from typing import Any, ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Document, Key, Moment, Text, now


class Message(tk.BaseModel):  # type: ignore[misc]
    """One message to one recipient.

    Attributes:
        channel: ``email`` (``recipient`` is a user's id) or ``webhook``.
        body: what happened, see ``harvest.notify``.
        due: when it is tried next; None once it is sent or given up.
    """

    __tablename__: ClassVar[str] = "digitalcity_message"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        sa.Index("digitalcity_message_due", "due", postgresql_where=sa.text("due IS NOT NULL")),
    )

    id: Mapped[Key]
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("digitalcity_source.id", ondelete="CASCADE"))
    channel: Mapped[Text]
    recipient: Mapped[Text]
    body: Mapped[Document]
    created: Mapped[Moment] = mapped_column(default=now)
    due: Mapped[Moment | None] = mapped_column(default=now)
    tries: Mapped[int] = mapped_column(default=0)
    sent: Mapped[Moment | None]
    error: Mapped[Text]
