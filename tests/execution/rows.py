"""What the engine without a database keeps of jobs, external tasks, instances and start events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.execution.protocol import Caller, IncidentOpened, SubscriptionOpened, TaskOpened


@dataclass
class JobRow:
    instance_id: str | None
    number: int
    activity: int
    element_id: str
    due: datetime | None
    retries: int = 3
    definition_id: str = ""
    cycle: str | None = None
    repeats: int | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    business_key: str | None = None


@dataclass
class ExternalRow:
    instance_id: str
    number: int
    element_id: str
    topic: str
    worker: str | None = None
    locked_until: datetime | None = None
    retries: int | None = None
    error: str | None = None


@dataclass
class Stored:
    definition_id: str
    state: bytes
    business_key: str | None
    caller: Caller | None
    tasks: dict[int, TaskOpened] = field(default_factory=dict)
    externals: dict[int, ExternalRow] = field(default_factory=dict)
    jobs: dict[int, JobRow] = field(default_factory=dict)
    subscriptions: dict[int, SubscriptionOpened] = field(default_factory=dict)
    incidents: dict[int, IncidentOpened] = field(default_factory=dict)


@dataclass
class StartSubscription:
    definition_id: str
    element_id: str
    event_type: str
    event_name: str | None
