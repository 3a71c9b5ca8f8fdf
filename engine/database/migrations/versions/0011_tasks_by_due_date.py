"""Tasks in the order of their due dates"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_task_due_at"), "task")
    order = ("(due_at IS NULL)", "due_at", "priority DESC", "created_at", "process_instance_id", "number")
    op.create_index("ix_task_soonest", "task", [sa.text(each) for each in order])
