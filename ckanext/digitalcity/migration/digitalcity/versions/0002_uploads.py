"""Several items may belong to one dataset: each uploaded file is one."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("digitalcity_item_dataset_id_key", "digitalcity_item", type_="unique")
    op.create_index("ix_digitalcity_item_dataset_id", "digitalcity_item", ["dataset_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_digitalcity_item_dataset_id", table_name="digitalcity_item")
    op.create_unique_constraint("digitalcity_item_dataset_id_key", "digitalcity_item", ["dataset_id"])
