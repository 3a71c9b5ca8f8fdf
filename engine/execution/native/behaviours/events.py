"""Events that catch and events that throw."""

from __future__ import annotations

from bpmn import (
    CompensationDefinition,
    ErrorDefinition,
    EscalationDefinition,
    EventKind,
    FlowNode,
    LinkDefinition,
    Scope,
    SignalDefinition,
)
from engine.errors import ExecutionFailed
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.listening import Signal
from engine.execution.native.reach import link_target
from engine.execution.native.run import Run
from engine.execution.native.state import ROOT, SHELLS, Activity


class CatchEventBehaviour(Behaviour):
    """Waits for what it catches. The catching side of a link only passes the token on."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        definition = run.definition(node)
        if definition is None or isinstance(definition, LinkDefinition):
            run.leave(activity)
        else:
            run.listen(activity, node)
            run.look_at_conditions(activity)


class SignalThrowBehaviour(Behaviour):
    """Everyone who listens hears it first; the thrower goes on only if that did not cancel it."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        definition = run.definition(node)
        if not isinstance(definition, SignalDefinition) or definition.name is None:
            raise ExecutionFailed("throws a signal without a name", node.id)
        name = run.evaluate_text(definition.name, activity)
        given = next((each.business_key for each in definition.payload if each.business_key is not None), None)
        business_key = None if given is None else run.evaluate_text(given, activity)
        payload = run.mapped(definition.payload, activity)
        run.work.throw_signal(Signal(name, payload, business_key, definition.asynchronous), run)
        run.later(run.leave, activity)


class ErrorEndBehaviour(Behaviour):
    """The innermost catcher takes over. Without one, only this branch ends."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        definition = run.definition(node)
        if not isinstance(definition, ErrorDefinition):
            raise AssertionError(f"{node.id} throws no error")
        message = None if definition.message is None else run.evaluate_text(definition.message, activity)
        run.notify("end", activity)
        if run.alive(activity) and not run.throw(activity, EventKind.ERROR, definition.code, message):
            run.leave(activity)


class EscalationThrowBehaviour(Behaviour):
    """The innermost catcher hears it; the thrower goes on unless that interrupted it."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        definition = run.definition(node)
        if not isinstance(definition, EscalationDefinition):
            raise AssertionError(f"{node.id} throws no escalation")
        run.throw(activity, EventKind.ESCALATION, definition.code)
        if run.alive(activity):
            run.later(run.leave, activity)


class LinkThrowBehaviour(Behaviour):
    """The token goes on at the catching side, in the same scope."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        target = link_target(run.model, node)
        if target is None:
            raise ExecutionFailed("no link catch event of this name", node.id)
        parent = run.parent(activity)
        run.notify("end", activity)
        if run.alive(activity):
            run.remove(activity)
            run.arrive(target, parent, undoes=activity.undoes)


class TerminateEndBehaviour(Behaviour):
    """Ends everything in the scope around it, and so the scope."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        scope = next(
            each
            for each in run.lineage(run.parent(activity))
            if each.number == ROOT or (isinstance(run.node(each), Scope) and each.role not in SHELLS)
        )
        run.notify("end", activity)
        if run.alive(activity):
            run.remove(activity)
            run.cancel(run.children(scope))
            run.leave(scope)


class CompensationThrowBehaviour(Behaviour):
    """Undoes what the scope around it, or one activity in it, has completed, and waits for that."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        definition = run.definition(node)
        if not isinstance(definition, CompensationDefinition):
            raise AssertionError(f"{node.id} throws no compensation")
        if not run.compensate(activity, definition.activity_ref):
            run.leave(activity)


class CancelEndBehaviour(Behaviour):
    """Interrupts the scope around it, undoes the transaction, then leaves that by its cancel boundary event. Reached
    again meanwhile, it interrupts what is being undone as well, and undoes what has completed since."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        run.cancel([each for each in run.children(run.parent(activity)) if each is not activity])
        if not run.compensate(activity, None):
            run.cancel_transaction(activity)

    def compensated(self, run: Run, activity: Activity, node: FlowNode) -> None:
        run.cancel_transaction(activity)
