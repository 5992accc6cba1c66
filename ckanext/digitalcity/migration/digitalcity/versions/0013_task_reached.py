"""How far a record has come before it is dealt with: fetched, then checked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digitalcity_task", sa.Column("reached", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("digitalcity_task", "reached")
