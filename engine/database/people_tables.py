"""The tables of people: who they are, where they belong, when they are away."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, true

from engine.database.metadata import ID, KEY, metadata
from engine.database.moments import Moment

#: `user_name` is what a directory calls the person, where that is not the id; `manager_id` is another person's id.
#: Whoever is not `active` cannot sign in; what they did stays.
user_account = Table(
    "user_account",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_name", KEY),
    Column("external_id", KEY, index=True),
    Column("first_name", KEY),
    Column("last_name", KEY),
    Column("email", KEY),
    Column("password_hash", Text),
    Column("language", String(8)),
    Column("manager_id", ID, index=True),
    Column("active", Boolean, nullable=False, default=True, server_default=true()),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment),
    Index("uq_user_account_user_name", "user_name", unique=True),
)

#: Camunda's group: a department, or (type SYSTEM) a role such as camunda-admin or process-owner. `calendar` is JSON of
#: what differs from the site's.
department = Table(
    "department",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("external_id", KEY, index=True),
    Column("name", KEY, nullable=False),
    Column("name_sv", KEY),
    Column("type", String(16), nullable=False),
    Column("representative_id", ID),
    Column("substitute_id", ID),
    Column("email", KEY),
    Column("calendar", Text),
    Column("created_at", Moment),
    Column("updated_at", Moment),
)

membership = Table(
    "membership",
    metadata,
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ForeignKey("department.id", ondelete="CASCADE"), primary_key=True, index=True),
)

#: The flows that a person is the process owner of; the role process-owner is for all of them.
flow_owner = Table(
    "flow_owner",
    metadata,
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("definition_key", KEY, primary_key=True),
)

#: Days are dates in the site's zone, both included. A person is absent once at a time.
absence = Table(
    "absence",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("substitute_id", ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("created_by", ID),
    Column("announced_at", Moment),
)
