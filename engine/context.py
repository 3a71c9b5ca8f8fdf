"""What one command works with. The engine makes it, every verb takes it first, nothing outlives the transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who is absent, and the departments (no roles) in which another acts in their place."""

    user_id: str
    departments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with their departments and roles, or the engine itself (`user_id` None, `system` true).
    `flows` are the keys of the flows they own by name, `stands_in_for` those in whose place they act today;
    `only_journey` makes a guest of them: who knows that one journey and nothing else. `viewer` is who looks through
    these eyes (`engine.viewing`): nothing that is confidential is shown that either may not know, and nothing done."""

    user_id: str | None
    groups: frozenset[str] = field(default_factory=frozenset)
    administrator: bool = False
    system: bool = False
    flows: frozenset[str] = field(default_factory=frozenset)
    stands_in_for: tuple[StandIn, ...] = ()
    only_journey: str | None = None
    viewer: Actor | None = None

    @property
    def eyes(self) -> tuple[Actor, ...]:
        """Everybody who may have to know what is shown."""
        return (self,) if self.viewer is None else (self, *self.viewer.eyes)

    @property
    def absent(self) -> tuple[str, ...]:
        """The ids of those they stand in for."""
        return tuple(each.user_id for each in self.stands_in_for)

    @property
    def departments_of_absent(self) -> frozenset[str]:
        return frozenset[str]().union(*(each.departments for each in self.stands_in_for))


SYSTEM = Actor(user_id=None, administrator=True, system=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a command comes. `door` is page, rest, api, scim or cli, or engine for what it does by itself;
    `address` that of the client as the server knows it, `token_id` the API token that was shown, `request_id` what
    joins the lines of one request in the logs."""

    door: str = "engine"
    address: str | None = None
    token_id: str | None = None
    request_id: str | None = None


INSIDE = Origin()


@dataclass(frozen=True, slots=True)
class WakeUp:
    """A job wants to be run at a moment; the higher the priority, the sooner among those that are due."""

    job_id: str
    due_at: datetime
    priority: int


@dataclass(frozen=True, slots=True)
class CommandContext:
    """One transaction of one actor. `now` is read once, aware, UTC: everything a command writes happened at that
    moment. What `after_commit` holds is called once the transaction is durable, and never if it is rolled back."""

    engine: ProcessEngine
    connection: Connection
    actor: Actor
    now: datetime
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    wake_ups: list[WakeUp] = field(default_factory=list)
    origin: Origin = INSIDE

    def forget_names(self) -> None:
        """Whoever writes the row of a person or a department says so here: what is remembered of them is read anew once
        this command is durable."""
        self.after_commit.append(lambda: self.engine.everybody.forget())

    def wake(self, job_id: str, due_at: datetime | None, priority: int) -> None:
        """Whoever writes the row of a job, makes it due at another moment or gives it another priority says so here;
        `due_at` None: at once. The waker hears of it with the commit, or not at all."""
        self.wake_ups.append(WakeUp(job_id, due_at or self.now, priority))
