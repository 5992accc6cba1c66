"""Work is taken per record: every task has a lease and a fencing number of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digitalcity_task", sa.Column("lease_owner", sa.Text(), nullable=False, server_default=""))
    op.add_column("digitalcity_task", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("digitalcity_task", sa.Column("fence", sa.Integer(), nullable=False, server_default="0"))
    for name in ("lease_owner", "fence"):
        op.alter_column("digitalcity_task", name, server_default=None)


def downgrade() -> None:
    for name in ("fence", "lease_until", "lease_owner"):
        op.drop_column("digitalcity_task", name)
