"""Guests: invitations, links, sessions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.database.moments import Moment

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guest_invitation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("journey_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=True),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("opened_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_guest_invitation_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_invitation")),
    )
    for name in ("journey_id", "user_id"):
        op.create_index(op.f(f"ix_guest_invitation_{name}"), "guest_invitation", [name])
    op.create_table(
        "guest_link",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("invitation_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        _of_an_invitation("guest_link"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_guest_link")),
    )
    op.create_index(op.f("ix_guest_link_invitation_id"), "guest_link", ["invitation_id"])
    op.create_table(
        "guest_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("invitation_id", sa.String(length=64), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        _of_an_invitation("guest_session"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_session")),
    )
    for name in ("invitation_id", "expires_at"):
        op.create_index(op.f(f"ix_guest_session_{name}"), "guest_session", [name])


def _of_an_invitation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["invitation_id"], ["guest_invitation.id"], name=op.f(f"fk_{table}_invitation_id"), ondelete="CASCADE"
    )
