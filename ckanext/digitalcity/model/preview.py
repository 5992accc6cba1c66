"""A preview: what a recipe would do, worked out by a worker and kept for the person who asked. Changes nothing."""

from __future__ import annotations

from typing import Any, ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Document, Key, Moment, Text, now


class Preview(tk.BaseModel):  # type: ignore[misc]
    """One preview of a recipe.

    Attributes:
        purpose: ``preview`` (all that a run would do) or ``test`` (what is found at the address, the first few).
        source_id: the source that the recipe changes; None for one that is not there yet.
        organization_id: whose people may see it, besides who asked; "" if the organization is not there yet.
        state: waiting, working, finished or failed.
        tries: how often a worker began; what an earlier one still writes does not count.
        counts: change -> number of records.
        total: records that the source lists, as far as they were counted.
    """

    __tablename__: ClassVar[str] = "digitalcity_preview"

    id: Mapped[Key]
    purpose: Mapped[Text]
    source_id: Mapped[str | None] = mapped_column(sa.ForeignKey("digitalcity_source.id", ondelete="CASCADE"))
    organization_id: Mapped[Text]
    recipe: Mapped[Text]
    asked_by: Mapped[Text]
    created: Mapped[Moment] = mapped_column(default=now, index=True)
    finished: Mapped[Moment | None]
    state: Mapped[str] = mapped_column(sa.Text, default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    busy_until: Mapped[Moment | None]
    counts: Mapped[Document]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    message: Mapped[Text]


class PreviewRecord(tk.BaseModel):  # type: ignore[misc]
    """What would become of one record. ``body``: ``fields`` and ``files``, see ``harvest.preview``."""

    __tablename__: ClassVar[str] = "digitalcity_preview_record"
    __table_args__: ClassVar[tuple[Any, ...]] = (sa.PrimaryKeyConstraint("preview_id", "position"),)

    preview_id: Mapped[str] = mapped_column(sa.ForeignKey("digitalcity_preview.id", ondelete="CASCADE"))
    position: Mapped[int]
    remote_id: Mapped[Text]
    title: Mapped[Text]
    change: Mapped[Text]
    reason: Mapped[Text]
    message: Mapped[Text]
    body: Mapped[Document]
