"""Every error the engine raises, as one tree. Facts travel as attributes; the first docstring line is the default
message.

EngineError
├── InvalidInput            what was given cannot be used
│   ├── ModelRefused        a deployment with problems, all of them listed
│   ├── FormRefused         form fields that do not fit, all of them listed
│   ├── MigrationPlanRefused    instructions that cannot be followed, all of them listed
│   ├── InstanceCannotMigrate   activities that cannot follow a plan, all of them listed
│   ├── MismatchingMessageCorrelation
│   └── IdempotencyKeyReused    the same key came with another request
├── NotFound
├── NotAllowed              the actor may not do this
│   └── SignInRefused       an account elsewhere that opens none here
├── Conflict                the state of things does not allow it now
│   ├── TaskAlreadyClaimed
│   ├── OptimisticLocking
│   ├── RevisionChanged     it is not as it was when it was looked at
│   └── Suspended
├── ExecutionFailed         a model did something that cannot go on: the command left no trace
│   ├── ExpressionFailed
│   └── BudgetExceeded
├── TooBusy                 more passwords to check at once than there is memory for
├── DeliveryFailed          a mail or a webhook that nobody took
└── DatabaseUnusable        wrong schema, a second server on one file, no connection
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpmn import FieldError, Problem
    from engine.execution.migration_rules import InstructionReport
    from engine.execution.protocol import ActivityReport


class EngineError(Exception):
    """The engine cannot do this."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").splitlines()[0])


class InvalidInput(EngineError):
    """What was given cannot be used."""


class ModelRefused(InvalidInput):
    """The model has problems that must be mended before it can be deployed."""

    def __init__(self, resource: str, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(
            f"{resource}: {len(problems)} problem(s); line {first.line}, {first.element_id}: {first.message}"
        )
        self.resource = resource
        self.problems = tuple(problems)


class FormRefused(InvalidInput):
    """Some fields cannot be accepted as they are."""

    def __init__(self, fields: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{field.field_id}: {field.message}" for field in fields))
        #: each says which field, what is wrong with it, and what would be right
        self.fields = tuple(fields)


class MigrationPlanRefused(InvalidInput):
    """The migration plan cannot be followed."""

    def __init__(self, reports: Sequence[InstructionReport]) -> None:
        words = "; ".join(f"{each.instruction.source}: {failure}" for each in reports for failure in each.failures)
        super().__init__(f"The migration plan is not valid: {words}")
        self.reports = tuple(reports)


class InstanceCannotMigrate(InvalidInput):
    """The process instance cannot follow the migration plan."""

    def __init__(self, process_instance_id: str, reports: Sequence[ActivityReport]) -> None:
        words = "; ".join(f"{each.element_id}: {failure}" for each in reports for failure in each.failures)
        super().__init__(f"Cannot migrate process instance {process_instance_id}: {words}")
        self.process_instance_id = process_instance_id
        self.reports = tuple(reports)


class MismatchingMessageCorrelation(InvalidInput):
    """No process definition or execution matches the message."""


class IdempotencyKeyReused(InvalidInput):
    """This Idempotency-Key came with another request before: a new request needs a new key."""


class NotFound(EngineError):
    """There is no such thing, or it may not be known to you."""

    def __init__(self, kind: str, identifier: str, message: str | None = None) -> None:
        super().__init__(message or f"There is no {kind} {identifier}.")
        self.kind = kind
        self.identifier = identifier


class NotAllowed(EngineError):
    """You are not allowed to do this."""


class SignInRefused(NotAllowed):
    """That account opens none here."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"That account opens none here: {reason}.")
        self.reason = reason


class Conflict(EngineError):
    """The state of things does not allow this now."""


class TaskAlreadyClaimed(Conflict):
    """Somebody else has claimed this task."""

    def __init__(self, task_id: str, assignee: str) -> None:
        super().__init__(f"Task {task_id} is already claimed by {assignee}.")
        self.task_id = task_id
        self.assignee = assignee


class OptimisticLocking(Conflict):
    """Somebody else changed this meanwhile: load it again and try once more."""


class RevisionChanged(Conflict):
    """This was changed since you looked at it: load it again, and decide anew."""


class Suspended(Conflict):
    """This is suspended: activate it first."""


class ExecutionFailed(EngineError):
    """The process could not go on; nothing of this command was kept."""

    def __init__(self, message: str, element_id: str | None = None) -> None:
        super().__init__(f"{element_id}: {message}" if element_id else message)
        self.element_id = element_id


class ExpressionFailed(ExecutionFailed):
    """An expression of the model could not be evaluated."""


class BudgetExceeded(ExecutionFailed):
    """The command takes too many steps or opens too many activities: does the process loop without waiting?"""


class TooBusy(EngineError):
    """Many people sign in just now: try again in a moment."""


class DeliveryFailed(EngineError):
    """This could not be delivered."""


class DatabaseUnusable(EngineError):
    """The database cannot be used."""
