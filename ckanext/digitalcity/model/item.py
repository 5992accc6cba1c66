"""An item: the lasting identity of one remote record, its dataset, and what is public or waiting."""

from __future__ import annotations

from typing import Any, ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .base import Key, Moment, Text, now

PENDING = "pending"  # outcome of an upload that a worker must still check


class Item(tk.BaseModel):  # type: ignore[misc]
    """One remote record of one source, and the dataset that is its own; or one uploaded file and its dataset.

    Attributes:
        remote_id: id at the source; of an upload the id of its resource.
        version: what gather last said of the record once it was dealt with; equal means nothing to do.
        content: SHA-256 over metadata and files of what is public; "" before the first publication.
        candidate: what waits for a person: record, files, verdict and report ids; None if nothing waits.
        rejected: content hash that a person rejected, so that it isn't asked about again.
        cursor: position handed back to the source at the next fetch.
    """

    __tablename__: ClassVar[str] = "digitalcity_item"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        sa.UniqueConstraint("source_id", "remote_id"),
        sa.Index("digitalcity_item_waiting", "held_since", postgresql_where=sa.text("held_since IS NOT NULL")),
    )

    id: Mapped[Key]
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("digitalcity_source.id", ondelete="CASCADE"))
    remote_id: Mapped[Text]
    dataset_id: Mapped[str] = mapped_column(sa.Text, index=True)
    title: Mapped[Text]
    outcome: Mapped[Text]
    reason: Mapped[Text]
    message: Mapped[Text]
    version: Mapped[str | None] = mapped_column(sa.Text)
    content: Mapped[Text]
    cursor: Mapped[str | None] = mapped_column(sa.Text)
    candidate: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    held_since: Mapped[Moment | None]
    rejected: Mapped[Text]
    missing_since: Mapped[Moment | None]
    published: Mapped[Moment | None]
    modified: Mapped[Moment] = mapped_column(default=now)
