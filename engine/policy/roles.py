"""The roles, and what an actor is by them. Nothing outside this room asks an actor for a role."""

from __future__ import annotations

from engine.context import Actor

#: Members are administrators (the name is Camunda's).
ADMINISTRATORS = "camunda-admin"
#: Owns every flow; who owns some only has them in `Actor.flows`.
PROCESS_OWNERS = "process-owner"
#: Answers for services of more than one department: sees what they have to do with, operates nothing.
HEADS_OF_SERVICE = "head-of-service"
#: Comes in by a link that was sent to them, never by a password.
GUESTS = "guest"


def owns_every_flow(actor: Actor) -> bool:
    return actor.administrator or PROCESS_OWNERS in actor.groups


def owns(actor: Actor, key: str | None) -> bool:
    """The flow of this key; None is a flow of nobody."""
    return owns_every_flow(actor) or key in actor.flows


def is_guest(actor: Actor) -> bool:
    """Knows one journey, and of the house nothing."""
    return actor.only_journey is not None or (GUESTS in actor.groups and not actor.administrator)


def belongs_to(actor: Actor, group: str | None) -> bool:
    """By themselves, not in somebody's place."""
    return group in actor.groups


def groups_of(actor: Actor) -> list[str]:
    return sorted(actor.groups)


def own_departments(actor: Actor) -> list[str]:
    """Their own departments, without roles."""
    return sorted(actor.groups - {ADMINISTRATORS, PROCESS_OWNERS, HEADS_OF_SERVICE, GUESTS})


def departments_seen(actor: Actor) -> list[str]:
    """Whose work is open to the actor: their own departments', and those of the people they stand in for."""
    return sorted(actor.groups | actor.departments_of_absent)
