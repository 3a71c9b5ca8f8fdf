"""Runs processes: definitions, instances, tasks, jobs, messages, incidents, history, people, calendars, persistence."""

from engine.api_tokens import (
    ApiToken,
    Bearer,
    Scope,
    create_api_token,
    find_api_tokens,
    note_use,
    read_api_token,
    revoke_api_token,
)
from engine.calendar import OfficeCalendar, Site
from engine.clock import Clock, SystemClock, TestClock
from engine.comments import Comment, add_comment, find_comments
from engine.context import SYSTEM, Actor, CommandContext
from engine.database.backup import backup, restore
from engine.database.hold import require_unheld
from engine.database.schema import prepare, upgrade
from engine.deploying import DeploymentResult, check_source, deploy_resources
from engine.drafts import Draft, delete_draft, find_drafts, get_draft, require_process_owner, save_draft
from engine.errors import (
    BudgetExceeded,
    Conflict,
    DatabaseUnusable,
    DeliveryFailed,
    EngineError,
    ExecutionFailed,
    ExpressionFailed,
    FormRefused,
    IdempotencyKeyReused,
    InvalidInput,
    MismatchingMessageCorrelation,
    ModelRefused,
    NotAllowed,
    NotFound,
    OptimisticLocking,
    RevisionChanged,
    Suspended,
    TaskAlreadyClaimed,
)
from engine.execution.protocol import ActivityView, BpmnError, DelegateExecution
from engine.executions import Execution, ExecutionQuery, find_executions, get_execution
from engine.external_tasks import (
    ExternalTask,
    ExternalTaskQuery,
    Topic,
    complete_external_task,
    count_external_tasks,
    extend_lock,
    fail_external_task,
    fetch_and_lock,
    find_external_tasks,
    get_external_task,
    lock,
    set_external_priority,
    set_external_retries,
    throw_bpmn_error,
    unlock,
)
from engine.failures import (
    Failure,
    FailureQuery,
    count_failures,
    failure_trace,
    failures_by_message,
    find_failures,
    retry_failure,
    retry_failures,
)
from engine.handlers import EngineHandler
from engine.history import (
    EventSubscriptionQuery,
    HistoricActivityQuery,
    HistoricInstanceQuery,
    HistoricVariable,
    HistoricVariableQuery,
    IncidentQuery,
    count_historic_activities,
    count_historic_instances,
    count_historic_variables,
    find_event_subscriptions,
    find_historic_activities,
    find_historic_instances,
    find_historic_variables,
    find_incidents,
    find_operations,
    get_historic_instance,
)
from engine.idempotency import KeptAnswer, claim_key, keep_answer
from engine.identity import (
    ADMINISTRATORS,
    PROCESS_OWNERS,
    Group,
    GroupQuery,
    User,
    UserQuery,
    actor_of,
    add_member,
    count_groups,
    count_users,
    create_group,
    create_user,
    credentials,
    delete_group,
    delete_user,
    find_groups,
    find_users,
    get_group,
    get_user,
    password_hash,
    remove_member,
    set_language,
    set_password,
    update_group,
    update_user,
    verify_hash,
)
from engine.ids import number_of, public_id
from engine.job_execution import execute_job, run_due
from engine.jobs import Job, JobQuery, count_jobs, find_jobs, get_job, set_due_date, set_retries
from engine.journey_values import (
    Fact,
    Journey,
    JourneyQuery,
    JourneyStep,
    JourneySummary,
    StepState,
    TimelineEntry,
    WaitingFor,
)
from engine.journeys import count_journeys, find_journeys, get_journey
from engine.messages import (
    Correlation,
    CorrelationResult,
    broadcast_signal,
    correlate,
    deliver_to,
    evaluate_conditions,
    signal_to,
)
from engine.notifications import Notification, count_notifications, find_notifications, mark_read, notify
from engine.outgoing.settings import MailServer, Outgoing, Webhook, read_mail_server, read_outgoing, read_webhooks
from engine.process_engine import ProcessEngine, Settings
from engine.repository import (
    DefinitionQuery,
    Deployment,
    DeploymentQuery,
    ProcessDefinition,
    Resource,
    count_definitions,
    count_deployments,
    definition_model,
    definition_xml,
    delete_deployment,
    find_definitions,
    find_deployments,
    get_definition,
    get_deployment,
    get_resource,
    get_resources,
    latest_definition,
)
from engine.runtime import (
    InstanceQuery,
    ProcessInstance,
    activity_tree,
    count_instances,
    count_running,
    delete_instance,
    find_instances,
    get_instance,
    get_variables,
    instance_of,
    modify_instance,
    require_revision,
    set_variables,
    start_instance,
    trigger,
)
from engine.sessions import OpenedSession, Session, close_session, open_session, read_session
from engine.task_queries import Task, TaskQuery, count_tasks, find_tasks, get_task
from engine.tasks import (
    IdentityLink,
    add_identity_link,
    assign_task,
    claim_task,
    complete_task,
    delegate_task,
    delete_identity_link,
    identity_links,
    resolve_task,
    start_form,
    submit_form,
    submit_start_form,
    task_form,
    task_variables,
    unclaim_task,
)
from engine.variable_filters import VariableFilter
from engine.wakers import work_until_stopped

__all__ = [
    "ADMINISTRATORS", "PROCESS_OWNERS", "SYSTEM", "ActivityView", "Actor", "ApiToken", "Bearer", "BpmnError",
    "BudgetExceeded", "Clock", "CommandContext", "Comment", "Conflict", "Correlation", "CorrelationResult",
    "DatabaseUnusable", "DefinitionQuery", "DelegateExecution", "DeliveryFailed", "Deployment", "DeploymentQuery",
    "DeploymentResult", "Draft", "EngineError", "EngineHandler", "EventSubscriptionQuery", "Execution",
    "ExecutionFailed", "ExecutionQuery", "ExpressionFailed", "ExternalTask", "ExternalTaskQuery", "Fact", "Failure",
    "FailureQuery", "FormRefused", "Group", "GroupQuery", "HistoricActivityQuery", "HistoricInstanceQuery",
    "HistoricVariable", "HistoricVariableQuery", "IdempotencyKeyReused", "IdentityLink", "IncidentQuery",
    "InstanceQuery", "InvalidInput", "Job", "JobQuery", "Journey", "JourneyQuery", "JourneyStep", "JourneySummary",
    "KeptAnswer", "MailServer", "MismatchingMessageCorrelation", "ModelRefused", "NotAllowed", "NotFound",
    "Notification", "OfficeCalendar", "OpenedSession", "OptimisticLocking", "Outgoing", "ProcessDefinition",
    "ProcessEngine", "ProcessInstance", "Resource", "RevisionChanged", "Scope", "Session", "Settings", "Site",
    "StepState", "Suspended", "SystemClock", "Task", "TaskAlreadyClaimed", "TaskQuery", "TestClock", "TimelineEntry",
    "Topic", "User", "UserQuery", "VariableFilter", "WaitingFor", "Webhook", "activity_tree", "actor_of", "add_comment",
    "add_identity_link", "add_member", "assign_task", "backup", "broadcast_signal", "check_source", "claim_key",
    "claim_task", "close_session", "complete_external_task", "complete_task", "correlate", "count_definitions",
    "count_deployments", "count_external_tasks", "count_failures", "count_groups", "count_historic_activities",
    "count_historic_instances", "count_historic_variables", "count_instances", "count_jobs", "count_journeys",
    "count_notifications", "count_running", "count_tasks", "count_users", "create_api_token", "create_group",
    "create_user", "credentials", "definition_model", "definition_xml", "delegate_task", "delete_deployment",
    "delete_draft", "delete_group", "delete_identity_link", "delete_instance", "delete_user", "deliver_to",
    "deploy_resources", "evaluate_conditions", "execute_job", "extend_lock", "fail_external_task", "failure_trace",
    "failures_by_message", "fetch_and_lock", "find_api_tokens", "find_comments", "find_definitions", "find_deployments",
    "find_drafts", "find_event_subscriptions", "find_executions", "find_external_tasks", "find_failures", "find_groups",
    "find_historic_activities", "find_historic_instances", "find_historic_variables", "find_incidents",
    "find_instances", "find_jobs", "find_journeys", "find_notifications", "find_operations", "find_tasks", "find_users",
    "get_definition", "get_deployment", "get_draft", "get_execution", "get_external_task", "get_group",
    "get_historic_instance", "get_instance", "get_job", "get_journey", "get_resource", "get_resources", "get_task",
    "get_user", "get_variables", "identity_links", "instance_of", "keep_answer", "latest_definition", "lock",
    "mark_read", "modify_instance", "note_use", "notify", "number_of", "open_session", "password_hash", "prepare",
    "public_id", "read_api_token", "read_mail_server", "read_outgoing", "read_session", "read_webhooks",
    "remove_member", "require_process_owner", "require_revision", "require_unheld", "resolve_task", "restore",
    "retry_failure", "retry_failures", "revoke_api_token", "run_due", "save_draft", "set_due_date",
    "set_external_priority", "set_external_retries", "set_language", "set_password", "set_retries", "set_variables",
    "signal_to", "start_form", "start_instance", "submit_form", "submit_start_form", "task_form", "task_variables",
    "throw_bpmn_error", "trigger", "unclaim_task", "unlock", "update_group", "update_user", "upgrade", "verify_hash",
    "work_until_stopped",
]  # fmt: skip
