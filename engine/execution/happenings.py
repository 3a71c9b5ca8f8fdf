"""What an executor says has happened, in order, to one instance. `engine.execution.protocol` lists them all."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Fact(msgspec.Struct, frozen=True, gc=False):
    """A struct, since a command makes many and a frozen dataclass costs several times as much. Facts hold values of
    JSON: no cycle can hide in one from the garbage collector."""


class ActivityStarted(Fact, frozen=True):
    """`parent` is the number of the activity around it; `body` marks a multi-instance body (`X#multiInstanceBody`);
    `iteration` is the loop counter of one turn."""

    number: int
    parent: int
    element_id: str
    body: bool = False
    iteration: int | None = None


class ActivityEnded(Fact, frozen=True):
    """With it ends what waited there: a user task, an external task."""

    number: int
    element_id: str
    canceled: bool = False


class TaskOpened(Fact, frozen=True):
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


class ExternalTaskOpened(Fact, frozen=True):
    number: int
    element_id: str
    topic: str
    priority: int = 0


class JobType(StrEnum):
    TIMER = "timer"
    CONTINUATION = "message"


class JobOpened(Fact, frozen=True):
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


class JobClosed(Fact, frozen=True):
    number: int


class SubscriptionOpened(Fact, frozen=True):
    """`event_type` is message, signal, conditional or compensate."""

    number: int
    activity: int
    element_id: str
    event_type: str
    event_name: str | None


class SubscriptionClosed(Fact, frozen=True):
    number: int


class VariableSet(Fact, frozen=True):
    """`scope` is the number of the activity that holds it (0: the instance)."""

    scope: int
    name: str
    value: Any


class VariableRemoved(Fact, frozen=True):
    scope: int
    name: str


class IncidentOpened(Fact, frozen=True):
    """`configuration` is the number of the job or external task it is about."""

    number: int
    activity: int
    element_id: str
    incident_type: str
    message: str | None
    configuration: int | None = None


class IncidentClosed(Fact, frozen=True):
    number: int


class InstanceCalled(Fact, frozen=True):
    number: int
    instance_id: str


class StartPutOff(Fact, frozen=True):
    """A signal thrown asynchronously starts this definition later: by a job of no instance that carries the
    variables."""

    definition_id: str
    element_id: str
    variables: dict[str, Any]
    business_key: str | None = None


class ActivityMoved(Fact, frozen=True):
    """An activity of an instance that migrates is one of the new version's now; so is the external task that it is."""

    number: int
    parent: int
    element_id: str
    body: bool = False
    iteration: int | None = None


class TaskMoved(Fact, frozen=True):
    """A user task that migrates: the words are the new version's. Who has it, and until when, stays."""

    number: int
    element_id: str
    name: str | None
    description: str | None
    form_key: str | None


class JobMoved(Fact, frozen=True):
    """`due` None: when it is due stays as it was."""

    number: int
    element_id: str
    due: datetime | None = None


class SubscriptionMoved(Fact, frozen=True):
    number: int
    activity: int
    element_id: str
    event_name: str | None


class IncidentMoved(Fact, frozen=True):
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
