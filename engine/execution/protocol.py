"""How the engine and an executor speak. An executor moves tokens; it knows no SQL, no people, no clock but `World.now`.

One command is one `Execution`. The engine begins it, calls the verbs it needs, and asks for `changes()`: per instance
the new state and, in order, what happened. The engine alone writes that down. An exception from any verb means that
nothing of the command may be kept; the `Execution` is thrown away.

Numbers: inside one instance activities, jobs and subscriptions are counted from 1; number 0 is the instance's root
activity (the process itself). `engine.ids.public_id(instance_id, number)` makes the public UUID of one (number 0: the
instance id)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from enum import StrEnum
from typing import Any, Protocol

from bpmn import DecisionDefinitions, Definitions, Problem, ProcessModel
from engine.execution.happenings import (
    ActivityEnded,
    ActivityMoved,
    ActivityStarted,
    ExternalTaskOpened,
    Fact,
    Happening,
    IncidentClosed,
    IncidentMoved,
    IncidentOpened,
    InstanceCalled,
    JobClosed,
    JobMoved,
    JobOpened,
    JobType,
    Moved,
    StartPutOff,
    SubscriptionClosed,
    SubscriptionMoved,
    SubscriptionOpened,
    TaskMoved,
    TaskOpened,
    VariableRemoved,
    VariableSet,
)
from engine.execution.migration_plan import MigrationPlan

__all__ = [
    "ActivityEnded",
    "ActivityMoved",
    "ActivityReport",
    "ActivityStarted",
    "ActivityView",
    "BpmnError",
    "Caller",
    "DelegateExecution",
    "EndState",
    "Execution",
    "Executor",
    "ExternalTaskOpened",
    "Handler",
    "Happening",
    "IncidentClosed",
    "IncidentMoved",
    "IncidentOpened",
    "InstanceCalled",
    "InstanceChange",
    "JobClosed",
    "JobMoved",
    "JobOpened",
    "JobType",
    "Moved",
    "Receiver",
    "StartPutOff",
    "StoredInstance",
    "SubscriptionClosed",
    "SubscriptionMoved",
    "SubscriptionOpened",
    "TaskMoved",
    "TaskOpened",
    "VariableRemoved",
    "VariableScope",
    "VariableSet",
    "World",
]

# ---------------------------------------------------------------- what an executor asks of the engine


@dataclass(frozen=True, slots=True)
class Caller:
    """The call activity that waits for an instance."""

    instance_id: str
    activity: int


class StoredInstance(Fact, frozen=True):
    """One instance as it was last stored; `state` is what the same executor's `changes()` gave."""

    instance_id: str
    definition_id: str
    state: bytes
    business_key: str | None = None
    caller: Caller | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who listens for a signal: a subscription of an instance, or (instance_id None) a start event of a definition."""

    definition_id: str
    element_id: str
    instance_id: str | None = None
    subscription: int | None = None


class VariableScope(Protocol):
    """The variables seen from one activity: its own, then those of every scope around it. Values are JSON values."""

    def __contains__(self, name: str) -> bool: ...
    def __getitem__(self, name: str) -> Any: ...
    def __setitem__(self, name: str, value: Any) -> None: ...


class DelegateExecution(Protocol):
    """What a registered handler is given. Raise `BpmnError` to throw a BPMN error, anything else to fail the
    command."""

    @property
    def variables(self) -> VariableScope: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...
    @property
    def process_instance_id(self) -> str: ...
    @property
    def business_key(self) -> str | None: ...
    @property
    def activity_id(self) -> str: ...


Handler = Callable[[DelegateExecution], Any]


class BpmnError(Exception):
    """Raised by a handler: the BPMN error with this code, and a message for its catcher."""

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message


class World(Protocol):
    """Everything outside the instances that take part in one command. `load` locks the instance for the transaction."""

    @property
    def now(self) -> datetime: ...
    @property
    def zone(self) -> tzinfo:
        """The site's: a date or moment without zone is one of its."""

    @property
    def opening(self) -> time:
        """When a timer on a bare date fires."""

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Functions of expressions beyond the language's own: `now`, `dateTime`, `workday`, `latest`, `earliest`."""

    def model(self, definition_id: str) -> ProcessModel: ...
    def executor_of(self, definition_id: str) -> str:
        """The name of the executor that runs it; it never changes."""

    def load(self, instance_id: str) -> StoredInstance: ...
    def called_definition(self, key: str, binding: str, version: str | None, caller_definition_id: str) -> str:
        """The definition id a call activity starts; raises ExecutionFailed where there is none."""

    def signal_receivers(self, name: str) -> Sequence[Receiver]:
        """Stored subscriptions only, oldest first, suspended ones left out; what this command opened the executor
        knows."""

    def message_receivers(self, name: str) -> Sequence[Receiver]:
        """As of signals: who has been stored waiting for a message, and what it starts."""

    def handler(self, name: str) -> Handler:
        """The handler registered by this name; raises ExecutionFailed, naming those there are."""

    def decision(self, key: str, binding: str, caller_definition_id: str) -> DecisionDefinitions:
        """The deployed file that holds this decision: the newest (`latest`), or the one deployed together with the
        process (`deployment`). ExecutionFailed where there is none."""

    def new_instance_id(self) -> str: ...


# ---------------------------------------------------------------- what became of an instance


class EndState(StrEnum):
    COMPLETED = "COMPLETED"
    EXTERNALLY_TERMINATED = "EXTERNALLY_TERMINATED"
    INTERNALLY_TERMINATED = "INTERNALLY_TERMINATED"


@dataclass(slots=True)
class InstanceChange:
    """`state` None once `ended`; `happenings` in the order they happened, those undone within the command included.
    `migrated_from` is the definition that the instance ran on before, if it has moved to another."""

    instance_id: str
    definition_id: str
    created: bool
    state: bytes | None
    business_key: str | None = None
    caller: Caller | None = None
    start_activity_id: str | None = None
    ended: EndState | None = None
    migrated_from: str | None = None
    happenings: list[Happening] = field(default_factory=list)


# ---------------------------------------------------------------- what stands, for reading


@dataclass(frozen=True, slots=True)
class ActivityView:
    """One node of the activity tree, children in the order they began. `type` is the element's XML name, or
    `multiInstanceBody`; `waiting_async` marks a continuation that has not begun or not yet gone on."""

    number: int
    element_id: str
    type: str
    name: str | None
    children: tuple[ActivityView, ...] = ()
    body: bool = False
    waiting_async: bool = False
    called_instance_id: str | None = None


@dataclass(frozen=True, slots=True)
class ActivityReport:
    """Why one activity of an instance cannot migrate. `waiting_async`: it waits before or after its element."""

    number: int
    element_id: str
    failures: tuple[str, ...]
    waiting_async: bool = False


# ---------------------------------------------------------------- what the engine asks of an executor


class Execution(Protocol):
    """One command's work on any number of instances. Variables given are JSON values by name."""

    def start(
        self,
        definition_id: str,
        variables: Mapping[str, Any],
        *,
        business_key: str | None = None,
        start_event: str | None = None,
        initiator: str | None = None,
        instructions: Sequence[Mapping[str, Any]] = (),
        skip_io_mappings: bool = False,
        skip_custom_listeners: bool = False,
    ) -> str:
        """A new instance, run until every token rests; its id. `start_event` None: the none start event. Mappings and
        listeners are skipped only while instructions are carried out."""

    def lock(self, instance_id: str) -> None:
        """Locks the instance for the rest of the command, before anything is done to it."""

    def complete_task(
        self,
        instance_id: str,
        activity: int,
        variables: Mapping[str, Any],
        local: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Completes a user task, an external task or a receive task without message. Conflict if it is not open.
        `facts` is what the engine's row knows of it, for listeners (`task`) and error definitions
        (`externalTask`)."""

    def hear_task(self, instance_id: str, activity: int, event: str, facts: Mapping[str, Any]) -> None:
        """Something happened to a user task in the engine's hands (`assignment`): its listeners hear it."""

    def fail_external_task(
        self,
        instance_id: str,
        activity: int,
        variables: Mapping[str, Any],
        local: Mapping[str, Any],
        facts: Mapping[str, Any],
    ) -> bool:
        """A worker could not do it. True if an error definition of the model turned that into a BPMN error."""

    def trigger(self, instance_id: str, activity: int, variables: Mapping[str, Any]) -> None:
        """`execution/{id}/signal`: lets a waiting activity go on."""

    def deliver(
        self, instance_id: str, subscription: int, variables: Mapping[str, Any], local: Mapping[str, Any] | None = None
    ) -> None:
        """The message or signal that this subscription waits for has come."""

    def broadcast_signal(self, name: str, variables: Mapping[str, Any]) -> None: ...

    def run_job(self, instance_id: str, job: int, due: datetime | None) -> None:
        """`due` is the job's own due date: a cycle counts its next turn from there."""

    def end_job(self, instance_id: str, job: int) -> None:
        """The job is no more; nothing goes on by that."""

    def throw_error(
        self, instance_id: str, activity: int, code: str, message: str | None, variables: Mapping[str, Any]
    ) -> None: ...

    def throw_escalation(self, instance_id: str, activity: int, code: str, variables: Mapping[str, Any]) -> None: ...

    def set_variables(
        self, instance_id: str, activity: int, variables: Mapping[str, Any], *, local: bool = False
    ) -> None: ...

    def remove_variables(self, instance_id: str, activity: int, names: Sequence[str]) -> None: ...

    def modify(
        self,
        instance_id: str,
        instructions: Sequence[Mapping[str, Any]],
        *,
        skip_io_mappings: bool = False,
        skip_custom_listeners: bool = False,
    ) -> None:
        """Instructions as the REST contract writes them; activity instance ids already turned into numbers, under
        `activityInstanceNumber` and `ancestorActivityInstanceNumber`."""

    def migrate(
        self,
        instance_id: str,
        plan: MigrationPlan,
        *,
        skip_io_mappings: bool = False,
        skip_custom_listeners: bool = False,
    ) -> list[ActivityReport]:
        """Moves the instance to the plan's target. What cannot move is told instead, and nothing has moved then."""

    def cancel(
        self,
        instance_id: str,
        end_state: EndState = EndState.EXTERNALLY_TERMINATED,
        *,
        skip_io_mappings: bool = False,
        skip_custom_listeners: bool = False,
    ) -> None:
        """Ends the instance and all that it called."""

    def open_incident(
        self, instance_id: str, activity: int, incident_type: str, message: str, configuration: int
    ) -> None: ...

    def close_incidents(self, instance_id: str, configuration: int) -> None: ...

    def changes(self) -> list[InstanceChange]:
        """Of every instance that this command created or touched, callers before those they called."""


class Executor(Protocol):
    """Stateless; one serves all threads."""

    @property
    def name(self) -> str: ...

    def refused(self, definitions: Definitions) -> tuple[Problem, ...]:
        """What of a file it does not run rightly, as problems that refuse the deployment."""

    def begin(self, world: World) -> Execution:
        """A command, which may touch instances of every executor there is: each goes on with its own."""

    def activity_tree(self, model: ProcessModel, state: bytes) -> ActivityView:
        """The tree of a stored instance; its root is the process."""

    def migration_reports(
        self, source: ProcessModel, target: ProcessModel, state: bytes, plan: MigrationPlan
    ) -> list[ActivityReport]:
        """What of a stored instance cannot follow the plan; empty: it can be migrated."""

    def variables(self, model: ProcessModel, state: bytes, activity: int = 0, *, local: bool = False) -> dict[str, Any]:
        """What an activity sees, or only what it holds itself. LookupError if there is no such activity."""
