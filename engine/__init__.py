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
from engine.audit import (
    Operation,
    OperationQuery,
    count_operations,
    export_operations,
    find_operations,
    require_reader_of_log,
)
from engine.calendar import OfficeCalendar, Site
from engine.clock import Clock, SystemClock, TestClock
from engine.comments import Comment, add_comment, find_comments, usual_departments
from engine.context import SYSTEM, Actor, CommandContext, Origin, StandIn
from engine.database.backup import backup, restore
from engine.database.hold import require_unheld
from engine.database.schema import prepare, upgrade
from engine.decisions import DECISION_SUFFIXES, decision_problems
from engine.delegation import delegate_task, resolve_task, throw_task_error, throw_task_escalation
from engine.deploying import DeploymentResult, check_file, check_source, deploy_resources
from engine.drafts import Draft, delete_draft, find_drafts, get_draft, save_draft
from engine.duties import barred
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
    InstanceCannotMigrate,
    InvalidInput,
    MigrationPlanRefused,
    MismatchingMessageCorrelation,
    ModelRefused,
    NotAllowed,
    NotFound,
    OptimisticLocking,
    RevisionChanged,
    SignInRefused,
    Suspended,
    TaskAlreadyClaimed,
    TooBusy,
)
from engine.execution.migration_plan import MigrationInstruction, MigrationPlan
from engine.execution.migration_rules import InstructionReport
from engine.execution.protocol import ActivityReport, ActivityView, BpmnError, DelegateExecution
from engine.executions import Execution, ExecutionQuery, find_executions, get_execution
from engine.external_task_values import ExternalTask, ExternalTaskQuery, Topic
from engine.external_tasks import (
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
from engine.forms import start_form, submit_form, submit_start_form, task_form
from engine.guests.invitations import (
    GUEST_ID,
    Invitation,
    find_invitations,
    guest_defaults,
    invite_guest,
    may_invite,
    revoke_invitation,
)
from engine.guests.journeys import GuestJourney, Preparation, guest_journey
from engine.guests.sessions import (
    GuestSession,
    close_guest_session,
    link_holds,
    open_guest_session,
    read_guest_session,
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
    get_historic_instance,
)
from engine.idempotency import KeptAnswer, claim_key, keep_answer
from engine.ids import number_of, public_id
from engine.job_execution import execute_job, run_due
from engine.jobs import (
    Job,
    JobQuery,
    count_jobs,
    delete_job,
    find_jobs,
    get_job,
    log_execution,
    set_due_date,
    set_job_priority,
    set_retries,
)
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
from engine.migration import (
    MigrationPreview,
    generate_migration,
    migrate_instances,
    preview_migration,
    validate_migration,
)
from engine.notifications import Notification, find_notifications, mark_read, notify
from engine.opened_tasks import OpenedTask, open_task
from engine.outgoing.addresses import allowed_address
from engine.outgoing.settings import MailServer, Outgoing, Webhook, read_mail_server, read_outgoing, read_webhooks
from engine.people import *  # noqa: F403  (its front is taken over whole)
from engine.people import __all__ as _people
from engine.policy import Action, InstanceFacts, can, facts_of_instance, own_departments, require
from engine.privacy.erasure import PSEUDONYM, ErasurePreview, close_account, erase_person, preview_erasure
from engine.privacy.export import export_person
from engine.privacy.subjects import AboutThem
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
from engine.repository_models import starters_of
from engine.retention import days_kept, kept_until, may_set_retention, read_retention, set_retention
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
from engine.secret_settings import read_secret
from engine.sessions import (
    SESSION_LIFETIME,
    OpenedSession,
    OpenSession,
    Session,
    close_session,
    end_other_sessions,
    end_session,
    find_sessions,
    id_of_session,
    log_refused_sign_in,
    note_session_use,
    open_session,
    read_session,
    read_session_idle,
)
from engine.signing_in import *  # noqa: F403  (its front is taken over whole)
from engine.signing_in import __all__ as _signing_in
from engine.substitution import for_whom
from engine.suspension import Which, suspend_definition, suspend_instances, suspend_job, suspend_jobs
from engine.task_queries import Task, TaskQuery, count_each, count_tasks, find_tasks, get_task
from engine.tasks import (
    IdentityLink,
    add_identity_link,
    assign_task,
    claim_task,
    complete_task,
    delete_identity_link,
    identity_links,
    task_variables,
    unclaim_task,
)
from engine.variable_filters import VariableFilter
from engine.viewing import view_journey_as, view_task_as
from engine.wakers import work_until_stopped

__all__ = [
    "DECISION_SUFFIXES", "GUEST_ID", "PSEUDONYM", "SESSION_LIFETIME", "SYSTEM", "AboutThem", "Action", "ActivityReport",
    "ActivityView", "Actor", "ApiToken", "Bearer", "BpmnError", "BudgetExceeded", "Clock", "CommandContext", "Comment",
    "Conflict", "Correlation", "CorrelationResult", "DatabaseUnusable", "DefinitionQuery", "DelegateExecution",
    "DeliveryFailed", "Deployment", "DeploymentQuery", "DeploymentResult", "Draft", "EngineError", "EngineHandler",
    "ErasurePreview", "EventSubscriptionQuery", "Execution", "ExecutionFailed", "ExecutionQuery", "ExpressionFailed",
    "ExternalTask", "ExternalTaskQuery", "Fact", "Failure", "FailureQuery", "FormRefused", "GuestJourney",
    "GuestSession", "HistoricActivityQuery", "HistoricInstanceQuery", "HistoricVariable", "HistoricVariableQuery",
    "IdempotencyKeyReused", "IdentityLink", "IncidentQuery", "InstanceCannotMigrate", "InstanceFacts", "InstanceQuery",
    "InstructionReport", "InvalidInput", "Invitation", "Job", "JobQuery", "Journey", "JourneyQuery", "JourneyStep",
    "JourneySummary", "KeptAnswer", "MailServer", "MigrationInstruction", "MigrationPlan", "MigrationPlanRefused",
    "MigrationPreview", "MismatchingMessageCorrelation", "ModelRefused", "NotAllowed", "NotFound", "Notification",
    "OfficeCalendar", "OpenSession", "OpenedSession", "OpenedTask", "Operation", "OperationQuery", "OptimisticLocking",
    "Origin", "Outgoing", "Preparation", "ProcessDefinition", "ProcessEngine", "ProcessInstance", "Resource",
    "RevisionChanged", "Scope", "Session", "Settings", "SignInRefused", "Site", "StandIn", "StepState", "Suspended",
    "SystemClock", "Task", "TaskAlreadyClaimed", "TaskQuery", "TestClock", "TimelineEntry", "TooBusy", "Topic",
    "VariableFilter", "WaitingFor", "Webhook", "Which", "activity_tree", "add_comment", "add_identity_link",
    "allowed_address", "assign_task", "backup", "barred", "broadcast_signal", "can", "check_file", "check_source",
    "claim_key", "claim_task", "close_account", "close_guest_session", "close_session", "complete_external_task",
    "complete_task", "correlate", "count_definitions", "count_deployments", "count_each", "count_external_tasks",
    "count_failures", "count_historic_activities", "count_historic_instances", "count_historic_variables",
    "count_instances", "count_jobs", "count_journeys", "count_operations", "count_running", "count_tasks",
    "create_api_token", "days_kept", "decision_problems", "definition_model", "definition_xml", "delegate_task",
    "delete_deployment", "delete_draft", "delete_identity_link", "delete_instance", "delete_job", "deliver_to",
    "deploy_resources", "end_other_sessions", "end_session", "erase_person", "evaluate_conditions", "execute_job",
    "export_operations", "export_person", "extend_lock", "facts_of_instance", "fail_external_task", "failure_trace",
    "failures_by_message", "fetch_and_lock", "find_api_tokens", "find_comments", "find_definitions", "find_deployments",
    "find_drafts", "find_event_subscriptions", "find_executions", "find_external_tasks", "find_failures",
    "find_historic_activities", "find_historic_instances", "find_historic_variables", "find_incidents",
    "find_instances", "find_invitations", "find_jobs", "find_journeys", "find_notifications", "find_operations",
    "find_sessions", "find_tasks", "for_whom", "generate_migration", "get_definition", "get_deployment", "get_draft",
    "get_execution", "get_external_task", "get_historic_instance", "get_instance", "get_job", "get_journey",
    "get_resource", "get_resources", "get_task", "get_variables", "guest_defaults", "guest_journey", "id_of_session",
    "identity_links", "instance_of", "invite_guest", "keep_answer", "kept_until", "latest_definition", "link_holds",
    "lock", "log_execution", "log_refused_sign_in", "mark_read", "may_invite", "may_set_retention", "migrate_instances",
    "modify_instance", "note_session_use", "note_use", "notify", "number_of", "open_guest_session", "open_session",
    "open_task", "own_departments", "prepare", "preview_erasure", "preview_migration", "public_id", "read_api_token",
    "read_guest_session", "read_mail_server", "read_outgoing", "read_retention", "read_secret", "read_session",
    "read_session_idle", "read_webhooks", "require", "require_reader_of_log", "require_revision", "require_unheld",
    "resolve_task", "restore", "retry_failure", "retry_failures", "revoke_api_token", "revoke_invitation", "run_due",
    "save_draft", "set_due_date", "set_external_priority", "set_external_retries", "set_job_priority", "set_retention",
    "set_retries", "set_variables", "signal_to", "start_form", "start_instance", "starters_of", "submit_form",
    "submit_start_form", "suspend_definition", "suspend_instances", "suspend_job", "suspend_jobs", "task_form",
    "task_variables", "throw_bpmn_error", "throw_task_error", "throw_task_escalation", "trigger", "unclaim_task",
    "unlock", "upgrade", "usual_departments", "validate_migration", "view_journey_as", "view_task_as",
    "work_until_stopped",
]  # fmt: skip
__all__ += _people
__all__ += _signing_in
