"""Evidence: one fact that a step left behind about a dataset. Labels are computed from nothing else."""

from __future__ import annotations

from typing import Any, ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Document, Key, Moment, Text, now


class Evidence(tk.BaseModel):  # type: ignore[misc]
    """One fact. ``replaced`` is set when a newer one of the same kind and subject took its place."""

    __tablename__: ClassVar[str] = "digitalcity_evidence"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        sa.Index(
            "digitalcity_evidence_current",
            "dataset_id",
            "kind",
            "subject",
            unique=True,
            postgresql_where=sa.text("replaced IS NULL"),
        ),
    )

    id: Mapped[Key]
    dataset_id: Mapped[Text] = mapped_column(index=True)
    kind: Mapped[Text]
    subject: Mapped[Text]
    body: Mapped[Document]
    checker: Mapped[Text]
    assurance: Mapped[Text]
    created: Mapped[Moment] = mapped_column(default=now)
    expires: Mapped[Moment | None]
    replaced: Mapped[Moment | None]
