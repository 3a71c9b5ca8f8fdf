"""`/engine-rest`: the core of the Camunda 7 REST API, one module a noun. Importing them registers their operations."""

from api.rest import (
    deployment,
    execution,
    external_task,
    history,
    history_activity,
    identity,
    job,
    message,
    migration,
    process_definition,
    process_instance,
    suspension,
    task,
    task_delegation,
    task_details,
    variable_instance,
    version,
)
from api.rest.api import REST

__all__ = [
    "REST",
    "deployment",
    "execution",
    "external_task",
    "history",
    "history_activity",
    "identity",
    "job",
    "message",
    "migration",
    "process_definition",
    "process_instance",
    "suspension",
    "task",
    "task_delegation",
    "task_details",
    "variable_instance",
    "version",
]
