"""A decision: what a named person did about something that was held, and why. Never changed or removed."""

from __future__ import annotations

from typing import ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Document, Key, Moment, Text, now


class Decision(tk.BaseModel):  # type: ignore[misc]
    """One decision. ``action`` is ``release`` or ``reject``; ``content`` the hash of what it was about."""

    __tablename__: ClassVar[str] = "digitalcity_decision"

    id: Mapped[Key]
    item_id: Mapped[str] = mapped_column(sa.ForeignKey("digitalcity_item.id", ondelete="CASCADE"), index=True)
    action: Mapped[Text]
    reason: Mapped[Text]
    user_id: Mapped[Text]
    content: Mapped[Text]
    verdict: Mapped[Document]
    created: Mapped[Moment] = mapped_column(default=now)
