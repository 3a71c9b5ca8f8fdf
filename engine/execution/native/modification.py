"""Modification of a running instance: tokens are started where somebody says, and cancelled where somebody says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpmn import BoundaryEvent, FlowNode, Scope, SequenceFlow, StartEvent
from engine.errors import InvalidInput
from engine.execution.native.reach import scope_path
from engine.execution.native.run import Run
from engine.execution.native.state import BODY, ITERATION, ROOT, Activity

Instruction = Mapping[str, Any]


def modify(run: Run, instructions: Sequence[Instruction]) -> None:
    """Carries out the instructions in order. InvalidInput for one that cannot be: nothing is kept then."""
    for instruction in instructions:
        kind = instruction.get("type")
        if kind == "cancel":
            _cancel(run, instruction)
        elif kind in ("startBeforeActivity", "startAfterActivity", "startTransition"):
            _start(run, str(kind), instruction)
        else:
            raise InvalidInput(
                f"{kind!r} is no instruction: use cancel, startBeforeActivity, startAfterActivity or startTransition."
            )


# ---------------------------------------------------------------- cancelling


def _cancel(run: Run, instruction: Instruction) -> None:
    number = instruction.get("activityInstanceNumber")
    if number is not None:
        found = [run.activities[number]] if number in run.activities else []
    else:
        element = _element(run, instruction.get("activityId")).id
        found = [each for each in run.standing_at(element) if each.role != ITERATION]
    if not found and number is not None:
        raise InvalidInput(f"Cannot cancel: activity instance {number} is not there.")
    for each in found:
        if run.alive(each) and each.number != ROOT:
            _cancel_upwards(run, each)


def _cancel_upwards(run: Run, activity: Activity) -> None:
    """A scope that this leaves empty goes too, but not the instance: a later instruction may fill it."""
    around = run.parent(activity)
    run.cancel([activity])
    if around.role == BODY and around.loop is not None and activity.role == ITERATION:
        around.loop.total -= 1
    while around.number != ROOT and not run.has_children(around):
        around, empty = run.parent(around), around
        run.cancel([empty])


# ---------------------------------------------------------------- starting


def _start(run: Run, kind: str, instruction: Instruction) -> None:
    if kind == "startTransition":
        flow = run.model.flows.get(str(instruction.get("transitionId")))
        if flow is None:
            raise InvalidInput(f"There is no sequence flow {instruction.get('transitionId')}.")
        around = _scope_for(run, run.model.nodes[flow.source], instruction)
        _set(run, around, instruction)
        run.take(flow, around)
        return
    node = _element(run, instruction.get("activityId"))
    if kind == "startAfterActivity":
        flow = _only_flow(node)
        around = _scope_for(run, node, instruction)
        _set(run, around, instruction)
        run.take(flow, around)
        return
    if isinstance(node, BoundaryEvent):
        _refuse_compensation(node)
    around = _scope_for(run, node, instruction)
    if isinstance(node, BoundaryEvent) and node.interrupting:
        run.cancel([each for each in run.children(around) if each.element == node.attached_to])
    if isinstance(node, StartEvent) and node.definition is not None and node.interrupting:
        _interrupt_around(run, around)
    placed = run.arrive(node, around)
    _set(run, around, instruction, local=placed)


def _refuse_compensation(node: BoundaryEvent) -> None:
    if node.definition is not None and node.definition.kind.value == "compensate":
        raise InvalidInput(f"{node.id} is a compensation boundary event: nothing can be started there.")


def _interrupt_around(run: Run, subprocess: Activity) -> None:
    """The event subprocess that this start event opens interrupts the scope it belongs to."""
    around = run.activities.get(subprocess.parent)
    if around is not None:
        run.cancel([each for each in run.children(around) if each is not subprocess])


def _only_flow(node: FlowNode) -> SequenceFlow:
    if len(node.outgoing) != 1:
        raise InvalidInput(
            f"{node.id} has {len(node.outgoing)} outgoing flows: say with startTransition which one to take."
        )
    return node.outgoing[0]


def _element(run: Run, element_id: Any) -> FlowNode:
    node = run.model.nodes.get(str(element_id).removesuffix("#multiInstanceBody"))
    if node is None:
        raise InvalidInput(f"There is no activity {element_id} in {run.model.key}.")
    return node


def _set(run: Run, around: Activity, instruction: Instruction, *, local: Activity | None = None) -> None:
    """Variables of the instruction: `{name: {"value": ..., "local": bool}}`."""
    for name, given in (instruction.get("variables") or {}).items():
        if given.get("local") and local is not None:
            run.set_local(local, name, given.get("value"))
        elif given.get("local"):
            run.set_local(around, name, given.get("value"))
        else:
            run.set_variable(around, name, given.get("value"))


def _scope_for(run: Run, node: FlowNode, instruction: Instruction) -> Activity:
    """The activity of the scope that the node lies in; scopes that are not there are opened on the way."""
    ancestor = instruction.get("ancestorActivityInstanceNumber")
    around = run.root if ancestor is None else run.activities.get(ancestor)
    if around is None:
        raise InvalidInput(f"There is no activity instance {ancestor} to start in.")
    path = scope_path(run.model, node.id)
    if around.element not in path:
        raise InvalidInput(f"{node.id} does not lie inside {around.element}.")
    for scope_id in path[path.index(around.element) + 1 :]:
        around = _open_scope(run, run.model.scope(scope_id), around)
    return around


def _open_scope(run: Run, scope: Scope, around: Activity) -> Activity:
    found = [
        each
        for each in run.standing_at(scope.id)
        if each.role != BODY and around in run.lineage(each) and each is not around
    ]
    if len(found) > 1:
        raise InvalidInput(f"{scope.id} runs {len(found)} times: say in which with ancestorActivityInstanceId.")
    if found:
        return found[0]
    opened = run.place(scope, around)
    run.begin_empty(opened)
    return opened
