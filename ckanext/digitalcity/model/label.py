"""A label: how a dataset's label stood from one moment on. Only changes are kept, and all of them."""

from __future__ import annotations

from typing import ClassVar

import ckan.plugins.toolkit as tk
from sqlalchemy.orm import Mapped, mapped_column

from .base import Document, Key, Moment, Text, now


class Label(tk.BaseModel):  # type: ignore[misc]
    """One state of a label in its history. ``due`` is when it will change by itself, if nothing else happens."""

    __tablename__: ClassVar[str] = "digitalcity_label"

    id: Mapped[Key]
    dataset_id: Mapped[Text] = mapped_column(index=True)
    created: Mapped[Moment] = mapped_column(default=now)
    due: Mapped[Moment | None] = mapped_column(index=True)
    trust: Mapped[Text]
    privacy: Mapped[Text]
    body: Mapped[Document]
