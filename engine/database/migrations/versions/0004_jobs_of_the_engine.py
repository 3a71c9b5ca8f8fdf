"""jobs of the engine itself"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("job") as batch:
        batch.add_column(sa.Column("handler", sa.String(length=32), nullable=True))
        batch.alter_column("activity_id", existing_type=sa.String(length=255), nullable=True)
