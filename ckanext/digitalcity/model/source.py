"""A source: one recipe that a data officer wrote, and how far reading it has come."""

from __future__ import annotations

from typing import ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Key, Moment, Text, now

UPLOAD = "upload"  # kind of the source that stands for what people of an organization upload


class Source(tk.BaseModel):  # type: ignore[misc]
    """One source of datasets. ``recipe`` is YAML, the only place where its settings live.

    A ``deleted`` one stays in the ledger, for its datasets stay public and keep their evidence; saving a recipe of
    its name brings it back with all its identities. A ``paused`` one runs only when somebody starts it.
    """

    __tablename__: ClassVar[str] = "digitalcity_source"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(sa.Text, unique=True)
    title: Mapped[Text]
    kind: Mapped[Text]
    recipe: Mapped[Text]
    organization_id: Mapped[Text]
    created: Mapped[Moment] = mapped_column(default=now)
    modified: Mapped[Moment] = mapped_column(default=now)
    next_run: Mapped[Moment | None]
    last_good: Mapped[Moment | None]
    failing_since: Mapped[Moment | None]
    last_message: Mapped[Text]
    deleted: Mapped[Moment | None]
    paused: Mapped[Moment | None]
    paused_by: Mapped[Text]
    paused_why: Mapped[Text]
