"""People and groups as values, and what can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.people.calendars import OwnCalendar


@dataclass(frozen=True, slots=True)
class User:
    """A person. `user_name` is what a directory calls them, None where that is the id; `manager_id` is a user id."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    language: str | None = None
    user_name: str | None = None
    external_id: str | None = None
    manager_id: str | None = None
    active: bool = True
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def display_name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.id


@dataclass(frozen=True, slots=True)
class Group:
    """`type` is WORKFLOW for a department, SYSTEM for a role. The representative is the member who
    answers for the department, the substitute who stands in for them; `calendar` None: that of the site."""

    id: str
    name: str
    type: str
    name_sv: str | None = None
    representative_id: str | None = None
    substitute_id: str | None = None
    email: str | None = None
    calendar: OwnCalendar | None = None
    external_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UserQuery:
    """`*_like` are SQL patterns; `text` is found in the id and in every name and address; `user_name` in any case."""

    id: str | None = None
    ids: tuple[str, ...] | None = None
    first_name: str | None = None
    first_name_like: str | None = None
    last_name: str | None = None
    last_name_like: str | None = None
    email: str | None = None
    email_like: str | None = None
    member_of_group: str | None = None
    user_name: str | None = None
    external_id: str | None = None
    manager: str | None = None
    active: bool | None = None
    text: str | None = None
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


@dataclass(frozen=True, slots=True)
class GroupQuery:
    id: str | None = None
    ids: tuple[str, ...] | None = None
    name: str | None = None
    name_like: str | None = None
    type: str | None = None
    member: str | None = None
    external_id: str | None = None
    text: str | None = None
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None
