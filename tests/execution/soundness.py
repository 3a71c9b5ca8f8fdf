"""What must hold of every stored instance, whatever was done to it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import ReceiveTask, Scope
from engine.execution.native.state import ARRIVED, JOINING, ROOT, SHELLS, Activity, InstanceState, dump, load
from tests.execution.world import MemoryEngine, Stored


def unsound(engine: MemoryEngine) -> list[str]:
    """Each thing wrong with any instance, in words; an empty list if all is well."""
    return [
        f"{instance_id}: {problem}"
        for instance_id, stored in engine.instances.items()
        for problem in _problems(engine, stored)
    ]


def _problems(engine: MemoryEngine, stored: Stored) -> Iterator[str]:
    state = load(stored.state)
    alive = {each.number: each for each in state.activities}
    if ROOT not in alive:
        yield "has no root"
    if len(alive) != len(state.activities):
        yield "has a number twice"
    parents = {each.parent for each in state.activities}
    for each in state.activities:
        yield from _problems_of(engine, stored, state, alive, parents, each)
    for thing in (*state.subscriptions, *state.jobs, *state.incidents):
        if thing.owner not in alive:
            yield f"{thing} belongs to nobody"
    records = {each.number for each in state.compensations}
    for record in state.compensations:
        if record.owner not in alive and record.owner not in records:
            yield f"{record} belongs to nobody"
    if dump(load(dump(state))) != stored.state:
        yield "does not survive being saved and loaded"
    if {each.number for each in state.subscriptions} | {each.subscription for each in state.compensations} != set(
        stored.subscriptions
    ):
        yield f"its subscriptions are not those told of: {sorted(stored.subscriptions)}"
    if {each.number for each in state.jobs} != set(stored.jobs):
        yield f"its jobs are not those told of: {sorted(stored.jobs)}"
    if not set(stored.tasks) | set(stored.externals) <= set(alive):
        yield "a task is told of that is not there"


def _problems_of(
    engine: MemoryEngine,
    stored: Stored,
    state: InstanceState,
    alive: dict[int, Activity],
    parents: set[int],
    activity: Activity,
) -> Iterator[str]:
    model = engine.models[stored.definition_id]
    node, number = model.nodes[activity.element], activity.number
    if number != ROOT and activity.parent not in alive:
        yield f"{node.id} has no parent"
    around = isinstance(node, Scope) or activity.role in SHELLS
    compensating = any(each.undoes == number for each in state.activities)
    if around and not activity.phase and number not in parents:
        yield f"{node.id} has nothing inside"
    if not around and number in parents:
        yield f"{node.id} has something inside"
    if activity.undoes is not None and activity.undoes not in alive:
        yield f"{node.id} compensates for somebody who is gone"
    if activity.phase == ARRIVED:
        yield f"{node.id} was never begun"
    if activity.called is not None and activity.called not in engine.instances:
        yield f"{node.id} called {activity.called}, which is gone"
    waits = (
        around
        or compensating
        or activity.phase
        or activity.called
        or number in stored.tasks
        or number in stored.externals
        or any(each.owner == number for each in (*state.subscriptions, *state.jobs))
        or isinstance(node, ReceiveTask)
    )
    if not waits:
        yield f"{node.id} waits for nothing"
    if activity.phase == JOINING and len(node.incoming) < 2:
        yield f"{node.id} joins what cannot come"
