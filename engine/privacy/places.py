"""Where something about a person can stand: every column of every table that can hold text is listed here, or in
NOTHING_PERSONAL with the reason why not. A test reads the tables and fails for a column that is in neither."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.types import LargeBinary, String

from engine.database.metadata import metadata

Columns = Mapping[str, Sequence[str]]

#: Columns that hold a person's id and stay: the pseudonym takes its place.
IDS: Columns = {
    "deployment": ("deployed_by",),
    "draft": ("updated_by",),
    "historic_process_instance": ("started_by", "subject_user"),
    "definition_party": ("user_id",),
    "historic_activity_instance": ("assignee", "completed_by", "completed_for"),
    "historic_variable_instance": ("updated_by",),
    "user_operation_log": ("user_id", "on_behalf_of", "entity_id"),
    "comment": ("user_id",),
    "absence": ("created_by",),
    "guest_invitation": ("created_by",),
}

#: Columns that hold a person's id and are emptied, or whose rows go: what they said holds no more.
EMPTIED: Columns = {
    "task": ("assignee", "claimed_for", "owner"),
    "identity_link": ("user_id",),
    "department": ("representative_id", "substitute_id"),
    "user_account": ("manager_id",),
    "notification": ("user_id",),
    "idempotency_key": ("user_id",),
}

#: Columns in which somebody may have written a name, an address or an id.
TEXTS: Columns = {
    "process_instance": ("business_key",),
    "task": ("name", "description"),
    "external_task": ("error_message", "error_details", "worker_id"),
    "job": ("payload", "exception_message", "exception_trace"),
    "incident": ("message",),
    "event_subscription": ("event_name",),
    "historic_process_instance": ("business_key", "subject", "delete_reason"),
    "historic_activity_instance": ("activity_name", "task_name", "returned_because"),
    "historic_variable_instance": ("value",),
    "user_operation_log": ("details", "old_value", "new_value"),
    "comment": ("message",),
    "notification": ("message",),
    "department": ("email",),
    "deployment": ("name",),
    "draft": ("name",),
    "pending_sign_in": ("next", "unsent"),
}

#: Tables whose rows are the person's own: they go with the account.
OWN: Columns = {
    "user_account": (
        "id", "user_name", "external_id", "first_name", "last_name", "email", "password_hash", "language",
    ),
    "membership": ("user_id",),
    "flow_owner": ("user_id",),
    "absence": ("user_id", "substitute_id"),
    "web_session": ("user_id", "client", "id_token", "address"),
    "external_identity": ("user_id", "issuer", "subject"),
    "known_device": ("user_id",),
    "pending_sign_in": ("user_id",),
    "api_token": ("user_id", "name", "shown", "digest", "scope"),
    "guest_invitation": ("user_id", "email"),
}  # fmt: skip

#: Columns of bytes in which a name may be; each is dealt with by hand in `engine.privacy.erasure`.
BYTES: Columns = {"process_instance": ("state",), "idempotency_key": ("body",)}

MODEL = "a model that people drew: it names roles, seldom persons; the preview lists those that do name the person"
KEY = "an id, a key or a word of the model or of ours"
DIGEST = "a digest or a random token"
NOTHING_PERSONAL: Mapping[str, str] = {
    "resource.content": MODEL,
    "draft.content": MODEL,
    "resource.digest": DIGEST,
    "web_session.id": DIGEST,
    "web_session.csrf_token": DIGEST,
    "pending_sign_in.state": DIGEST,
    "pending_sign_in.nonce": DIGEST,
    "pending_sign_in.verifier": DIGEST,
    "set_up_link.digest": DIGEST,
    "guest_link.digest": DIGEST,
    "guest_session.id": DIGEST,
    "guest_session.csrf_token": DIGEST,
    "idempotency_key.digest": DIGEST,
    "idempotency_key.key": DIGEST,
    "department.name": "of the house, not of a person",
    "department.name_sv": "of the house, not of a person",
    "department.calendar": "of the house, not of a person",
    "definition_party.part": KEY,
    "comment.departments": KEY,
    "process_definition.name": MODEL,
    "process_definition.description": MODEL,
    "process_definition.category": MODEL,
    "historic_process_instance.definition_name": MODEL,
    "historic_process_instance.anchor_date": "a date that measures are taken from",
    "historic_activity_instance.created_day": "a date",
    "historic_activity_instance.completed_day": "a date",
    "user_operation_log.address": "emptied with the lines of the person in `engine.privacy.erasure`",
    "absence.first_day": "a date, and its row goes with the person",
    "absence.last_day": "a date, and its row goes with the person",
}
#: Columns of these names hold a key wherever they stand.
KEYS = frozenset(
    (
        "id", "name", "key", "source", "version_tag", "resource_name", "executor", "deployment_id", "definition_id",
        "definition_key", "department", "activity_id", "activity_type", "process_instance_id", "super_instance_id",
        "root_instance_id", "called_instance_id", "task_id", "group_id", "type", "state", "topic", "form_key",
        "delegation_state", "handler", "cycle", "retry_cycle", "event_type", "incident_type", "configuration",
        "start_activity_id", "source_activity_id", "operation", "entity_type", "external_id", "content_type",
        "journey_id", "invitation_id", "property", "variable", "door", "operation_id", "token_id",
    )
)  # fmt: skip


def columns(places: Columns) -> Iterator[Column[Any]]:
    for table, names in places.items():
        yield from (metadata.tables[table].c[name] for name in names)


def by_table(places: Columns) -> Iterator[tuple[Table, list[Column[Any]]]]:
    for table, names in places.items():
        yield metadata.tables[table], [metadata.tables[table].c[name] for name in names]


def unlisted() -> list[str]:
    """Columns that can hold text or bytes, and of which nobody has said whether they tell of people."""
    listed = {
        f"{each.table.name}.{each.name}" for all_of in (IDS, EMPTIED, TEXTS, OWN, BYTES) for each in columns(all_of)
    }
    return sorted(
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, (String, LargeBinary))
        and f"{table.name}.{column.name}" not in listed | NOTHING_PERSONAL.keys()
        and column.name not in KEYS
    )
