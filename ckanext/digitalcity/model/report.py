"""A report: everything the gate found out about one file. Public, and free of any value from the file."""

from __future__ import annotations

from typing import ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Document, Key, Moment, Text, now


class Report(tk.BaseModel):  # type: ignore[misc]
    """One check of one file. ``result`` is ``core.model.CheckResult`` as JSON."""

    __tablename__: ClassVar[str] = "digitalcity_report"

    id: Mapped[Key]
    item_id: Mapped[str] = mapped_column(sa.ForeignKey("digitalcity_item.id", ondelete="CASCADE"), index=True)
    key: Mapped[Text]
    name: Mapped[Text]
    sha256: Mapped[Text]
    outcome: Mapped[Text]
    reason: Mapped[Text]
    created: Mapped[Moment] = mapped_column(default=now)
    result: Mapped[Document]
