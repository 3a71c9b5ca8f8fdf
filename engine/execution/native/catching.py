"""An event that somebody waited for has happened: the token that it moves, and what it interrupts."""

from __future__ import annotations

from bpmn import BoundaryEvent, FlowNode, Scope, StartEvent
from engine.execution.native.state import Activity
from engine.execution.native.tokens import Tokens
from engine.execution.protocol import ActivityStarted


class Catching(Tokens):
    """The layer at which events arrive."""

    def caught(self, owner: Activity, node: FlowNode) -> None:
        if isinstance(node, BoundaryEvent):
            self.caught_at_boundary(owner, node)
        elif isinstance(node, StartEvent):
            self.caught_by_event_subprocess(owner, node)
        elif owner.element == node.id:
            self.leave(owner)
        else:
            self.caught_after_gateway(owner, node)

    def caught_after_gateway(self, gateway: Activity, node: FlowNode) -> None:
        """One of the events that follow an event-based gateway: the token has moved on to it."""
        parent = self.parent(gateway)
        self.remove(gateway)
        event = self.place(node, parent, undoes=gateway.undoes)
        event.phase = ""
        self.happenings.append(ActivityStarted(event.number, parent.number, node.id))
        self.leave(event)

    def caught_at_boundary(self, host: Activity, event: BoundaryEvent) -> Activity:
        parent = self.parent(host)
        if event.interrupting:
            self.cancel([host])
        return self.arrive(event, parent, undoes=host.undoes)

    def caught_by_event_subprocess(self, scope: Activity, start_event: StartEvent) -> Activity:
        if start_event.interrupting:
            self.interrupt(scope)
        subprocess = self.model.nodes[start_event.scope or ""]
        return self.arrive(subprocess, scope, entry=start_event.id)

    def interrupt(self, scope: Activity) -> None:
        """Everything inside ends; no event subprocess of the scope listens any more."""
        self.cancel(self.children(scope))
        node = self.node(scope)
        if isinstance(node, Scope):
            self.stop_listening_for(scope, frozenset(self.event_starts(node)))
