"""The schedule of a source can be paused, by somebody and for a reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digitalcity_source", sa.Column("paused", sa.DateTime(timezone=True), nullable=True))
    for name in ("paused_by", "paused_why"):
        op.add_column("digitalcity_source", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        op.alter_column("digitalcity_source", name, server_default=None)


def downgrade() -> None:
    for name in ("paused_why", "paused_by", "paused"):
        op.drop_column("digitalcity_source", name)
