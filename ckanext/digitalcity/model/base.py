"""What every table of ours shares. PostgreSQL is the only truth (DESIGN.md, State)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

Key = Annotated[str, mapped_column(sa.Text, primary_key=True, default=lambda: str(uuid4()))]
Text = Annotated[str, mapped_column(sa.Text, default="")]
Moment = Annotated[datetime, mapped_column(sa.DateTime(timezone=True))]
Document = Annotated[dict[str, Any], mapped_column(JSONB, default=dict)]


def now() -> datetime:
    """The present moment, UTC and aware."""
    return datetime.now(UTC)
