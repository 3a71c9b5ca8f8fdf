"""Who may do what: one rule a function, over what is known of the actor and of what the action is about.

A rule asks no database. Where somebody may not even know of the thing, `engine.policy.visibility` has left it out
before anybody gets here: it answers as if it were not there (404). What is refused here is seen, but not theirs to do
(403).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol

from engine.context import Actor
from engine.errors import NotAllowed
from engine.policy.roles import is_guest, owns, owns_every_flow


class Action(Enum):
    ADMINISTER = auto()
    CHANGE_USER = auto()
    SET_ABSENCE = auto()
    LOOK_ROUND = auto()
    DRAW = auto()
    DEPLOY = auto()
    DEPLOY_ANYTHING = auto()
    READ_MODEL = auto()
    START = auto()
    OPERATE = auto()
    OPERATE_EVERYTHING = auto()
    END = auto()
    VIEW_AS = auto()
    CLAIM_FOR_OTHERS = auto()
    HANDLE_TASK = auto()
    INVITE = auto()
    TAKE = auto()
    READ_LOG = auto()


_DRAWING = "Only process owners may draw and publish flows: ask an administrator."
_OPERATING = "Only an administrator or a process owner may {}."
#: What is said where it is refused; `{}` is what was to be done.
_REFUSALS: Mapping[Action, str] = {
    Action.ADMINISTER: "Only an administrator may {}.",
    Action.CHANGE_USER: "Only an administrator may change people and departments.",
    Action.SET_ABSENCE: "Your own absence you set yourself, others' only as their manager or as an administrator.",
    Action.LOOK_ROUND: "Guests see their journey and their tasks, and nothing of the house.",
    Action.DRAW: _DRAWING,
    Action.DEPLOY: _DRAWING,
    Action.DEPLOY_ANYTHING: "Only who owns every flow may {}: ask an administrator.",
    Action.READ_MODEL: _DRAWING,
    Action.START: "This is started by others: by {}.",
    Action.OPERATE: _OPERATING,
    Action.OPERATE_EVERYTHING: _OPERATING,
    Action.END: "Only who started this, a process owner or an administrator may end it.",
    Action.VIEW_AS: "Only process owners see a journey as others see it.",
    Action.CLAIM_FOR_OTHERS: "Only an administrator may claim a task for somebody else.",
    Action.HANDLE_TASK: "Only who holds a task, or an administrator, may {}.",
    Action.INVITE: "Only who started this journey, the owner of its flow or who the flow names may invite.",
    Action.TAKE: "Separation of duties: {} may not do it. Somebody else has to.",
    Action.READ_LOG: "Only administrators and owners of flows read the log.",
}


@dataclass(frozen=True, slots=True)
class Starters:
    """Who may start a flow, as its model names them: nobody named is everybody."""

    key: str
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return ", ".join(sorted(self.users | self.groups)) or "nobody"


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """`keys`: the flow of the instance and that of its journey; `inviting`: the departments that may invite a guest."""

    keys: frozenset[str] = field(default_factory=frozenset)
    started_by: str | None = None
    inviting: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Duty:
    """`excluded` is whom a task is not for; `people` who would do it, and in whose place."""

    excluded: str
    people: frozenset[str]


class Person(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def manager_id(self) -> str | None: ...


class HeldTask(Protocol):
    @property
    def assignee(self) -> str | None: ...


Rule = Callable[[Actor, Any], bool]
_RULES: dict[Action, Rule] = {}


def can(actor: Actor, action: Action, about: object = None) -> bool:
    """Whether the actor may; what `about` has to be stands with each rule."""
    return _RULES[action](actor, about)


def require(actor: Actor, action: Action, about: object = None, what: str = "") -> None:
    """NotAllowed unless the actor may. `what` completes the refusal."""
    if not can(actor, action, about):
        raise NotAllowed(_REFUSALS[action].format(what))


def _for(*actions: Action) -> Callable[[Rule], Rule]:
    def keep(rule: Rule) -> Rule:
        for action in actions:
            _RULES[action] = rule
        return rule

    return keep


# ---------------------------------------------------------------- people and the server


@_for(Action.ADMINISTER, Action.CLAIM_FOR_OTHERS)
def _administrators(actor: Actor, _: None) -> bool:
    """Accounts, roles, departments, the clock, jobs run by hand, tasks given to others."""
    return actor.administrator


@_for(Action.CHANGE_USER)
def _themselves(actor: Actor, user_id: str) -> bool:
    return actor.administrator or actor.user_id == user_id


@_for(Action.SET_ABSENCE)
def _themselves_and_their_manager(actor: Actor, person: Person) -> bool:
    known = actor.user_id is not None and not is_guest(actor)
    return actor.administrator or (known and actor.user_id in (person.id, person.manager_id))


@_for(Action.LOOK_ROUND)
def _colleagues(actor: Actor, _: None) -> bool:
    """Colleagues, departments, the catalogue."""
    return actor.administrator or (actor.user_id is not None and not is_guest(actor))


# ---------------------------------------------------------------- flows


@_for(Action.DRAW, Action.READ_LOG)
def _owners_of_anything(actor: Actor, _: None) -> bool:
    """The rooms where flows are looked after; what is in them is each owner's own."""
    return owns_every_flow(actor) or bool(actor.flows)


@_for(Action.DEPLOY, Action.READ_MODEL)
def _owners_of_the_flow(actor: Actor, key: str) -> bool:
    """The flow of this key; one that is not there yet belongs to those who own every flow, or to whom it was given
    before it came to be."""
    return owns(actor, key)


@_for(Action.DEPLOY_ANYTHING, Action.OPERATE_EVERYTHING)
def _owners_of_every_flow(actor: Actor, _: None) -> bool:
    return owns_every_flow(actor)


@_for(Action.START)
def _starters(actor: Actor, starters: Starters) -> bool:
    if is_guest(actor):
        return False
    if owns(actor, starters.key) or not (starters.users or starters.groups):
        return True
    return actor.user_id in starters.users or not actor.groups.isdisjoint(starters.groups)


# ---------------------------------------------------------------- journeys


@_for(Action.OPERATE, Action.VIEW_AS)
def _owners_of_the_journey(actor: Actor, facts: InstanceFacts) -> bool:
    """Changes it past its tasks and forms: what it holds decides what other people are asked to do."""
    return owns_every_flow(actor) or not actor.flows.isdisjoint(facts.keys)


@_for(Action.END)
def _starter_and_owners(actor: Actor, facts: InstanceFacts) -> bool:
    began = actor.user_id is not None and facts.started_by == actor.user_id
    return began or _owners_of_the_journey(actor, facts)


@_for(Action.INVITE)
def _starter_owners_and_whom_the_flow_names(actor: Actor, facts: InstanceFacts) -> bool:
    return _starter_and_owners(actor, facts) or not actor.groups.isdisjoint(facts.inviting)


# ---------------------------------------------------------------- tasks


@_for(Action.HANDLE_TASK)
def _holders(actor: Actor, held: HeldTask) -> bool:
    """Handing it on or back; one that nobody holds, anybody who could take it."""
    return actor.administrator or held.assignee in (None, actor.user_id)


@_for(Action.TAKE)
def _others(_: Actor, duty: Duty) -> bool:
    """For everybody alike, administrators too, and for whom they hand it to."""
    return duty.excluded not in duty.people
