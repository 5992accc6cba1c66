"""A task: one remote record that a run must still look at, or what became of it. Identity lives in item."""

from __future__ import annotations

from typing import Any, ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Document, Key, Moment, Text


class Task(tk.BaseModel):  # type: ignore[misc]
    """One record within one run. Rows may be cleared at any time without losing identity.

    ``fence`` grows with every claim: a worker whose number is old may write nothing more. ``reached`` says how far it
    has come before its end: "", then "fetched", then "checked".
    """

    __tablename__: ClassVar[str] = "digitalcity_task"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        sa.UniqueConstraint("run_id", "remote_id"),
        sa.Index(
            "digitalcity_task_open",
            "run_id",
            "attempts",
            "position",
            postgresql_where=sa.text("finished IS NULL"),
        ),
    )

    id: Mapped[Key]
    run_id: Mapped[str] = mapped_column(sa.ForeignKey("digitalcity_run.id", ondelete="CASCADE"))
    remote_id: Mapped[Text]
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[Text]
    ref: Mapped[Document]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[Text]
    lease_until: Mapped[Moment | None]
    fence: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[Moment | None]
    reached: Mapped[Text]
    finished: Mapped[Moment | None]
    outcome: Mapped[Text]
    change: Mapped[Text]
    reason: Mapped[Text]
    message: Mapped[Text]
