"""When and from where sessions were last used"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.database.moments import Moment

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("web_session", sa.Column("used_at", Moment(), nullable=True))
    op.add_column("web_session", sa.Column("address", sa.String(length=64), nullable=True))
