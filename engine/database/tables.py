"""Every table, in one place; those of people, guests, requests and the log stand in `people_tables`, `guest_tables`,
`request_tables` and `log_tables` beside it.

Times are UTC (`Moment`); ids are UUID text; JSON columns are text that msgspec wrote.

`process_instance.state` is the executor's document and the truth about tokens and variables. The rows of `task`, `job`,
`external_task`, `event_subscription`, `incident` are written in the same transaction from what the executor said
happened; who holds a task, when a job is due and how often it was tried stand only in their rows. `historic_*` rows are
written from the first moment on. `number` is that of `engine.execution.protocol`; an id made of it is
`engine.ids.public_id`.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from engine.database.guest_tables import guest_invitation as guest_invitation
from engine.database.guest_tables import guest_link as guest_link
from engine.database.guest_tables import guest_session as guest_session
from engine.database.log_tables import log_erasure as log_erasure
from engine.database.log_tables import user_operation_log as user_operation_log
from engine.database.metadata import ID, KEY
from engine.database.metadata import metadata as metadata
from engine.database.moments import Moment
from engine.database.people_tables import absence as absence
from engine.database.people_tables import department as department
from engine.database.people_tables import flow_owner as flow_owner
from engine.database.people_tables import membership as membership
from engine.database.people_tables import user_account as user_account
from engine.database.request_tables import api_token as api_token
from engine.database.request_tables import idempotency_key as idempotency_key
from engine.database.sign_in_tables import external_identity as external_identity
from engine.database.sign_in_tables import known_device as known_device
from engine.database.sign_in_tables import pending_sign_in as pending_sign_in
from engine.database.sign_in_tables import set_up_link as set_up_link
from engine.database.sign_in_tables import web_session as web_session

# ---------------------------------------------------------------- repository

deployment = Table(
    "deployment",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", KEY),
    Column("source", KEY),
    Column("deployed_at", Moment, nullable=False),
    Column("deployed_by", ID),
)

resource = Table(
    "resource",
    metadata,
    Column("id", ID, primary_key=True),
    Column("deployment_id", ForeignKey("deployment.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", KEY, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
)

process_definition = Table(
    "process_definition",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("key", KEY, nullable=False),
    Column("version", Integer, nullable=False),
    Column("version_tag", KEY),
    Column("name", KEY),
    Column("description", Text),
    Column("category", KEY),
    Column("deployment_id", ForeignKey("deployment.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("resource_name", KEY, nullable=False),
    Column("executor", String(16), nullable=False),
    Column("has_diagram", Boolean, nullable=False),
    Column("history_time_to_live", Integer),
    Column("startable_in_tasklist", Boolean, nullable=False),
    Column("suspended", Boolean, nullable=False, default=False),
    UniqueConstraint("key", "version"),
)

#: What the forms of any version of a process have marked as for a department only: see `engine.policy.confidentiality`.
confidential_variable = Table(
    "confidential_variable",
    metadata,
    Column("definition_key", KEY, primary_key=True),
    Column("name", KEY, primary_key=True),
    Column("department", KEY, primary_key=True),
)

#: Whom a definition names: `part` starter (nobody: everybody may start it) or works. Exactly one of the ids is given.
definition_party = Table(
    "definition_party",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("definition_id", ForeignKey("process_definition.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("part", String(16), nullable=False),
    Column("user_id", ID),
    Column("group_id", KEY),
)

draft = Table(
    "draft",
    metadata,
    Column("key", KEY, primary_key=True),
    Column("name", KEY),
    Column("content", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("updated_by", ID),
)

# ---------------------------------------------------------------- runtime

process_instance = Table(
    "process_instance",
    metadata,
    Column("id", ID, primary_key=True),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False, index=True),
    Column("definition_key", KEY, nullable=False, index=True),
    Column("business_key", KEY, index=True),
    Column("super_instance_id", ID, index=True),
    Column("super_activity", Integer),
    Column("root_instance_id", ID, nullable=False, index=True),
    Column("state", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("suspended", Boolean, nullable=False, default=False),
)

task = Table(
    "task",
    metadata,
    Column("id", ID, primary_key=True),
    Column("process_instance_id", ForeignKey("process_instance.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("definition_id", KEY, nullable=False),
    Column("definition_key", KEY, nullable=False),
    Column("activity_id", KEY, nullable=False),
    Column("name", Text),
    Column("description", Text),
    Column("department", KEY, index=True),
    Column("department_is_candidate", Boolean, nullable=False, default=False),
    Column("assignee", ID, index=True),
    #: whom the assignee stood in for when they took it
    Column("claimed_for", ID),
    Column("owner", ID),
    Column("delegation_state", String(16)),
    Column("priority", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("claimed_at", Moment),
    Column("updated_at", Moment),
    Column("due_at", Moment),
    Column("follow_up_at", Moment),
    Column("form_key", KEY),
    Column("suspended", Boolean, nullable=False, default=False),
)
#: The order of `engine.task_queries.SOONEST`.
Index(
    "ix_task_soonest",
    task.c.due_at.is_(None),
    task.c.due_at,
    task.c.priority.desc(),
    task.c.created_at,
    task.c.process_instance_id,
    task.c.number,
)

#: Candidates beside the department; that and the assignee stand in `task`. Exactly one of user_id and group_id is
#: given.
identity_link = Table(
    "identity_link",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task_id", ForeignKey("task.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("type", String(16), nullable=False),
    Column("user_id", ID, index=True),
    Column("group_id", KEY, index=True),
)

external_task = Table(
    "external_task",
    metadata,
    Column("id", ID, primary_key=True),
    Column("process_instance_id", ForeignKey("process_instance.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("definition_id", KEY, nullable=False),
    Column("definition_key", KEY, nullable=False),
    Column("activity_id", KEY, nullable=False),
    Column("topic", KEY, nullable=False, index=True),
    Column("priority", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("worker_id", KEY),
    Column("lock_expires_at", Moment),
    Column("retries", Integer),
    Column("error_message", Text),
    Column("error_details", Text),
    Column("suspended", Boolean, nullable=False, default=False),
)

#: `process_instance_id` None: the timer of a start event, a start that was put off, or (`handler` given, `activity_id`
#: None) something the engine does later by itself; of that, a delivery belongs to no definition either.
job = Table(
    "job",
    metadata,
    Column("id", ID, primary_key=True),
    Column("process_instance_id", ForeignKey("process_instance.id", ondelete="CASCADE"), index=True),
    Column("number", Integer),
    Column("activity_number", Integer),
    Column("definition_id", KEY),
    Column("definition_key", KEY),
    Column("activity_id", KEY),
    Column("handler", String(32)),
    Column("type", String(16), nullable=False),
    Column("due_at", Moment, index=True),
    Column("repeats", Integer),
    Column("cycle", KEY),
    Column("created_at", Moment, nullable=False),
    Column("retries", Integer, nullable=False, default=3),
    Column("attempts", Integer, nullable=False, default=0),
    Column("retry_cycle", KEY),
    Column("priority", Integer, nullable=False, default=0),
    Column("exclusive", Boolean, nullable=False, default=True),
    Column("suspended", Boolean, nullable=False, default=False),
    Column("exception_message", Text),
    Column("exception_trace", Text),
    #: JSON: what a start that a signal put off starts with; what the handler is to do; what is delivered
    Column("payload", Text),
)

#: `process_instance_id` None: a start event that waits for a message, a signal or a condition.
event_subscription = Table(
    "event_subscription",
    metadata,
    Column("id", ID, primary_key=True),
    Column("process_instance_id", ForeignKey("process_instance.id", ondelete="CASCADE"), index=True),
    Column("number", Integer),
    Column("activity_number", Integer),
    Column("definition_id", KEY, nullable=False, index=True),
    Column("activity_id", KEY, nullable=False),
    Column("event_type", String(16), nullable=False),
    Column("event_name", KEY),
    Column("created_at", Moment, nullable=False),
    Index("ix_event_subscription_name", "event_type", "event_name"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", ID, primary_key=True),
    Column("process_instance_id", ForeignKey("process_instance.id", ondelete="CASCADE"), index=True),
    Column("number", Integer),
    Column("definition_id", KEY),
    Column("activity_id", KEY),
    Column("incident_type", String(64), nullable=False),
    Column("message", Text),
    Column("configuration", ID),
    Column("occurred_at", Moment, nullable=False),
)

# ---------------------------------------------------------------- history

historic_process_instance = Table(
    "historic_process_instance",
    metadata,
    Column("id", ID, primary_key=True),
    Column("definition_id", KEY, nullable=False, index=True),
    Column("definition_key", KEY, nullable=False, index=True),
    Column("definition_name", KEY),
    Column("definition_version", Integer, nullable=False),
    Column("business_key", KEY, index=True),
    Column("subject", Text),
    #: the user the journey is about, where its flow says who that is
    Column("subject_user", ID, index=True),
    Column("anchor_date", String(10), index=True),
    Column("super_instance_id", ID, index=True),
    Column("root_instance_id", ID, nullable=False, index=True),
    Column("start_activity_id", KEY),
    Column("started_by", ID, index=True),
    Column("started_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment, index=True),
    Column("state", String(32), nullable=False, index=True),
    Column("delete_reason", Text),
    Column("lead_s", Float),
    Column("lead_biz_s", Float),
)

#: One row per activity instance, open ones too; user tasks carry who, when and how long. `id` is the public id of the
#: number (for a user task: its task id). `queue_s`: created to claimed; `touch_s`: claimed to completed; `*_biz_s` in
#: office hours of the site; days are dates in the site's zone.
historic_activity_instance = Table(
    "historic_activity_instance",
    metadata,
    Column("id", ID, primary_key=True),
    Column("process_instance_id", ID, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("parent", Integer, nullable=False),
    Column("definition_id", KEY, nullable=False, index=True),
    Column("definition_key", KEY, nullable=False),
    Column("activity_id", KEY, nullable=False),
    Column("activity_name", Text),
    Column("activity_type", String(64), nullable=False),
    Column("department", KEY, index=True),
    Column("iteration", Integer),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("canceled", Boolean, nullable=False, default=False),
    Column("called_instance_id", ID),
    Column("is_task", Boolean, nullable=False, default=False),
    Column("task_name", Text),
    Column("assignee", ID, index=True),
    Column("completed_by", ID),
    Column("completed_for", ID),
    Column("due_at", Moment),
    Column("priority", Integer),
    Column("claimed_at", Moment),
    Column("queue_s", Float),
    Column("touch_s", Float),
    Column("queue_biz_s", Float),
    Column("touch_biz_s", Float),
    Column("created_day", String(10)),
    Column("completed_day", String(10)),
    Column("returned_because", Text),
)

#: The variable as it last was, with where it came from; `scope` 0 is the instance. Alive while its scope is.
historic_variable_instance = Table(
    "historic_variable_instance",
    metadata,
    Column("process_instance_id", ID, primary_key=True),
    Column("scope", Integer, primary_key=True, autoincrement=False),
    Column("name", KEY, primary_key=True),
    Column("definition_key", KEY, nullable=False),
    Column("type", String(32), nullable=False),
    Column("value", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("updated_by", ID),
    Column("source_activity_id", KEY),
)

comment = Table(
    "comment",
    metadata,
    Column("id", ID, primary_key=True),
    Column("process_instance_id", ID, nullable=False, index=True),
    Column("task_id", ID, index=True),
    Column("user_id", ID),
    Column("created_at", Moment, nullable=False),
    Column("message", Text, nullable=False),
    #: for members of these departments only: `,hr,payroll,`; null: for everybody who sees the journey
    Column("departments", Text),
)

# ---------------------------------------------------------------- news


#: In-app: to one person or to a department; `message` is JSON {language: text}.
notification = Table(
    "notification",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, index=True),
    Column("group_id", KEY, index=True),
    Column("process_instance_id", ID, index=True),
    Column("message", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("read_at", Moment),
)
