"""The tables of signing in. Secrets are kept as their SHA-256: who reads a table cannot sign in by it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text

from engine.database.metadata import KEY, metadata
from engine.database.moments import Moment

#: `id` is the digest of the cookie's secret. `client` is what the browser calls itself; `address` and `used_at` are
#: where and when, to a few minutes, it was last used: None for sessions of before this was kept. `id_token` is what
#: the identity provider wants to see again when the person signs out there too.
web_session = Table(
    "web_session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("client", KEY),
    Column("id_token", Text),
    Column("used_at", Moment),
    Column("address", String(64)),
)

#: Who somebody is at an identity provider: its issuer and the subject there, which never changes.
external_identity = Table(
    "external_identity",
    metadata,
    Column("issuer", KEY, primary_key=True),
    Column("subject", KEY, primary_key=True),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
)

#: A browser that is on its way to the identity provider. `id` is the digest of its cookie; `user_id`: who is signed in
#: already and wants to be known there by this account; `next` and `unsent`: where to go on, and with what.
pending_sign_in = Table(
    "pending_sign_in",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("state", String(64), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(128), nullable=False),
    Column("next", Text, nullable=False),
    Column("unsent", Text),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE")),
    Column("expires_at", Moment, nullable=False, index=True),
)

#: A browser in which the person has signed in before; `id` is the digest of its cookie.
known_device = Table(
    "known_device",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", Moment, nullable=False, index=True),
)

#: The link by which the first administrator is made; one row at most, and its `id` is always the same.
set_up_link = Table(
    "set_up_link",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("expires_at", Moment, nullable=False),
)
