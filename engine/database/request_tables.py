"""The tables of requests: the tokens that they carry, and the answers to those that may come again."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from engine.database.metadata import ID, KEY, metadata
from engine.database.moments import Moment

#: `digest` is the SHA-256 of the secret, `shown` how that begins.
api_token = Table(
    "api_token",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", KEY, nullable=False),
    Column("shown", String(32), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scope", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("last_used_at", Moment),
)

#: The answer to a request that may come again (`engine.idempotency`). `digest` is the SHA-256 of what was asked.
idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("key", KEY, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("status", Integer),
    Column("content_type", KEY),
    Column("body", LargeBinary),
    Column("expires_at", Moment, nullable=False, index=True),
)
