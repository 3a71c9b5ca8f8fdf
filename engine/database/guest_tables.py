"""The tables of guests: who was invited to which journey, by which links they come in, and their sessions."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

from engine.database.metadata import ID, KEY, metadata
from engine.database.moments import Moment

#: One person's way into one journey. `journey_id` is a root instance's, which may have ended.
guest_invitation = Table(
    "guest_invitation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("journey_id", ID, nullable=False, index=True),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("email", KEY),
    Column("created_at", Moment, nullable=False),
    Column("created_by", ID),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("opened_at", Moment),
)

#: `digest` is the SHA-256 of the link's secret: who reads the table cannot come in. Every mail carries a link of its
#: own, made when it leaves.
guest_link = Table(
    "guest_link",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("invitation_id", ForeignKey("guest_invitation.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
)

guest_session = Table(
    "guest_session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("invitation_id", ForeignKey("guest_invitation.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)
