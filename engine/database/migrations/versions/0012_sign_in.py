"""Sign-in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.database.moments import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _person(table: str, *, nullable: bool = False) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_user_id")
    return (
        sa.Column("user_id", sa.String(length=64), nullable=nullable),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=name, ondelete="CASCADE"),
    )


def upgrade() -> None:
    op.add_column("web_session", sa.Column("client", sa.String(length=255), nullable=True))
    op.add_column("web_session", sa.Column("id_token", sa.Text(), nullable=True))
    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        *_person("external_identity"),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_external_identity")),
    )
    op.create_index(op.f("ix_external_identity_user_id"), "external_identity", ["user_id"])
    op.create_table(
        "pending_sign_in",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("unsent", sa.Text(), nullable=True),
        *_person("pending_sign_in", nullable=True),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_sign_in")),
    )
    op.create_index(op.f("ix_pending_sign_in_expires_at"), "pending_sign_in", ["expires_at"])
    op.create_table(
        "known_device",
        sa.Column("id", sa.String(length=64), nullable=False),
        *_person("known_device"),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
    )
    op.create_index(op.f("ix_known_device_user_id"), "known_device", ["user_id"])
    op.create_index(op.f("ix_known_device_expires_at"), "known_device", ["expires_at"])
    op.create_table(
        "set_up_link",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_up_link")),
    )
