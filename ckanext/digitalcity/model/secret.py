"""A secret: what a server wants to be told before it lets an organization's sources in. Nobody can read it again."""

from __future__ import annotations

from typing import Any, ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Key, Moment, Text, now


class Secret(tk.BaseModel):  # type: ignore[misc]
    """One header for one server.

    Attributes:
        server: scheme, host and port; it is sent to no other.
        header: name of the HTTP header.
        value: encrypted (see ``harvest.secrets``).
        user_id: who entered it.
    """

    __tablename__: ClassVar[str] = "digitalcity_secret"
    __table_args__: ClassVar[tuple[Any, ...]] = (sa.UniqueConstraint("organization_id", "server", "header"),)

    id: Mapped[Key]
    organization_id: Mapped[Text]
    server: Mapped[Text]
    header: Mapped[Text]
    value: Mapped[Text]
    user_id: Mapped[Text]
    modified: Mapped[Moment] = mapped_column(default=now, onupdate=now)
