"""A journey as its guest sees it: their own tasks, how far each department is, what the flow shows them, and whom to
ask. What others do in it stays with them: neither the names of their tasks nor what was entered there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bpmn import ProcessModel
from engine.context import SYSTEM, CommandContext
from engine.guests import flows
from engine.guests.known import root_values
from engine.journey_values import Fact, JourneyStep, JourneySummary, StepState
from engine.journeys import get_journey
from engine.people.users import find_users
from engine.people.values import User, UserQuery
from engine.policy import require_guest
from engine.repository_models import model_of


@dataclass(frozen=True, slots=True)
class Preparation:
    """How far one department is: `done` of `total` of its tasks."""

    department: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class GuestJourney:
    """`mine` are the guest's own tasks, in the order of the flow; `contact` whom they may turn to."""

    summary: JourneySummary
    model: ProcessModel
    mine: tuple[JourneyStep, ...]
    preparing: tuple[Preparation, ...]
    facts: tuple[Fact, ...]
    contact: User | None


def guest_journey(context: CommandContext) -> GuestJourney:
    """Of the guest who asks. NotAllowed for anybody else."""
    journey_id = require_guest(context)
    found = get_journey(context, journey_id)
    model = model_of(context, found.summary.definition_id)
    needed = [each for each in found.steps if each.state not in (StepState.SKIPPED, StepState.CANCELED)]
    mine = [each for each in needed if _is_theirs(context, model, each)]
    shown = flows.shown_variables(model)
    return GuestJourney(
        summary=found.summary,
        model=model,
        mine=tuple(mine),
        preparing=tuple(_preparations(each for each in needed if each not in mine)),
        facts=tuple(fact for fact in found.facts if fact.name in shown),
        contact=_contact(context, model, found.summary),
    )


def _is_theirs(context: CommandContext, model: ProcessModel, step: JourneyStep) -> bool:
    if step.state is StepState.LATER:
        return flows.is_for_the_guest(model, step.activity_id)
    return step.who == context.actor.user_id


def _preparations(steps: Iterable[JourneyStep]) -> list[Preparation]:
    counts: dict[str, list[int]] = {}
    for each in steps:
        if each.department is not None:
            count = counts.setdefault(each.department, [0, 0])
            count[0] += each.state is StepState.DONE
            count[1] += 1
    return [Preparation(department, done, total) for department, (done, total) in counts.items()]


def _contact(context: CommandContext, model: ProcessModel, summary: JourneySummary) -> User | None:
    """Whom the flow names, or else who started; nobody who is gone."""
    name = flows.contact_variable(model)
    named = root_values(context, summary.id, [name]).get(name) if name else None
    for user_id in (named, summary.started_by):
        if isinstance(user_id, str) and user_id:
            # A guest knows nobody of the house but whom they may ask.
            found = find_users(replace(context, actor=SYSTEM), UserQuery(id=user_id, active=True))
            if found:
                return found[0]
    return None
