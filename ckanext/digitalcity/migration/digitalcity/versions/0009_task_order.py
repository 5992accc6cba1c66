"""Open tasks are found in the order in which they are taken, however many there are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = sa.text("finished IS NULL")


def upgrade() -> None:
    op.drop_index("digitalcity_task_open", "digitalcity_task")
    op.create_index(
        "digitalcity_task_open", "digitalcity_task", ["run_id", "attempts", "position"], postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_index("digitalcity_task_open", "digitalcity_task")
    op.create_index("digitalcity_task_open", "digitalcity_task", ["run_id"], postgresql_where=OPEN)
