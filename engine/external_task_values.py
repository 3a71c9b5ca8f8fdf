"""External tasks as values: one of them, what a worker wants, what is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.variable_filters import VariableFilter


@dataclass(frozen=True, slots=True)
class ExternalTask:
    """One piece of work that waits for a worker, or is locked by one. `variables` only as fetched."""

    id: str
    number: int
    process_instance_id: str
    definition_id: str
    definition_key: str
    activity_id: str
    topic: str
    priority: int
    created_at: datetime
    worker_id: str | None
    lock_expires_at: datetime | None
    retries: int | None
    error_message: str | None
    error_details: str | None
    suspended: bool
    business_key: str | None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a worker wants of one topic. `variables` None: all it sees."""

    name: str
    lock_ms: int
    variables: tuple[str, ...] | None = None
    local_variables: bool = False
    business_key: str | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    definition_ids: tuple[str, ...] | None = None
    definition_keys: tuple[str, ...] | None = None
    version_tag: str | None = None
    process_variables: tuple[VariableFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class ExternalTaskQuery:
    id: str | None = None
    ids: tuple[str, ...] | None = None
    topic: str | None = None
    worker_id: str | None = None
    locked: bool = False
    not_locked: bool = False
    with_retries_left: bool = False
    no_retries_left: bool = False
    activity_id: str | None = None
    activity_ids: tuple[str, ...] | None = None
    process_instance_id: str | None = None
    process_instance_ids: tuple[str, ...] | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    lowest_priority: int | None = None
    highest_priority: int | None = None
    active: bool = False
    suspended: bool = False
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None
