"""What a journey is made of: an instance as its people see it. Values only; `engine.journeys` finds them."""

from __future__ import annotations

from collections.abc import Mapping
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
class WaitingFor:
    """One open task of a journey: the person who holds it, or else the department that should."""

    activity_id: str
    task_name: str
    user_id: str | None
    department: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class JourneySummary:
    """One line of the journeys table. `done` of `total` user tasks, those that can still come included; `waiting_for`
    are the open tasks, the most urgent first; `due_at` is the earliest due date among them."""

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
    waiting_for: tuple[WaitingFor, ...]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """One user task, in the order of the flow; one for each turn of a multi-instance. `names` holds the names
    that the model gives (`en` always). `task_id` only where the task is open and the actor may open it; `who` is a user
    id, `department` a group id."""

    activity_id: str
    names: Mapping[str, str]
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
    `Comment`, ...), `activity_id` and `activity_names` where it concerns one."""

    occurred_at: datetime
    what: str
    who: str | None
    on_behalf_of: str | None
    activity_id: str | None
    activity_names: Mapping[str, str]
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A variable that somebody entered in a form, and in which; `labels` are those of the form field, by language."""

    name: str
    labels: Mapping[str, str]
    value: Any
    type: str
    updated_at: datetime
    updated_by: str | None
    source_activity_id: str | None
    source_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Journey:
    """`marks` maps element ids of the diagram to done, active, late or canceled."""

    summary: JourneySummary
    steps: tuple[JourneyStep, ...]
    timeline: tuple[TimelineEntry, ...]
    facts: tuple[Fact, ...]
    marks: Mapping[str, StepState]


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
