"""Published files are found by their content: a record may come again under another id."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("digitalcity_file_sha256", "digitalcity_file", ["sha256"])


def downgrade() -> None:
    op.drop_index("digitalcity_file_sha256", "digitalcity_file")
