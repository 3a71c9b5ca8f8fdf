"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.database.moments import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _part_of(table: str, column: str, whole: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [whole], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def upgrade() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("process_instance_id", sa.String(length=64), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=True),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    _index("comment", "process_instance_id")
    _index("comment", "task_id")
    op.create_table(
        "department",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_sv", sa.String(length=255), nullable=True),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("deployed_at", Moment(), nullable=False),
        sa.Column("deployed_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "draft",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_draft")),
    )
    op.create_table(
        "historic_activity_instance",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("process_instance_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.String(length=255), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("activity_id", sa.String(length=255), nullable=False),
        sa.Column("activity_name", sa.Text(), nullable=True),
        sa.Column("activity_type", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=255), nullable=True),
        sa.Column("iteration", sa.Integer(), nullable=True),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("canceled", sa.Boolean(), nullable=False),
        sa.Column("called_instance_id", sa.String(length=64), nullable=True),
        sa.Column("is_task", sa.Boolean(), nullable=False),
        sa.Column("task_name", sa.Text(), nullable=True),
        sa.Column("assignee", sa.String(length=64), nullable=True),
        sa.Column("completed_by", sa.String(length=64), nullable=True),
        sa.Column("completed_for", sa.String(length=64), nullable=True),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("claimed_at", Moment(), nullable=True),
        sa.Column("queue_s", sa.Float(), nullable=True),
        sa.Column("touch_s", sa.Float(), nullable=True),
        sa.Column("queue_biz_s", sa.Float(), nullable=True),
        sa.Column("touch_biz_s", sa.Float(), nullable=True),
        sa.Column("created_day", sa.String(length=10), nullable=True),
        sa.Column("completed_day", sa.String(length=10), nullable=True),
        sa.Column("returned_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_historic_activity_instance")),
    )
    _index("historic_activity_instance", "assignee")
    _index("historic_activity_instance", "definition_id")
    _index("historic_activity_instance", "department")
    _index("historic_activity_instance", "process_instance_id")
    op.create_table(
        "historic_process_instance",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("definition_id", sa.String(length=255), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("definition_name", sa.String(length=255), nullable=True),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("anchor_date", sa.String(length=10), nullable=True),
        sa.Column("super_instance_id", sa.String(length=64), nullable=True),
        sa.Column("root_instance_id", sa.String(length=64), nullable=False),
        sa.Column("start_activity_id", sa.String(length=255), nullable=True),
        sa.Column("started_by", sa.String(length=64), nullable=True),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("delete_reason", sa.Text(), nullable=True),
        sa.Column("lead_s", sa.Float(), nullable=True),
        sa.Column("lead_biz_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_historic_process_instance")),
    )
    _index("historic_process_instance", "anchor_date")
    _index("historic_process_instance", "business_key")
    _index("historic_process_instance", "definition_id")
    _index("historic_process_instance", "definition_key")
    _index("historic_process_instance", "ended_at")
    _index("historic_process_instance", "root_instance_id")
    _index("historic_process_instance", "started_at")
    _index("historic_process_instance", "started_by")
    _index("historic_process_instance", "state")
    _index("historic_process_instance", "super_instance_id")
    op.create_table(
        "historic_variable_instance",
        sa.Column("process_instance_id", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=True),
        sa.Column("source_activity_id", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("process_instance_id", "scope", "name", name=op.f("pk_historic_variable_instance")),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("group_id", sa.String(length=255), nullable=True),
        sa.Column("process_instance_id", sa.String(length=64), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    _index("notification", "group_id")
    _index("notification", "process_instance_id")
    _index("notification", "user_id")
    op.create_table(
        "user_account",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("first_name", sa.String(length=255), nullable=True),
        sa.Column("last_name", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
    )
    op.create_table(
        "user_operation_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurred_at", Moment(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("on_behalf_of", sa.String(length=64), nullable=True),
        sa.Column("operation", sa.String(length=64), nullable=False),
        sa.Column("entity_type", sa.String(length=32), nullable=False),
        sa.Column("process_instance_id", sa.String(length=64), nullable=True),
        sa.Column("task_id", sa.String(length=64), nullable=True),
        sa.Column("definition_key", sa.String(length=255), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_operation_log")),
    )
    _index("user_operation_log", "occurred_at")
    _index("user_operation_log", "process_instance_id")
    _index("user_operation_log", "task_id")
    _index("user_operation_log", "user_id")
    op.create_table(
        "membership",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.String(length=255), nullable=False),
        _part_of("membership", "group_id", "department.id"),
        _part_of("membership", "user_id", "user_account.id"),
        sa.PrimaryKeyConstraint("user_id", "group_id", name=op.f("pk_membership")),
    )
    _index("membership", "group_id")
    op.create_table(
        "process_definition",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("category", sa.String(length=255), nullable=True),
        sa.Column("deployment_id", sa.String(length=64), nullable=False),
        sa.Column("resource_name", sa.String(length=255), nullable=False),
        sa.Column("executor", sa.String(length=16), nullable=False),
        sa.Column("has_diagram", sa.Boolean(), nullable=False),
        sa.Column("history_time_to_live", sa.Integer(), nullable=True),
        sa.Column("startable_in_tasklist", sa.Boolean(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        _part_of("process_definition", "deployment_id", "deployment.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_process_definition_key_version")),
    )
    _index("process_definition", "deployment_id")
    op.create_table(
        "resource",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("deployment_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        _part_of("resource", "deployment_id", "deployment.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
    )
    _index("resource", "deployment_id")
    op.create_table(
        "web_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        _part_of("web_session", "user_id", "user_account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
    )
    _index("web_session", "expires_at")
    _index("web_session", "user_id")
    op.create_table(
        "process_instance",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("definition_id", sa.String(length=255), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=True),
        sa.Column("super_instance_id", sa.String(length=64), nullable=True),
        sa.Column("super_activity", sa.Integer(), nullable=True),
        sa.Column("root_instance_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_process_instance_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    _index("process_instance", "business_key")
    _index("process_instance", "definition_id")
    _index("process_instance", "definition_key")
    _index("process_instance", "root_instance_id")
    _index("process_instance", "super_instance_id")
    op.create_table(
        "event_subscription",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("process_instance_id", sa.String(length=64), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("activity_number", sa.Integer(), nullable=True),
        sa.Column("definition_id", sa.String(length=255), nullable=False),
        sa.Column("activity_id", sa.String(length=255), nullable=False),
        sa.Column("event_type", sa.String(length=16), nullable=False),
        sa.Column("event_name", sa.String(length=255), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        _part_of("event_subscription", "process_instance_id", "process_instance.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_subscription")),
    )
    _index("event_subscription", "definition_id")
    op.create_index("ix_event_subscription_name", "event_subscription", ["event_type", "event_name"])
    _index("event_subscription", "process_instance_id")
    op.create_table(
        "external_task",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("process_instance_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.String(length=255), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("activity_id", sa.String(length=255), nullable=False),
        sa.Column("topic", sa.String(length=255), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("worker_id", sa.String(length=255), nullable=True),
        sa.Column("lock_expires_at", Moment(), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_details", sa.Text(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        _part_of("external_task", "process_instance_id", "process_instance.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_task")),
    )
    _index("external_task", "process_instance_id")
    _index("external_task", "topic")
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("process_instance_id", sa.String(length=64), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("definition_id", sa.String(length=255), nullable=False),
        sa.Column("activity_id", sa.String(length=255), nullable=True),
        sa.Column("incident_type", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("configuration", sa.String(length=64), nullable=True),
        sa.Column("occurred_at", Moment(), nullable=False),
        _part_of("incident", "process_instance_id", "process_instance.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    _index("incident", "process_instance_id")
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("process_instance_id", sa.String(length=64), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("activity_number", sa.Integer(), nullable=True),
        sa.Column("definition_id", sa.String(length=255), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("activity_id", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=True),
        sa.Column("cycle", sa.String(length=255), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_cycle", sa.String(length=255), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("exception_message", sa.Text(), nullable=True),
        sa.Column("exception_trace", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        _part_of("job", "process_instance_id", "process_instance.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    _index("job", "due_at")
    _index("job", "process_instance_id")
    op.create_table(
        "task",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("process_instance_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.String(length=255), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("activity_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("department", sa.String(length=255), nullable=True),
        sa.Column("department_is_candidate", sa.Boolean(), nullable=False),
        sa.Column("assignee", sa.String(length=64), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("delegation_state", sa.String(length=16), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("claimed_at", Moment(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=True),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("follow_up_at", Moment(), nullable=True),
        sa.Column("form_key", sa.String(length=255), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        _part_of("task", "process_instance_id", "process_instance.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    _index("task", "assignee")
    _index("task", "department")
    _index("task", "due_at")
    _index("task", "process_instance_id")
    op.create_table(
        "identity_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("group_id", sa.String(length=255), nullable=True),
        _part_of("identity_link", "task_id", "task.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_link")),
    )
    _index("identity_link", "group_id")
    _index("identity_link", "task_id")
    _index("identity_link", "user_id")
