"""What is wrong with a migration plan, told by instruction; all of it, before anything moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bpmn import (
    Activity,
    AdHocSubProcess,
    BoundaryEvent,
    CallActivity,
    EventBasedGateway,
    EventKind,
    FlowNode,
    InclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
    ProcessModel,
    ReceiveTask,
    Scope,
    UserTask,
    is_external,
)
from engine.execution.migration_plan import (
    BODY_SUFFIX,
    TRIGGERS,
    MigrationInstruction,
    MigrationPlan,
    Place,
    around,
    candidates,
    definition_of,
    event_scope,
    is_attached,
    place_of,
    updating,
)


@dataclass(frozen=True, slots=True)
class InstructionReport:
    instruction: MigrationInstruction
    failures: tuple[str, ...]


def generate(
    source: ProcessModel, target: ProcessModel, source_id: str, target_id: str, *, update_event_triggers: bool = False
) -> MigrationPlan:
    """Maps everything of equal id, place and kind; the rest is left out, so that the plan is a good one."""
    instructions = _inside_mapped_scopes(source, list(candidates(source, target)))
    while True:
        plan = MigrationPlan(source_id, target_id, instructions)
        wrong = {report.instruction for report in plan_reports(source, target, plan)}
        if not wrong:
            break
        instructions = _inside_mapped_scopes(source, [each for each in instructions if each not in wrong])
    if update_event_triggers:
        plan = MigrationPlan(source_id, target_id, updating(instructions, target))
    return plan


def _inside_mapped_scopes(
    source: ProcessModel, instructions: list[MigrationInstruction]
) -> tuple[MigrationInstruction, ...]:
    """Without what lies in a scope that is not mapped; scopes come before what is in them."""
    found: dict[str, MigrationInstruction] = {}
    for each in instructions:
        place = place_of(source, each.source)
        if place is None or each.source is None:
            continue
        scope = source.nodes[place.node.scope or ""]
        if scope.scope is None or scope.id in found or is_attached(source, place.node):
            found[each.source] = each
    return tuple(found.values())


def plan_reports(source: ProcessModel, target: ProcessModel, plan: MigrationPlan) -> list[InstructionReport]:
    """One for each instruction that cannot be followed, in their order."""
    found = []
    for instruction in plan.instructions:
        failures = tuple(_failures(source, target, plan, instruction))
        if failures:
            found.append(InstructionReport(instruction, failures))
    return found


def _failures(
    source: ProcessModel, target: ProcessModel, plan: MigrationPlan, instruction: MigrationInstruction
) -> Iterator[str]:
    here, there = place_of(source, instruction.source), place_of(target, instruction.target)
    for which, key, place in (("Source", instruction.source, here), ("Target", instruction.target, there)):
        if key is None:
            yield f"{which} activity id is null"
        elif place is None:
            yield f"{which} activity '{key}' does not exist"
    if here is None or there is None:
        return
    move = Move(source, target, plan, instruction, here, there)
    for rule in RULES:
        yield from rule(move)


@dataclass(frozen=True, slots=True)
class Move:
    """One instruction whose activities are there."""

    source: ProcessModel
    target: ProcessModel
    plan: MigrationPlan
    instruction: MigrationInstruction
    here: Place
    there: Place


# ---------------------------------------------------------------- the rules


def mapped_once(move: Move) -> Iterator[str]:
    same = [each for each in move.plan.instructions if each.source == move.instruction.source]
    if len(same) > 1:
        yield f"There are multiple mappings for source activity id '{move.instruction.source}'"


def kind_that_moves(move: Move) -> Iterator[str]:
    """Only where a token can rest: in what waits, or before or after what is asynchronous."""
    node = move.here.node
    event = is_attached(move.source, node) or isinstance(node, BoundaryEvent)
    if not move.here.body and not rests(node) and not event and not asynchronous(node):
        yield f"No instance rests in a {node.type}: such an activity cannot be mapped"


def same_kind(move: Move) -> Iterator[str]:
    one, other = kind(move.here), kind(move.there)
    if one != other:
        yield f"Activities have incompatible types ({one} is not compatible with {other})"


def same_event(move: Move) -> Iterator[str]:
    if move.here.body or move.there.body:
        return
    one, other = event_kind(move.here.node), event_kind(move.there.node)
    if one != other and kind(move.here) == kind(move.there):
        yield f"Events are not of the same type ({one} != {other})"


def same_event_scope(move: Move) -> Iterator[str]:
    """What listens stays with what it listens for."""
    if not is_attached(move.source, move.here.node) or not is_attached(move.target, move.there.node):
        return
    one, other = event_scope(move.source, move.here.node), event_scope(move.target, move.there.node)
    mapped = None if one is None else move.plan.target_of(one)
    if mapped != other or (one is not None and mapped is None):
        yield (
            f"The source activity's event scope ({one or move.source.key}) must be mapped to the target activity's "
            f"event scope ({other or move.target.key})"
        )


def inside_what_is_around(move: Move) -> Iterator[str]:
    """Scopes may be put in between, or taken out, but nothing moves out of what moves with it."""
    if is_attached(move.source, move.here.node):
        return
    enclosing = list(around(move.target, move.there))
    closest = next((each for each in around(move.source, move.here) if each in move.plan.by_source), None)
    mapped = None if closest is None else move.plan.target_of(closest)
    if mapped is not None and mapped not in enclosing:
        yield (
            f"The closest mapped ancestor '{closest}' is mapped to scope '{mapped}' which is not an ancestor of target "
            f"scope '{move.instruction.target}'"
        )
        return
    new = enclosing if mapped is None else enclosing[: enclosing.index(mapped)]
    for each in new:
        if each.endswith(BODY_SUFFIX):
            yield (
                f"Target activity '{move.instruction.target}' is a descendant of multi-instance body '{each}' that is "
                "not mapped from the source process definition."
            )


def turns_with_their_body(move: Move) -> Iterator[str]:
    inner = move.here.node.id
    if move.here.body and inner not in move.plan.by_source:
        yield "Cannot remove the inner activity of a multi-instance body when the body is mapped"


def gateways(move: Move) -> Iterator[str]:
    """No more tokens may come together than flows lead in."""
    one, other = move.here.node, move.there.node
    if not isinstance(one, ParallelGateway | InclusiveGateway) or kind(move.here) != kind(move.there):
        return
    if len(other.incoming) < len(one.incoming):
        yield (
            "The target gateway must have at least the same number of incoming sequence flows that the source gateway "
            "has"
        )
    scope = move.source.nodes[one.scope or ""]
    if scope.scope is not None and scope.id not in move.plan.by_source:
        yield f"The gateway's flow scope '{scope.id}' must be mapped"
    if sum(each.target == other.id for each in move.plan.instructions) > 1:
        yield f"Only one gateway can be mapped to gateway '{other.id}'"


def triggers(move: Move) -> Iterator[str]:
    definition = None if move.there.body else definition_of(move.there.node)
    anew = move.instruction.update_event_trigger
    if anew and (definition is None or definition.kind not in TRIGGERS):
        yield "Cannot update event trigger because the activity does not define a persistent event trigger"
    if not anew and definition is not None and definition.kind is EventKind.CONDITIONAL:
        yield (
            "Conditional event has to migrate with update event trigger: its condition stands in the process definition"
        )


RULES: tuple[Callable[[Move], Iterator[str]], ...] = (
    mapped_once,
    kind_that_moves,
    same_kind,
    same_event,
    same_event_scope,
    inside_what_is_around,
    turns_with_their_body,
    gateways,
    triggers,
)

# ---------------------------------------------------------------- kinds


def rests(node: FlowNode) -> bool:
    """Can a token, or something with tokens inside, wait there?"""
    waiting = (UserTask, ReceiveTask, CallActivity, IntermediateCatchEvent, EventBasedGateway, Scope)
    return isinstance(node, (*waiting, ParallelGateway, InclusiveGateway)) or is_external(node)


def asynchronous(node: FlowNode) -> bool:
    loop = node.multi_instance if isinstance(node, Activity) else None
    inner = loop is not None and (loop.async_before or loop.async_after)
    return node.async_before or node.async_after or inner


def kind(place: Place) -> str:
    """Two of the same kind can become one another."""
    node = place.node
    if place.body:
        loop = node.multi_instance if isinstance(node, Activity) else None
        return "standardLoop" if loop is None else f"{'sequential' if loop.sequential else 'parallel'}MultiInstance"
    if is_external(node):
        return "externalTask"
    if isinstance(node, Scope) and not isinstance(node, AdHocSubProcess):
        return "subProcess"
    return node.type


def event_kind(node: FlowNode) -> str:
    definition = definition_of(node)
    return "none" if definition is None else definition.kind.value
