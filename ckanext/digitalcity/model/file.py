"""A file: which checked bytes a published resource serves. The only thing downloads of ours look at."""

from __future__ import annotations

from typing import Any, ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Document, Text


class PublishedFile(tk.BaseModel):  # type: ignore[misc]
    """One published file; not called File, because CKAN 2.12 has a mapped class of that name on the same base.

    ``resource_id`` is stable for as long as the record keeps the file's key.
    """

    __tablename__: ClassVar[str] = "digitalcity_file"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        sa.UniqueConstraint("item_id", "key"),
        sa.Index("digitalcity_file_sha256", "sha256"),
    )

    resource_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    item_id: Mapped[str] = mapped_column(sa.ForeignKey("digitalcity_item.id", ondelete="CASCADE"))
    key: Mapped[Text]
    sha256: Mapped[Text]
    report_id: Mapped[Text]
    facts: Mapped[Document]
