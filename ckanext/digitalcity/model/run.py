"""A run: one pass over one source. At most one is unfinished per source, by a partial unique index."""

from __future__ import annotations

from typing import Any, ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Document, Key, Moment, Text, now


class Run(tk.BaseModel):  # type: ignore[misc]
    """One run. Its lease and ``fence`` are those of the worker that gathers; each task has its own.

    ``state``: waiting, gathering, working, finished, failed, aborted. ``counts``: outcome -> number of records.
    """

    __tablename__: ClassVar[str] = "digitalcity_run"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        sa.Index(
            "digitalcity_run_one_per_source",
            "source_id",
            unique=True,
            postgresql_where=sa.text("finished IS NULL"),
        ),
        sa.Index("digitalcity_run_source", "source_id", "created"),
    )

    id: Mapped[Key]
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("digitalcity_source.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(sa.Text, default="waiting")
    started_by: Mapped[Text]
    allow_withdrawals: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Moment] = mapped_column(default=now)
    started: Mapped[Moment | None]
    finished: Mapped[Moment | None]
    lease_owner: Mapped[Text]
    lease_until: Mapped[Moment | None]
    fence: Mapped[int] = mapped_column(default=0)
    counts: Mapped[Document]
    message: Mapped[Text]
