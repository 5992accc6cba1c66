"""A version: one recipe that somebody saved or proposed for a source, with who, when and why. Never changed again."""

from __future__ import annotations

from typing import Any, ClassVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Key, Moment, Text, now


class Version(tk.BaseModel):  # type: ignore[misc]
    """One version of a source's recipe.

    Attributes:
        number: counts from 1 within the source.
        state: ``used`` (it is or was in force), ``proposed`` (waits for a second person), ``refused`` or
            ``superseded`` (somebody proposed or saved another before it was decided).
        user_id: who wrote it; "" if that was before versions were kept.
        decided_by: who approved or refused a proposal.
    """

    __tablename__: ClassVar[str] = "digitalcity_version"
    __table_args__: ClassVar[tuple[Any, ...]] = (sa.UniqueConstraint("source_id", "number"),)

    id: Mapped[Key]
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("digitalcity_source.id", ondelete="CASCADE"))
    number: Mapped[int]
    recipe: Mapped[Text]
    reason: Mapped[Text]
    user_id: Mapped[Text]
    created: Mapped[Moment] = mapped_column(default=now)
    state: Mapped[Text]
    decided_by: Mapped[Text]
    decided: Mapped[Moment | None]
