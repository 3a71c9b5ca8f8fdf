"""An instance as its people see it: where it stands, what is next, who is waited for, and what happened so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class StepState(StrEnum):
    """Where one activity of a journey stands. `late` is an active task past its due date."""

    DONE = "done"
    ACTIVE = "active"
    LATE = "late"
    LATER = "later"
    CANCELED = "canceled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class JourneySummary:
    """One line of the journeys table. `done` of `total` user tasks, as far as is known today; `waiting_for` are the names
    or departments of the open tasks, the most urgent first; `due_at` is the earliest due date among them."""

    id: str
    definition_id: str
    definition_key: str
    definition_name: str
    subject: str
    anchor_date: date | None
    state: str
    started_at: datetime
    started_by: str | None
    ended_at: datetime | None
    done: int
    total: int
    late: int
    waiting_for: tuple[str, ...]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """One activity that a person does, in the order of the model. `task_id` only where the task is open and visible to the
    actor; `who` is a user id, `department` a group id."""

    activity_id: str
    name: str
    state: StepState
    department: str | None
    who: str | None
    due_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    task_id: str | None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened, newest first: `what` is an operation of the log (`StartInstance`, `Claim`, `Complete`,
    `Comment`, ...), `activity_id` and `activity_name` where it concerns one."""

    occurred_at: datetime
    what: str
    who: str | None
    on_behalf_of: str | None
    activity_id: str | None
    activity_name: str | None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A variable of the instance and where it came from; `label` is that of the form field it was entered in."""

    name: str
    label: str
    value: Any
    type: str
    updated_at: datetime
    updated_by: str | None
    source_activity_id: str | None
    source_name: str | None


@dataclass(frozen=True, slots=True)
class Journey:
    """`marks` maps element ids of the diagram to done, active or late."""

    summary: JourneySummary
    steps: tuple[JourneyStep, ...]
    timeline: tuple[TimelineEntry, ...]
    facts: tuple[Fact, ...]
    marks: dict[str, StepState]


@dataclass(frozen=True, slots=True)
class JourneyQuery:
    """`open` True: not ended; False: ended; None: both. `text` searches subject and business key."""

    started_by: str | None = None
    definition_key: str | None = None
    open: bool | None = None
    late: bool = False
    text: str | None = None
    first_result: int = 0
    max_results: int = 100
