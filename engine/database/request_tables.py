"""The table of requests that may come again."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from engine.database.metadata import ID, KEY, metadata
from engine.database.moments import Moment

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
