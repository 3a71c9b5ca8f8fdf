"""people: directory names, managers, departments' keepers and calendars, owners of flows, absences"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.database.moments import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("claimed_for", sa.String(length=64), nullable=True))
    # Column by column: SQLite makes a table that is altered as a whole anew, and with the old one its memberships and
    # sessions would go.
    for column in (
        sa.Column("user_name", sa.String(length=255), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("manager_id", sa.String(length=64), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("updated_at", Moment(), nullable=True),
    ):
        op.add_column("user_account", column)
    op.create_index(op.f("ix_user_account_external_id"), "user_account", ["external_id"])
    op.create_index(op.f("ix_user_account_manager_id"), "user_account", ["manager_id"])
    op.create_index("uq_user_account_user_name", "user_account", ["user_name"], unique=True)
    for column in (
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("representative_id", sa.String(length=64), nullable=True),
        sa.Column("substitute_id", sa.String(length=64), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=True),
    ):
        op.add_column("department", column)
    op.create_index(op.f("ix_department_external_id"), "department", ["external_id"])
    op.create_table(
        "flow_owner",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        _of_a_person("flow_owner", "user_id"),
        sa.PrimaryKeyConstraint("user_id", "definition_key", name=op.f("pk_flow_owner")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("substitute_id", sa.String(length=64), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=True),
        sa.Column("announced_at", Moment(), nullable=True),
        _of_a_person("absence", "user_id"),
        _of_a_person("absence", "substitute_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    for name in ("user_id", "substitute_id", "last_day"):
        op.create_index(op.f(f"ix_absence_{name}"), "absence", [name])


def _of_a_person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["user_account.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")
