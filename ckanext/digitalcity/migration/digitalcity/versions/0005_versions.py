"""Every recipe that was saved is kept. What each source has now becomes its first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digitalcity_version",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["digitalcity_source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "number"),
    )
    op.execute(
        "INSERT INTO digitalcity_version (id, source_id, number, recipe, reason, user_id, created, state, decided_by) "
        "SELECT gen_random_uuid()::text, id, 1, recipe, '', '', modified, 'used', '' "
        "FROM digitalcity_source WHERE kind <> 'upload'"
    )


def downgrade() -> None:
    op.drop_table("digitalcity_version")
