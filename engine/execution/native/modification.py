"""Modification of a running instance: tokens are started where somebody says, and cancelled where somebody says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn import (
    BoundaryEvent,
    CompensationDefinition,
    EventSubProcess,
    FlowNode,
    Scope,
    SequenceFlow,
    StartEvent,
)
from engine.errors import InvalidInput
from engine.execution.native.behaviours.loops import add_turn, begin_body, cancelled_turn
from engine.execution.native.reach import scope_path
from engine.execution.native.run import Run
from engine.execution.native.state import BODY, ITERATION, ROOT, SHELLS, Activity

Instruction = Mapping[str, Any]

BODY_SUFFIX = "#multiInstanceBody"


def modify(run: Run, instruction: Instruction) -> None:
    """Carries out one instruction; its steps are still to run. InvalidInput for one that cannot be."""
    kind = instruction.get("type")
    if kind == "cancel":
        _cancel(run, instruction)
    elif kind == "startBeforeActivity":
        _start_before(run, instruction)
    elif kind in ("startAfterActivity", "startTransition"):
        flow = _flow_after(run, instruction) if kind == "startAfterActivity" else _flow(run, instruction)
        around = _scope_for(run, run.model.nodes[flow.target], instruction)
        _set(run, around, instruction)
        run.take(flow, around)
    else:
        raise InvalidInput(
            f"{kind!r} is no instruction: use cancel, startBeforeActivity, startAfterActivity or startTransition."
        )


# ---------------------------------------------------------------- cancelling


def _cancel(run: Run, instruction: Instruction) -> None:
    number = instruction.get("activityInstanceNumber")
    if number is not None:
        if number not in run.activities:
            raise InvalidInput(f"Cannot cancel: activity instance {number} is not there.")
        found = [run.activities[number]]
    else:
        activity_id = str(instruction.get("activityId"))
        node = _element(run, activity_id)
        bodies = activity_id.endswith(BODY_SUFFIX)
        found = [each for each in run.standing_at(node.id) if (each.role in SHELLS) is bodies]
    for each in found:
        if each.number == ROOT:
            run.cancel(run.children(each))
        elif run.alive(each):
            cancel_upwards(run, each)


def cancel_upwards(run: Run, activity: Activity) -> None:
    """Cancels; a scope that this leaves empty goes too, and a throwing event whose last handler it was, but not the
    instance: a later instruction may fill it."""
    while True:
        around = run.parent(activity)
        thrower = None if activity.undoes is None else run.activities.get(activity.undoes)
        run.cancel([activity])
        if thrower is not None and not run.undoing_for(thrower):
            activity = thrower
            continue
        if around.role == BODY and activity.role == ITERATION:
            cancelled_turn(run, around)
        if around.number == ROOT or run.has_children(around):
            return
        activity = around


# ---------------------------------------------------------------- starting


def _start_before(run: Run, instruction: Instruction) -> None:
    activity_id = str(instruction.get("activityId"))
    node = _element(run, activity_id)
    if isinstance(node, BoundaryEvent) and isinstance(node.definition, CompensationDefinition):
        raise InvalidInput(f"{node.id} is a compensation boundary event: nothing can be started there.")
    inner = run.multi_instance(node) is not None and not activity_id.endswith(BODY_SUFFIX)
    ancestor = _ancestor(run, instruction)
    if inner and ancestor.role == BODY and ancestor.element == node.id:
        _set(run, ancestor, instruction, local=add_turn(run, ancestor, node))
        return
    around = _scope_for(run, node, instruction)
    if isinstance(node, BoundaryEvent) and node.interrupting:
        run.cancel(_host(run, node, around))
    elif isinstance(node, EventSubProcess) and _interrupts(run, node):
        run.interrupt(around)
    if inner:
        bodies = [each for each in run.children(around) if each.element == node.id and each.role == BODY]
        body = _only(bodies, node) or begin_body(run, node, around)
        placed = add_turn(run, body, node)
    else:
        placed = run.arrive(node, around)
    _set(run, around, instruction, local=placed)


def _host(run: Run, event: BoundaryEvent, around: Activity) -> list[Activity]:
    """What an interrupting boundary event interrupts; nothing, if its activity is not there."""
    hosts = [each for each in run.children(around) if each.element == event.attached_to]
    host = _only(hosts, event)
    return [] if host is None else [host]


def _interrupts(run: Run, subprocess: EventSubProcess) -> bool:
    starts = [run.model.nodes[each] for each in subprocess.start_events]
    return any(isinstance(each, StartEvent) and each.interrupting for each in starts)


def _event_starts(scope: Scope) -> tuple[str, ...]:
    return scope.start_events if isinstance(scope, EventSubProcess) else ()


def _only(found: list[Activity], node: FlowNode) -> Activity | None:
    if len(found) > 1:
        raise InvalidInput(f"{node.id} runs {len(found)} times: say in which with ancestorActivityInstanceId.")
    return found[0] if found else None


def _flow(run: Run, instruction: Instruction) -> SequenceFlow:
    flow = run.model.flows.get(str(instruction.get("transitionId")))
    if flow is None:
        raise InvalidInput(f"There is no sequence flow {instruction.get('transitionId')} in {run.model.key}.")
    return flow


def _flow_after(run: Run, instruction: Instruction) -> SequenceFlow:
    node = _element(run, str(instruction.get("activityId")))
    if len(node.outgoing) != 1:
        raise InvalidInput(
            f"{node.id} has {len(node.outgoing)} outgoing flows: say with startTransition which one to take."
        )
    return node.outgoing[0]


def _element(run: Run, activity_id: str) -> FlowNode:
    node = run.model.nodes.get(activity_id.removesuffix(BODY_SUFFIX))
    if node is None or (activity_id.endswith(BODY_SUFFIX) and run.multi_instance(node) is None):
        raise InvalidInput(f"There is no activity {activity_id} in {run.model.key}.")
    return node


def _set(run: Run, around: Activity, instruction: Instruction, *, local: Activity | None = None) -> None:
    """Variables of the instruction: `{name: {"value": ..., "local": bool}}`."""
    for name, given in (instruction.get("variables") or {}).items():
        if given.get("local"):
            run.set_local(local or around, name, given.get("value"))
        else:
            run.set_variable(around, name, given.get("value"))


# ---------------------------------------------------------------- scopes on the way


def _ancestor(run: Run, instruction: Instruction) -> Activity:
    number = instruction.get("ancestorActivityInstanceNumber")
    found = run.root if number is None else run.activities.get(number)
    if found is None:
        raise InvalidInput(f"There is no activity instance {number} to start in.")
    return found


def _scope_for(run: Run, node: FlowNode, instruction: Instruction) -> Activity:
    """The activity of the scope that the node lies in; scopes that are not there are opened on the way."""
    around = _ancestor(run, instruction)
    path = scope_path(run.model, node.id)
    if around.element not in path:
        raise InvalidInput(f"{node.id} does not lie inside {around.element}.")
    if around.role == BODY:
        around = _opened(run, add_turn(run, around, run.node(around), begin=False))
    for scope_id in path[path.index(around.element) + 1 :]:
        around = _open_scope(run, run.model.scope(scope_id), around, node)
    return around


def _open_scope(run: Run, scope: Scope, around: Activity, wanted: FlowNode) -> Activity:
    """An event subprocess interrupts only where its start event is what is wanted inside it."""
    found = [
        each
        for each in run.standing_at(scope.id)
        if each.role not in SHELLS and each is not around and around in run.lineage(each)
    ]
    there = _only(found, scope)
    if there is not None:
        return there
    if isinstance(wanted, StartEvent) and wanted.interrupting and wanted.id in _event_starts(scope):
        run.interrupt(around)
    if run.multi_instance(scope) is not None:
        body = begin_body(run, scope, around)
        return _opened(run, add_turn(run, body, scope, begin=False))
    return _opened(run, run.place(scope, around))


def _opened(run: Run, scope: Activity) -> Activity:
    run.begin_empty(scope)
    return scope
