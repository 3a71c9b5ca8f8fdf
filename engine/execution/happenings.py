"""What an executor says has happened, in order, to one instance. `engine.execution.protocol` lists them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class ActivityStarted:
    """`parent` is the number of the activity around it; `body` marks a multi-instance body (`X#multiInstanceBody`);
    `iteration` is the loop counter of one turn."""

    number: int
    parent: int
    element_id: str
    body: bool = False
    iteration: int | None = None


@dataclass(frozen=True, slots=True)
class ActivityEnded:
    """With it ends what waited there: a user task, an external task."""

    number: int
    element_id: str
    canceled: bool = False


@dataclass(frozen=True, slots=True)
class TaskOpened:
    """A user task waits. Expressions are evaluated; dates are ISO 8601 text, a date without time included."""

    number: int
    element_id: str
    name: str | None
    description: str | None
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due_date: str | None
    follow_up_date: str | None
    priority: int
    form_key: str | None


@dataclass(frozen=True, slots=True)
class ExternalTaskOpened:
    number: int
    element_id: str
    topic: str
    priority: int = 0


class JobType(StrEnum):
    TIMER = "timer"
    CONTINUATION = "message"


@dataclass(frozen=True, slots=True)
class JobOpened:
    """`activity` is the activity it belongs to, `due` None for a continuation. Opened again under the same number:
    the next turn of a cycle."""

    number: int
    activity: int
    element_id: str
    type: JobType
    due: datetime | None
    priority: int = 0
    exclusive: bool = True
    retry_cycle: str | None = None


@dataclass(frozen=True, slots=True)
class JobClosed:
    number: int


@dataclass(frozen=True, slots=True)
class SubscriptionOpened:
    """`event_type` is message, signal, conditional or compensate."""

    number: int
    activity: int
    element_id: str
    event_type: str
    event_name: str | None


@dataclass(frozen=True, slots=True)
class SubscriptionClosed:
    number: int


@dataclass(frozen=True, slots=True)
class VariableSet:
    """`scope` is the number of the activity that holds it (0: the instance)."""

    scope: int
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class VariableRemoved:
    scope: int
    name: str


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    """`configuration` is the number of the job or external task it is about."""

    number: int
    activity: int
    element_id: str
    incident_type: str
    message: str | None
    configuration: int | None = None


@dataclass(frozen=True, slots=True)
class IncidentClosed:
    number: int


@dataclass(frozen=True, slots=True)
class InstanceCalled:
    number: int
    instance_id: str


@dataclass(frozen=True, slots=True)
class StartPutOff:
    """A signal thrown asynchronously starts this definition later: by a job of no instance that carries the
    variables."""

    definition_id: str
    element_id: str
    variables: dict[str, Any]
    business_key: str | None = None


@dataclass(frozen=True, slots=True)
class ActivityMoved:
    """An activity of an instance that migrates is one of the new version's now; so is the external task that it is."""

    number: int
    parent: int
    element_id: str
    body: bool = False
    iteration: int | None = None


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """A user task that migrates: the words are the new version's. Who has it, and until when, stays."""

    number: int
    element_id: str
    name: str | None
    description: str | None
    form_key: str | None


@dataclass(frozen=True, slots=True)
class JobMoved:
    """`due` None: when it is due stays as it was."""

    number: int
    element_id: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionMoved:
    number: int
    activity: int
    element_id: str
    event_name: str | None


@dataclass(frozen=True, slots=True)
class IncidentMoved:
    number: int
    element_id: str


Moved = ActivityMoved | TaskMoved | JobMoved | SubscriptionMoved | IncidentMoved

Happening = (
    ActivityStarted
    | ActivityEnded
    | TaskOpened
    | ExternalTaskOpened
    | JobOpened
    | JobClosed
    | SubscriptionOpened
    | SubscriptionClosed
    | VariableSet
    | VariableRemoved
    | IncidentOpened
    | IncidentClosed
    | InstanceCalled
    | StartPutOff
    | Moved
)
