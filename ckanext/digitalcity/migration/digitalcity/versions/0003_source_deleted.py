"""Sources can be removed without what was published from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digitalcity_source", sa.Column("deleted", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("digitalcity_source", "deleted")
